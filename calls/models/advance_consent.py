"""Consent to a recording that was said before the visit."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.models.appointment import Appointment


class AdvanceConsent(models.Model):
    """What one person said ahead to the recording of one visit, with the wording that they saw."""

    appointment = models.ForeignKey(
        Appointment, on_delete=models.PROTECT, related_name="advance_consents"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="advance_consents"
    )
    granted = models.BooleanField(_("agreed"))
    text_version = models.CharField(_("text version"), max_length=32)
    language = models.CharField(_("language"), max_length=16)
    at = models.DateTimeField(_("said"), default=timezone.now)

    class Meta:
        verbose_name = _("consent before the visit")
        verbose_name_plural = _("consents before the visit")
        constraints = (
            models.UniqueConstraint(fields=("appointment", "person"), name="advance_consent_once"),
        )

    def __str__(self) -> str:
        return f"{self.appointment_id} {self.granted}"


class StandingConsent(models.Model):
    """An agent's agreement to every scheduled recording of their visits, until taken back."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="standing_consent"
    )
    text_version = models.CharField(_("text version"), max_length=32)
    language = models.CharField(_("language"), max_length=16)
    at = models.DateTimeField(_("said"), default=timezone.now)

    class Meta:
        verbose_name = _("standing consent")
        verbose_name_plural = _("standing consents")

    def __str__(self) -> str:
        return f"{self.person_id}"
