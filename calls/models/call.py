"""A call session, the people in it, and the connections that they make."""

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from calls.models.service import Service
from calls.states import AppointmentState, CallState, LegState, ParticipantState

if TYPE_CHECKING:
    from calls.models.appointment import Appointment


class ParticipantRole(models.TextChoices):
    """What somebody is in this call, whatever their account's role."""

    PATIENT = "patient", _("Patient")
    AGENT = "agent", _("Agent")
    GUEST = "guest", _("Guest")
    RECORDER = "recorder", _("Recorder")
    SUPERVISOR = "supervisor", _("Supervisor")


class Manner(models.TextChoices):
    """How a supervisor is in a call."""

    LISTEN = "listen", _("Listens")
    WHISPER = "whisper", _("Speaks with agents only")
    JOIN = "join", _("Takes part")


# Whom somebody answers for; the others are there to work.
MAY_BE_HELD = (ParticipantRole.PATIENT, ParticipantRole.GUEST)
# Where hold lasts: who leaves comes back as they went.
HELD_IN = (ParticipantState.ADMITTED, ParticipantState.LEFT)


class CallQuerySet(models.QuerySet["CallSession"]):
    def with_people(self) -> "CallQuerySet":
        """With service, agent and those who booked, read at once."""
        return self.select_related("service", "agent").prefetch_related(
            "appointments__patient", "appointments__dependant"
        )


