"""A visit that was booked."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from calls.models.service import Service
from calls.states import AppointmentState


class Appointment(models.Model):
    """A patient's time with an agent, stored in UTC with the zone that was meant.

    No two booked appointments of one agent overlap: an exclusion constraint on PostgreSQL and a
    trigger on SQLite hold it (calls/migrations/0002_no_overlap.py).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="appointments")
    patient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="visits"
    )
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="appointments"
    )
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    booked_zone = models.CharField(_("booked in the time zone"), max_length=64)
    state = models.CharField(
        _("state"),
        max_length=16,
        choices=[
            (AppointmentState.BOOKED, _("Booked")),
            (AppointmentState.CANCELLED, _("Cancelled")),
            (AppointmentState.COMPLETED, _("Completed")),
        ],
        default=AppointmentState.BOOKED,
    )
    sequence = models.PositiveIntegerField(
        _("calendar revision"), default=0, help_text=_("RFC 5545 SEQUENCE; counts changes.")
    )
    created_at = models.DateTimeField(_("booked at"), auto_now_add=True)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        ordering = ("starts_at",)
        indexes = (
            # A patient's and an agent's lists, and the search for free times.
            models.Index(fields=("agent", "starts_at"), name="appointment_of_agent"),
            models.Index(fields=("patient", "starts_at"), name="appointment_of_patient"),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="appointment_has_length"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=[state.value for state in AppointmentState]),
                name="appointment_state_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(patient=models.F("agent")), name="appointment_of_two_people"
            ),
        )

    def __str__(self) -> str:
        return f"{self.service} {self.starts_at:%Y-%m-%d %H:%M} UTC"
