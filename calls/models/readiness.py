"""How ready people are for a visit: their devices and network, and an agent who is late."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.models.appointment import Appointment


class DeviceTest(models.Model):
    """What a person's browser found out about itself before a visit, when it was tested last."""

    class Outcome(models.TextChoices):
        READY = "ready", _("Ready")
        PROBLEM = "problem", _("Problem")

    appointment = models.ForeignKey(
        Appointment, on_delete=models.CASCADE, related_name="device_tests"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="device_tests"
    )
    at = models.DateTimeField(_("tested"), default=timezone.now)
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome.choices)
    # Of each part (browser, camera, microphone, speaker, network): "ok", or what is wrong.
    parts = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("device test")
        verbose_name_plural = _("device tests")
        ordering = ("-at",)
        constraints = (
            # Also what the list of a day looks up.
            models.UniqueConstraint(fields=("appointment", "person"), name="device_test_once"),
        )

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} {self.at:%Y-%m-%d %H:%M}"


class RunningLate(models.Model):
    """An agent who is behind by so many minutes, until `until` or until they say otherwise."""

    agent = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="running_late"
    )
    minutes = models.PositiveSmallIntegerField(_("minutes late"))
    said_at = models.DateTimeField(_("said"), default=timezone.now)
    until = models.DateTimeField(_("until"))

    class Meta:
        verbose_name = _("running late")
        verbose_name_plural = _("running late")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(minutes__gte=1, minutes__lte=240), name="running_late_sane"
            ),
        )

    def __str__(self) -> str:
        return f"{self.minutes}"
