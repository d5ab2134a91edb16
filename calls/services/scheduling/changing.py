"""Moving a visit to another time and calling it off."""

from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import F
from django.utils import timezone

from accounts.models import User
from audit.log import record
from calls.models import Appointment, CallSession, Invitation, Participant, ParticipantRole
from calls.permissions import appointments_to_change_for
from calls.services import invitations, lifecycle
from calls.services.notices import notify
from calls.services.scheduling import booking, places, waiting_list
from calls.services.scheduling.errors import (
    BookingError,
    NoPlaceForGuests,
    NotCancellable,
    NotMovable,
    PatientBusy,
    SlotTaken,
    TooLateToChange,
    UnderWay,
)
from calls.services.scheduling.free_times import Supply, next_free
from calls.services.scheduling.locking import locked
from calls.states import (
    APPOINTMENT,
    AppointmentState,
    CallState,
    ParticipantState,
    sources,
)


def is_in_time(appointment: Appointment) -> bool:
    """Whether its patient may still move or cancel it, by the notice of its service."""
    notice = timedelta(minutes=appointment.service.change_notice_minutes)
    return not notice or timezone.now() <= appointment.starts_at - notice


def cancel(appointment: Appointment, by: User) -> None:
    """Call off a visit that has not begun; its calendar entry gets the next revision.

    Raises UnderWay while people are in the visit, NotCancellable when it is over or called off,
    TooLateToChange for a patient within the notice of the service.
    """
    with locked(appointment) as (call, _group):
        _check_in_time(appointment, by)
        if call.state == CallState.LIVE:
            raise UnderWay
        _cancel(appointment, by)
        others = places.give_up_place(appointment)
        # Before the links of its guests are dead.
        guests = invitations.standing(call, by=appointment.patient if others else None)
        notify.cancelled(appointment, by=by, guests=guests)
        if others:
            invitations.revoke_all(call, by=appointment.patient)
            _send_away(call, appointment)
        elif call.state == CallState.OPEN:
            lifecycle.call_off(call)
    # Not while the call is locked: whoever offers locks people first.
    waiting_list.offer_next(appointment.service)


def cancel_with_rest(appointment: Appointment, by: User) -> int:
    """Call off the visit and all of its series that are to come after it and that `by` may change,
    each by itself; returns how many there were.

    Raises what `cancel` raises for the first; a later one that cannot be called off stays.
    """
    later = appointments_to_change_for(by).filter(
        series=appointment.series,
        series__isnull=False,
        state=AppointmentState.BOOKED,
        starts_at__gt=appointment.starts_at,
    )
    rest = list(later.order_by("starts_at"))
    cancel(appointment, by)
    count = 1
    for visit in rest:
        with suppress(BookingError):
            cancel(visit, by)
            count += 1
    return count


def move(
    appointment: Appointment,
    agent: User | None,
    *,
    starts_at: datetime,
    zone: ZoneInfo,
    by: User,
) -> Appointment:
    """The visit at another time, with `agent` or whoever is free then, its own agent first.

    1. What was asked for is checked as for a new visit; its own time counts as free.
    2. The call goes with it, unless others share it or the new time has a group already.
    3. Its calendar entry gets the next revision, both people are told, and the time that became
       free is offered to the waiting list.

    Raises a BookingError that says what is wrong; SlotTaken carries the next free times.
    """
    _check_in_time(appointment, by)
    supply = _supply(appointment, agent, starts_at=starts_at, by=by)
    refusal: BookingError | None = None
    for agent_id in _own_first(supply.free_at(starts_at), appointment):
        chosen = supply.agents[agent_id]
        try:
            with locked(appointment, to=(chosen, starts_at)) as (call, group):
                before = appointment.starts_at
                _check_in_time(appointment, by)
                _check_movable(appointment, call)
                target = _target(appointment, call, group, to=(chosen, starts_at))
                guests = _move(appointment, call, target, zone)
                record(
                    "appointment.move",
                    actor=by.pk,
                    target_type="appointment",
                    target=appointment.pk,
                    before=before.isoformat(),
                    starts_at=starts_at.isoformat(),
                )
                notify.moved(appointment, before=before, guests=guests)
        except SlotTaken:
            continue
        except NoPlaceForGuests as error:
            refusal = error
            continue
        waiting_list.offer_next(appointment.service)
        return appointment
    raise refusal or SlotTaken(next_free(appointment.service, agent, after=starts_at))


def check(appointment: Appointment, agent: User | None, *, starts_at: datetime, by: User) -> None:
    """Raise what `move` would raise now; nothing is promised for a moment later."""
    _check_in_time(appointment, by)
    _check_movable(appointment, appointment.call)
    supply = _supply(appointment, agent, starts_at=starts_at, by=by)
    _check_patient(appointment, starts_at)
    if not supply.free_at(starts_at):
        raise SlotTaken(next_free(appointment.service, agent, after=starts_at))