class CallSession(models.Model):
    """A visit in the making: it outlives every connection and ends by decision or stated rule."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.ForeignKey(
        Service, on_delete=models.PROTECT, related_name="calls", null=True, blank=True
    )
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="led_calls",
        null=True,
        blank=True,
        help_text=_("Who answers for the visit."),
    )
    # When it was planned for; empty for a call that nobody booked.
    starts_at = models.DateTimeField(_("starts"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    capacity = models.PositiveSmallIntegerField(_("places for patients"), default=1)
    seats_taken = models.PositiveSmallIntegerField(_("places taken"), default=0)
    state = models.CharField(
        _("state"),
        max_length=8,
        choices=[
            (CallState.OPEN, _("Open")),
            (CallState.LIVE, _("Live")),
            (CallState.ENDED, _("Ended")),
        ],
        default=CallState.OPEN,
    )
    last_seq = models.PositiveBigIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    live_at = models.DateTimeField(_("live since"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = CallQuerySet.as_manager()

    class Meta:
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        ordering = ("-created_at",)
        indexes = (
            # The dashboard's live calls and the sweep over calls that are not over.
            models.Index(fields=("state", "created_at"), name="call_by_state"),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=[state.value for state in CallState]),
                name="call_state_known",
            ),
            models.CheckConstraint(
                condition=models.Q(state=CallState.ENDED, ended_at__isnull=False)
                | (~models.Q(state=CallState.ENDED) & models.Q(ended_at__isnull=True)),
                name="call_ended_has_time",
            ),
            models.CheckConstraint(
                condition=models.Q(starts_at__isnull=True, ends_at__isnull=True)
                | models.Q(starts_at__isnull=False, ends_at__gt=models.F("starts_at")),
                name="call_planned_has_length",
            ),
            models.CheckConstraint(
                condition=models.Q(seats_taken__lte=models.F("capacity")),
                name="call_not_overbooked",
            ),
        )

    def __str__(self) -> str:
        return f"{self.id}"

    @property
    def booked(self) -> list["Appointment"]:
        """The visits of it that were not cancelled, or all of them if everybody cancelled."""
        every = list(self.appointments.all())
        return [one for one in every if one.state != AppointmentState.CANCELLED] or every

    @property
    def appointment(self) -> "Appointment | None":
        """The one visit that it is for; None for a group and for a call that nobody booked."""
        booked = self.booked
        return booked[0] if len(booked) == 1 else None

    @property
    def patient_names(self) -> str:
        """Whom it is for, as a list of names; empty if nobody booked it."""
        return ", ".join(visit.visitor_name for visit in self.booked)


class Participant(models.Model):
    """Somebody's place in a call."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    call = models.ForeignKey(CallSession, on_delete=models.CASCADE, related_name="participants")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="participations",
        null=True,
        blank=True,
    )
    role = models.CharField(_("role"), max_length=16, choices=ParticipantRole.choices)
    state = models.CharField(
        _("state"),
        max_length=16,
        choices=[
            (ParticipantState.INVITED, _("Invited")),
            (ParticipantState.WAITING, _("Waiting")),
            (ParticipantState.ADMITTED, _("Admitted")),
            (ParticipantState.LEFT, _("Left")),
            (ParticipantState.REMOVED, _("Removed")),
        ],
        default=ParticipantState.INVITED,
    )
    waiting_since = models.DateTimeField(_("waiting since"), null=True, blank=True)
    admitted_at = models.DateTimeField(_("admitted"), null=True, blank=True)
    held_at = models.DateTimeField(_("on hold since"), null=True, blank=True)
    manner = models.CharField(
        _("manner of supervising"), max_length=8, choices=Manner.choices, blank=True
    )

    class Meta:
        verbose_name = _("participant")
        verbose_name_plural = _("participants")
        constraints = (
            models.UniqueConstraint(
                fields=("call", "user"),
                condition=models.Q(user__isnull=False),
                name="participant_once_per_call",
            ),
            models.UniqueConstraint(
                fields=("call",),
                condition=models.Q(role=ParticipantRole.RECORDER),
                name="participant_one_recorder",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=[state.value for state in ParticipantState]),
                name="participant_state_known",
            ),
            models.CheckConstraint(
                condition=models.Q(held_at__isnull=True)
                | models.Q(state__in=HELD_IN, role__in=MAY_BE_HELD),
                name="participant_held_is_admitted",
            ),
            models.CheckConstraint(
                condition=models.Q(role=ParticipantRole.SUPERVISOR, manner__in=Manner.values)
                | (~models.Q(role=ParticipantRole.SUPERVISOR) & models.Q(manner="")),
                name="participant_supervisor_has_manner",
            ),
            models.CheckConstraint(
                condition=models.Q(role=ParticipantRole.RECORDER, user__isnull=True)
                | (~models.Q(role=ParticipantRole.RECORDER) & models.Q(user__isnull=False)),
                name="participant_is_user_or_recorder",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def only_supervises(self) -> bool:
        """In the call without taking part: heard by agents at most, recorded by nobody."""
        return self.role == ParticipantRole.SUPERVISOR and self.manner != Manner.JOIN

    @property
    def name(self) -> str:
        return self.user.display_name if self.user else str(_("Recorder"))


class Leg(models.Model):
    """One connection of one participant; at most one of them is open at a time, the newest."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="legs")
    state = models.CharField(
        _("state"),
        max_length=16,
        choices=[
            (LegState.CONNECTED, _("Connected")),
            (LegState.DROPPED, _("Reconnecting")),
            (LegState.CLOSED, _("Closed")),
        ],
        default=LegState.CONNECTED,
    )
    # Counts the sockets that this leg has had: a late goodbye of an older socket changes nothing.
    epoch = models.PositiveIntegerField(default=1)
    connected_at = models.DateTimeField(_("connected"), auto_now_add=True)
    seen_at = models.DateTimeField(_("last seen"))
    # Set while the person is past the device check: only then do others learn of the leg.
    entered_at = models.DateTimeField(_("entered"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        verbose_name = _("leg")
        verbose_name_plural = _("legs")
        ordering = ("connected_at",)
        indexes = (
            # The sweep for connections that stopped answering.
            models.Index(
                fields=("state", "seen_at"),
                condition=~models.Q(state=LegState.CLOSED),
                name="leg_open_by_seen",
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("participant",),
                condition=~models.Q(state=LegState.CLOSED),
                name="leg_one_open_per_participant",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=[state.value for state in LegState]),
                name="leg_state_known",
            ),
        )

    def __str__(self) -> str:
        return f"{self.id}"
