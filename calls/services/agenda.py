"""Somebody's visits: which are to come, which are over, and what can be done with each now."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import Role, User
from calls.models import (
    Appointment,
    Attachment,
    CallSession,
    Participant,
    ParticipantRole,
    VisitNote,
)
from calls.permissions import appointments_for, recordings_for
from calls.services.abandoned import ABANDONED_AFTER
from calls.services.readiness import CHECK_IN_AHEAD
from calls.states import AppointmentState, CallState, ParticipantState, RecordingState

MOST_WAITING = 50


class Phase(StrEnum):
    """Where a visit stands for the people in it; follows from the rows and the clock."""

    EARLY = "early"  # booked, nobody may enter yet
    OPEN = "open"  # people may enter
    LIVE = "live"  # the two are together
    COMPLETED = "completed"
    MISSED = "missed"  # its time went by without a visit
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Visit:
    """An appointment as one of its two people sees it."""

    appointment: Appointment
    viewer: User
    now: datetime

    @property
    def call(self) -> CallSession:
        return self.appointment.call

    @property
    def other(self) -> User:
        """The person that the viewer meets."""
        appointment = self.appointment
        return appointment.patient if self.is_agent else appointment.agent

    @property
    def is_agent(self) -> bool:
        return self.appointment.agent_id == self.viewer.pk

    @property
    def opens_at(self) -> datetime:
        """The moment from which people may enter."""
        return self.appointment.starts_at - timedelta(minutes=settings.JOIN_EARLY_MINUTES)

    @property
    def phase(self) -> Phase:
        if self.appointment.state == AppointmentState.CANCELLED:
            return Phase.CANCELLED
        if self.appointment.state == AppointmentState.COMPLETED:
            return Phase.COMPLETED
        if self.appointment.state in (AppointmentState.NO_SHOW, AppointmentState.NOT_HELD):
            return Phase.MISSED
        call = self.call
        if call.state == CallState.LIVE:
            return Phase.LIVE
        if self.now < self.opens_at:
            return Phase.EARLY
        over = call.state == CallState.ENDED
        if over or self.now > self.appointment.ends_at + ABANDONED_AFTER:
            return Phase.MISSED
        return Phase.OPEN

    @property
    def is_over(self) -> bool:
        return self.phase in (Phase.COMPLETED, Phase.MISSED, Phase.CANCELLED)

    @property
    def may_join(self) -> bool:
        return self.phase in (Phase.OPEN, Phase.LIVE)

    @property
    def may_check_in(self) -> bool:
        """Whether its patient may say now that they are there, and has not."""
        soon = self.appointment.starts_at - CHECK_IN_AHEAD <= self.now < self.appointment.ends_at
        is_ahead = self.phase in (Phase.EARLY, Phase.OPEN) and soon
        return is_ahead and not self.is_agent and not self.appointment.checked_in_at

    @property
    def may_test(self) -> bool:
        return self.phase in (Phase.EARLY, Phase.OPEN)

    @property
    def may_move(self) -> bool:
        return self.phase in (Phase.EARLY, Phase.OPEN) and self.now < self.appointment.ends_at

    @property
    def may_cancel(self) -> bool:
        return self.phase in (Phase.EARLY, Phase.OPEN) and self.now < self.appointment.ends_at


@dataclass(frozen=True)
class Waiting:
    """Somebody in a waiting room; `call` is None for whoever may not open the call."""

    participant: User
    since: datetime
    call: CallSession | None
    service: str
    agent: User


def visit(appointment: Appointment, viewer: User) -> Visit:
    return Visit(appointment, viewer, timezone.now())


def upcoming(user: User) -> QuerySet[Appointment]:
    """Visits that can still take place, the next one first."""
    return appointments_for(user).filter(_to_come()).order_by("starts_at")


def past(user: User) -> QuerySet[Appointment]:
    """Visits that are over, called off or missed, the last one first; each says by `has_notes`,
    `has_files` and `has_recording` what the person finds on its page."""
    files = Attachment.objects.filter(appointment=OuterRef("pk"), answer__isnull=True)
    ready = recordings_for(user).filter(call=OuterRef("call"), state=RecordingState.READY)
    rows = appointments_for(user).annotate(
        has_notes=Exists(VisitNote.objects.filter(appointment=OuterRef("pk"))),
        has_files=Exists(files),
        has_recording=Exists(ready),
    )
    return rows.exclude(_to_come()).order_by("-starts_at")


def of_day(agent: User, zone: ZoneInfo, *, days: int = 0, count: int = 1) -> QuerySet[Appointment]:
    """The agent's visits that touch `count` days of the calendar in `zone`, from in `days` days."""
    first = timezone.now().astimezone(zone).date() + timedelta(days=days)
    start = datetime.combine(first, time(), tzinfo=zone)
    end = datetime.combine(first + timedelta(days=count), time(), tzinfo=zone)
    mine = appointments_for(agent).filter(agent=agent, starts_at__lt=end, ends_at__gt=start)
    return mine.order_by("starts_at")


def waiting(viewer: User) -> list[Waiting]:
    """Who sits in the waiting rooms of the viewer's visits, the longest first.

    Supervisors and administrators see the whole house, and open only calls of their own.
    """
    guests = Participant.objects.filter(
        call__starts_at__isnull=False,
        call__state__in=(CallState.OPEN, CallState.LIVE),
        role__in=(ParticipantRole.PATIENT, ParticipantRole.GUEST),
        state=ParticipantState.WAITING,
        waiting_since__isnull=False,
    )
    if viewer.role not in (Role.SUPERVISOR, Role.ADMINISTRATOR):
        guests = guests.filter(call__agent=viewer)
    people = ("user", "call__service", "call__agent")
    return [
        _waiting(guest, viewer)
        for guest in guests.select_related(*people).order_by("waiting_since")[:MOST_WAITING]
    ]


def _waiting(guest: Participant, viewer: User) -> Waiting:
    call = guest.call
    if not (call.service and call.agent and guest.user and guest.waiting_since):
        raise LookupError(f"participant {guest.pk} waits for nobody")
    return Waiting(
        participant=guest.user,
        since=guest.waiting_since,
        call=call if call.agent_id == viewer.pk else None,
        service=call.service.name,
        agent=call.agent,
    )


def _to_come() -> Q:
    """Booked, not ended, and not long over."""
    return Q(
        state=AppointmentState.BOOKED,
        call__state__in=(CallState.OPEN, CallState.LIVE),
        ends_at__gt=timezone.now() - ABANDONED_AFTER,
    )