def _supply(
    appointment: Appointment, agent: User | None, *, starts_at: datetime, by: User
) -> Supply:
    """What is offered around `starts_at`, the visit's own time counted as free.

    Raises a BookingError if nobody offers that time.
    """
    return booking.offered_at(
        appointment.patient,
        agent,
        service=appointment.service,
        starts_at=starts_at,
        soon=by.pk != appointment.patient_id,
        moving=appointment,
    )


def _check_in_time(appointment: Appointment, by: User) -> None:
    """Raise TooLateToChange for a patient within the notice of the service."""
    if by.pk == appointment.patient_id and not is_in_time(appointment):
        raise TooLateToChange


def _own_first(agent_ids: list[UUID], appointment: Appointment) -> list[UUID]:
    return sorted(agent_ids, key=lambda pk: pk != appointment.agent_id)


def _check_movable(appointment: Appointment, call: CallSession) -> None:
    waiting = Participant.objects.filter(call=call, state=ParticipantState.WAITING)
    booked = appointment.state == AppointmentState.BOOKED and call.state == CallState.OPEN
    if not booked or appointment.ends_at <= timezone.now() or waiting.exists():
        raise NotMovable


def _move(
    appointment: Appointment, call: CallSession, target: CallSession, zone: ZoneInfo
) -> list[Invitation]:
    """The visit, which was in `call`, is in `target` and at its time; returns the guests who go
    along. Raises NoPlaceForGuests."""
    starts_at = target.starts_at
    assert starts_at
    Appointment.objects.filter(pk=appointment.pk).update(
        call=target,
        agent=target.agent_id,
        starts_at=starts_at,
        ends_at=starts_at + appointment.service.length,
        booked_zone=zone.key,
        booked_offset_minutes=places.offset_minutes(starts_at, zone),
        checked_in_at=None,
        planned_at=timezone.now(),
        sequence=F("sequence") + 1,
    )
    appointment.refresh_from_db()
    places.take_for_patient(appointment)
    if target.pk == call.pk:
        return invitations.standing(call)
    if call.seats_taken > 1:
        _send_away(call, appointment)
        return invitations.move(call, target, by=appointment.patient)
    guests = invitations.move(call, target)
    # Not before the visit has left it: a call that ends decides about those that are in it.
    lifecycle.call_off(call)
    return guests


def _target(
    appointment: Appointment,
    call: CallSession,
    group: CallSession | None,
    *,
    to: tuple[User, datetime],
) -> CallSession:
    """The call that the visit will be in: its own at the new time, or another with a place for it.

    Raises PatientBusy or SlotTaken.
    """
    agent, starts_at = to
    _check_patient(appointment, starts_at)
    others = call.seats_taken - 1
    if (call.agent_id, call.starts_at) == (agent.pk, starts_at):
        return call if others else places.replan(call, agent, starts_at)
    if not others and group is None:
        if call.agent_id != agent.pk:
            links = Invitation.objects.filter(call=call)
            invitations.hand_over(links, before=call.agent_id, to=agent.pk)
        return places.replan(call, agent, starts_at)
    places.give_up_place(appointment)
    target = group or places.open_call(appointment.service, agent, starts_at)
    places.seat(target)
    Participant.objects.update_or_create(
        call=target,
        user_id=appointment.patient_id,
        defaults={"role": ParticipantRole.PATIENT, "state": ParticipantState.INVITED},
    )
    return target


def _check_patient(appointment: Appointment, starts_at: datetime) -> None:
    ends_at = starts_at + appointment.service.length
    if booking.patient_is_busy(appointment.patient, starts_at, ends_at, moving=appointment):
        raise PatientBusy


def _send_away(call: CallSession, appointment: Appointment) -> None:
    """The place in a group is given up: the patient may not enter it any more."""
    Participant.objects.filter(call=call, user=appointment.patient_id).update(
        state=ParticipantState.REMOVED, waiting_since=None, held_at=None
    )


def _cancel(appointment: Appointment, by: User) -> None:
    now = timezone.now()
    cancelled = Appointment.objects.filter(
        pk=appointment.pk,
        state__in=sources(APPOINTMENT, AppointmentState.CANCELLED),
        ends_at__gt=now,
    ).update(
        state=AppointmentState.CANCELLED,
        cancelled_at=now,
        cancelled_by=by,
        sequence=F("sequence") + 1,
    )
    if not cancelled:
        raise NotCancellable
    record("appointment.cancel", actor=by.pk, target_type="appointment", target=appointment.pk)
    appointment.refresh_from_db()
