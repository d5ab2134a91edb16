"""A visit that was booked."""

import uuid

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Dependant
from calls.models.call import CallSession
from calls.models.service import RecordingPolicy, Service
from calls.states import AppointmentState

REASON_LENGTH = 500


class Appointment(models.Model):
    """A patient's place in a visit, stored in UTC with the zone and the wall-clock time meant.

    Several share one call where the service is for a group. That nobody is in two places at once
    is held by `TakenTime`, that no group is too large by the call's `seats_taken`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    call = models.ForeignKey(CallSession, on_delete=models.PROTECT, related_name="appointments")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="appointments")
    patient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="visits"
    )
    dependant = models.ForeignKey(
        Dependant,
        on_delete=models.PROTECT,
        related_name="visits",
        null=True,
        blank=True,
        help_text=_("Whom the visit is for, where the patient's account books for somebody else."),
    )
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="appointments"
    )
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    booked_zone = models.CharField(_("booked in the time zone"), max_length=64)
    # With `starts_at` it gives the wall-clock time that was meant, whatever a zone's rules become.
    booked_offset_minutes = models.SmallIntegerField(
        _("minutes ahead of UTC when it was booked"), default=0
    )
    state = models.CharField(
        _("state"),
        max_length=16,
        choices=[
            (AppointmentState.BOOKED, _("Booked")),
            (AppointmentState.CANCELLED, _("Cancelled")),
            (AppointmentState.COMPLETED, _("Completed")),
            (AppointmentState.NO_SHOW, _("Missed")),
            (AppointmentState.NOT_HELD, _("Did not take place")),
        ],
        default=AppointmentState.BOOKED,
    )
    sequence = models.PositiveIntegerField(
        _("calendar revision"), default=0, help_text=_("RFC 5545 SEQUENCE; counts changes.")
    )
    reason = models.TextField(
        _("reason for the visit"), blank=True, validators=[MaxLengthValidator(REASON_LENGTH)]
    )
    recording_policy = models.CharField(
        _("recording"),
        max_length=8,
        choices=RecordingPolicy.choices,
        blank=True,
        help_text=_("Empty: as the service says."),
    )
    series = models.UUIDField(_("series"), null=True, blank=True, db_index=True)
    follow_up_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="follow_ups"
    )
    created_at = models.DateTimeField(_("booked at"), auto_now_add=True)
    # Since when it has the time that it has: when it was booked, or moved the last time.
    planned_at = models.DateTimeField(_("planned at"), default=timezone.now)
    booked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    checked_in_at = models.DateTimeField(_("checked in"), null=True, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        ordering = ("starts_at",)
        indexes = (
            # A patient's and an agent's lists.
            models.Index(fields=("agent", "starts_at"), name="appointment_of_agent"),
            models.Index(fields=("patient", "starts_at"), name="appointment_of_patient"),
            # The sweeps over what is to come or still to be decided, and the day's list.
            models.Index(
                fields=("starts_at",),
                condition=models.Q(state=AppointmentState.BOOKED),
                name="appointment_booked",
            ),
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
            models.UniqueConstraint(
                fields=("call", "patient"),
                condition=models.Q(state=AppointmentState.BOOKED),
                name="appointment_once_per_call",
            ),
        )

    def __str__(self) -> str:
        return f"{self.service} {self.starts_at:%Y-%m-%d %H:%M} UTC"

    @property
    def visitor_name(self) -> str:
        """Whom the visit is for."""
        return self.dependant.display_name if self.dependant else self.patient.display_name

    @property
    def effective_policy(self) -> RecordingPolicy:
        """The recording policy of this visit: its own, else the service's."""
        return RecordingPolicy(self.recording_policy or self.service.recording_policy)
