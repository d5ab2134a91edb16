"""What can be booked, and when who offers it."""

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class RecordingPolicy(models.TextChoices):
    NEVER = "never", _("Never recorded")
    ASK = "ask", _("Ask in the visit")


class RecordingQuality(models.TextChoices):
    """What a browser sends to the recorder, apart from what it sends to the others."""

    AUDIO = "audio", _("Sound only")
    SMALL = "small", _("Small picture (360p)")
    FULL = "full", _("Full picture")


class Service(models.Model):
    """One kind of visit."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(pgettext_lazy("service", "name"), max_length=120)
    description = models.CharField(_("description"), max_length=500, blank=True)
    duration_minutes = models.PositiveSmallIntegerField(
        _("length in minutes"), validators=[MinValueValidator(5), MaxValueValidator(480)]
    )
    agents = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name=_("agents"), related_name="services", blank=True
    )
    recording_policy = models.CharField(
        _("recording"), max_length=8, choices=RecordingPolicy.choices, default=RecordingPolicy.ASK
    )
    recording_quality = models.CharField(
        _("picture in recordings"),
        max_length=8,
        choices=RecordingQuality.choices,
        default=RecordingQuality.SMALL,
    )
    retention_days = models.PositiveIntegerField(
        _("recordings are kept for days"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(36_500)],
        help_text=_("Empty: until somebody deletes them."),
    )
    deletion_needs_two = models.BooleanField(
        _("two people must agree to delete a recording"), default=False
    )
    is_active = models.BooleanField(_("can be booked"), default=True)

    class Meta:
        verbose_name = _("service")
        verbose_name_plural = _("services")
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(duration_minutes__gte=5, duration_minutes__lte=480),
                name="service_length_sane",
            ),
            models.CheckConstraint(
                condition=models.Q(retention_days__isnull=True) | models.Q(retention_days__gte=1),
                name="service_retention_sane",
            ),
        )

    def __str__(self) -> str:
        return self.name


class Availability(models.Model):
    """A weekly shift in the agent's own time zone; `weekday` counts from Monday = 0."""

    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="availability"
    )
    weekday = models.PositiveSmallIntegerField(
        _("weekday"),
        choices=[
            (0, _("Monday")),
            (1, _("Tuesday")),
            (2, _("Wednesday")),
            (3, _("Thursday")),
            (4, _("Friday")),
            (5, _("Saturday")),
            (6, _("Sunday")),
        ],
    )
    starts = models.TimeField(_("from"))
    ends = models.TimeField(_("until"))

    class Meta:
        verbose_name = _("weekly availability")
        verbose_name_plural = _("weekly availability")
        ordering = ("agent", "weekday", "starts")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(weekday__gte=0, weekday__lte=6), name="availability_weekday"
            ),
            models.CheckConstraint(
                condition=models.Q(ends__gt=models.F("starts")), name="availability_has_length"
            ),
            models.UniqueConstraint(
                fields=("agent", "weekday", "starts"), name="availability_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.starts:%H:%M}-{self.ends:%H:%M}"
