"""Calls and places in them, and the time that they take; the database refuses what does not fit."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from calls.models import (
    Appointment,
    CallSession,
    Participant,
    ParticipantRole,
    Service,
    SlotOffer,
    TakenTime,
)
from calls.services import facts
from calls.services.scheduling.errors import PatientBusy, SlotTaken
from calls.states import CallState, ParticipantState

# Both databases name it in their refusal (calls/migrations/0011_taken_time.py).
NO_OVERLAP = "taken_time_no_overlap"


def lock_people(*people: UUID) -> None:
    """Within the transaction nobody else books, moves or takes off time of these people.

    In the order of their ids, so that two who lock the same never wait for each other.
    """
    rows = User.objects.select_for_update(no_key=True).order_by("pk")
    list(rows.filter(pk__in=people).values_list("pk"))


def open_call(
    service: Service, agent: User, starts_at: datetime, *, offer: SlotOffer | None = None
) -> CallSession:
    """A call with its agent in it, whose time with the service's buffers is the agent's no more.

    A time that was kept for somebody (`offer`) is given over to it. Raises SlotTaken.
    """
    ends_at = starts_at + service.length
    call = CallSession.objects.create(
        service=service,
        agent=agent,
        starts_at=starts_at,
        ends_at=ends_at,
        capacity=service.capacity,
    )
    Participant.objects.create(call=call, user=agent, role=ParticipantRole.AGENT)
    if offer is not None:
        TakenTime.objects.filter(offer=offer).delete()
    take_for_call(call)
    return call


def take_for_call(call: CallSession) -> None:
    """The time of the call's agent, with the buffers of its service. Raises SlotTaken."""
    service, agent_id, starts_at, ends_at = _plan(call)
    before = timedelta(minutes=service.buffer_before_minutes)
    after = timedelta(minutes=service.buffer_after_minutes)
    with _no_overlap(SlotTaken):
        TakenTime.objects.filter(call=call).delete()
        TakenTime.objects.create(
            call=call,
            person_id=agent_id,
            starts_at=starts_at - before,
            ends_at=ends_at + after,
        )


def replan(call: CallSession, agent: User, starts_at: datetime) -> CallSession:
    """The call at another time and perhaps with another agent. Raises SlotTaken."""
    service, old_agent, _start, _end = _plan(call)
    CallSession.objects.filter(pk=call.pk).update(
        agent=agent, starts_at=starts_at, ends_at=starts_at + service.length
    )
    call.refresh_from_db()
    if agent.pk != old_agent:
        Participant.objects.filter(call=call, user=old_agent).update(state=ParticipantState.REMOVED)
        Participant.objects.update_or_create(
            call=call,
            user=agent,
            defaults={"role": ParticipantRole.AGENT, "state": ParticipantState.INVITED},
        )
    take_for_call(call)
    return call


def seat(call: CallSession) -> None:
    """One place of the call is taken. Raises SlotTaken if it is full or over."""
    if not CallSession.objects.filter(
        pk=call.pk, state=CallState.OPEN, seats_taken__lt=F("capacity")
    ).update(seats_taken=F("seats_taken") + 1):
        raise SlotTaken


def give_place(call: CallSession, patient: User, *, zone: ZoneInfo, **facts: object) -> Appointment:
    """A new appointment in the call; `facts` are further fields of it.

    Raises SlotTaken if the call is full, PatientBusy if the patient is somewhere else then.
    """
    service, agent_id, starts_at, ends_at = _plan(call)
    seat(call)
    appointment = Appointment.objects.create(
        call=call,
        service=service,
        patient=patient,
        agent_id=agent_id,
        starts_at=starts_at,
        ends_at=ends_at,
        booked_zone=zone.key,
        booked_offset_minutes=offset_minutes(starts_at, zone),
        planned_at=timezone.now(),
        **facts,
    )
    take_for_patient(appointment)
    Participant.objects.update_or_create(
        call=call,
        user=patient,
        defaults={"role": ParticipantRole.PATIENT, "state": ParticipantState.INVITED},
    )
    return appointment


def take_for_patient(appointment: Appointment) -> None:
    """The time of the patient. Raises PatientBusy."""
    with _no_overlap(PatientBusy):
        TakenTime.objects.filter(appointment=appointment).delete()
        TakenTime.objects.create(
            appointment=appointment,
            person_id=appointment.patient_id,
            starts_at=appointment.starts_at,
            ends_at=appointment.ends_at,
        )


def give_up_place(appointment: Appointment) -> int:
    """The patient's place and time become free; returns how many others are still booked.

    The agent's time stays taken while somebody is.
    """
    TakenTime.objects.filter(appointment=appointment).delete()
    CallSession.objects.filter(pk=appointment.call_id).update(seats_taken=F("seats_taken") - 1)
    left = CallSession.objects.values_list("seats_taken", flat=True).get(pk=appointment.call_id)
    if not left:
        TakenTime.objects.filter(call=appointment.call_id).delete()
    return left


def open_group(service: Service, agent_id: UUID, starts_at: datetime) -> CallSession | None:
    """The group at that time that has a place left, locked, or None."""
    found = group_at(service, agent_id, starts_at)
    return facts.lock_calls([found])[found] if found else None


def group_at(
    service: Service, agent_id: UUID, starts_at: datetime, *, beside: UUID | None = None
) -> UUID | None:
    """The call of the group at that time that has a place left; another one than `beside`.

    It stays so for as long as its agent is locked.
    """
    if not service.is_group:
        return None
    groups = CallSession.objects.filter(
        service=service,
        agent=agent_id,
        starts_at=starts_at,
        state=CallState.OPEN,
        seats_taken__gt=0,
        seats_taken__lt=F("capacity"),
    )
    if beside is not None:
        groups = groups.exclude(pk=beside)
    return groups.values_list("pk", flat=True).first()


def offset_minutes(moment: datetime, zone: ZoneInfo) -> int:
    """How far the clocks of `zone` are ahead of UTC at `moment`."""
    offset = moment.astimezone(zone).utcoffset() or timedelta()
    return int(offset.total_seconds()) // 60


def _plan(call: CallSession) -> tuple[Service, UUID, datetime, datetime]:
    """The service of a booked call, its agent, its start and its end."""
    if not (call.service and call.agent_id and call.starts_at and call.ends_at):
        raise LookupError(f"call {call.pk} was not booked")
    return call.service, call.agent_id, call.starts_at, call.ends_at


@contextmanager
def _no_overlap(refusal: type[SlotTaken] | type[PatientBusy]) -> Iterator[None]:
    """Raise `refusal` if the database says that somebody's time is taken."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if NO_OVERLAP in str(error):
            raise refusal from error
        raise
