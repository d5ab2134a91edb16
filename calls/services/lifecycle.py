"""A visit from opening to end: who enters, is admitted, leaves, and when it is over."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from audit.log import record
from calls.models import Appointment, CallSession, Leg, Participant, ParticipantRole
from calls.permissions import may
from calls.protocol import FactKind
from calls.services import consent, facts
from calls.services.errors import Forbidden, WrongState
from calls.services.presence import announce, close_legs
from calls.states import (
    PARTICIPANT,
    AppointmentState,
    CallState,
    LegState,
    ParticipantState,
    sources,
)

ABANDONED_AFTER = timedelta(hours=6)


def open_call(appointment: Appointment) -> CallSession:
    """The call of a new appointment with its two participants, in the booking transaction."""
    call = CallSession.objects.create(appointment=appointment)
    Participant.objects.create(call=call, user=appointment.patient, role=ParticipantRole.PATIENT)
    Participant.objects.create(call=call, user=appointment.agent, role=ParticipantRole.AGENT)
    return call


def joins_from(call: CallSession) -> datetime | None:
    """The moment from which people may enter, or None if that is at any time."""
    if call.appointment is None:
        return None
    return call.appointment.starts_at - timedelta(minutes=settings.JOIN_EARLY_MINUTES)


def enter(leg_id: UUID, *, ref: str) -> int:
    """The person behind `leg_id` passed the device check; returns the number of the fact.

    1. Agents, and people who were admitted before, come in at once.
    2. Everyone else waits to be admitted.
    """
    leg = Leg.objects.select_related("participant__user").get(pk=leg_id)
    with facts.locked_call(leg.participant.call_id) as call:
        me = _reload(leg.participant)
        if (seq := facts.answered(call, me, ref)) is not None:
            return seq
        _check_may_enter(call, me)
        waits = me.role == ParticipantRole.PATIENT and me.state in (
            ParticipantState.INVITED,
            ParticipantState.WAITING,
        )
        now = timezone.now()
        if waits:
            me.waiting_since = me.waiting_since or now
            _move(me, ParticipantState.WAITING, waiting_since=me.waiting_since)
        else:
            _move(me, ParticipantState.ADMITTED, admitted_at=me.admitted_at or now)
        Leg.objects.filter(pk=leg_id).update(entered_at=now)
        seq = facts.append(
            call,
            FactKind.ENTERED,
            by=me,
            ref=ref,
            participant=me.pk,
            name=me.name,
            role=me.role,
            leg=leg_id,
            waiting=waits,
        )
        if not waits:
            announce(call, me)
            consent.ask_newcomer(call, me)
        return seq


def admit(participant_id: UUID, *, by: Participant, ref: str) -> int:
    """Let a waiting participant in; the call becomes live with the first one."""
    with facts.locked_call(by.call_id) as call:
        if (seq := facts.answered(call, by, ref)) is not None:
            return seq
        _check_may(by, "admit")
        guest = _of_call(call, participant_id)
        if guest.state != ParticipantState.WAITING:
            raise WrongState(f"{guest.name} is not waiting.")
        now = timezone.now()
        _move(guest, ParticipantState.ADMITTED, admitted_at=now, waiting_since=None)
        if call.state == CallState.OPEN:
            CallSession.objects.filter(pk=call.pk).update(state=CallState.LIVE, live_at=now)
        record("call.admit", actor=by.user_id, target_type="participant", target=guest.pk)
        seq = facts.append(call, FactKind.ADMITTED, by=by, ref=ref, participant=guest.pk)
        announce(call, guest)
        consent.ask_newcomer(call, guest)
        return seq


def remove(participant_id: UUID, *, by: Participant, ref: str) -> int:
    """Send somebody away for good: their sockets close and they cannot come back."""
    with facts.locked_call(by.call_id) as call:
        if (seq := facts.answered(call, by, ref)) is not None:
            return seq
        _check_may(by, "remove")
        guest = _of_call(call, participant_id)
        if guest.pk == by.pk or guest.role == ParticipantRole.RECORDER:
            raise WrongState("Only other people can be removed.")
        _move(guest, ParticipantState.REMOVED, waiting_since=None)
        record("call.remove", actor=by.user_id, target_type="participant", target=guest.pk)
        seq = facts.append(call, FactKind.REMOVED, by=by, ref=ref, participant=guest.pk)
        close_legs(call, guest, reason="removed")
        consent.withdraw_absent(call, guest)
        return seq


def leave(*, by: Participant, ref: str) -> int:
    """I go, the visit stays open: a waiting person gives up the place, an admitted one keeps it."""
    with facts.locked_call(by.call_id) as call:
        me = _reload(by)
        if (seq := facts.answered(call, me, ref)) is not None:
            return seq
        if me.state == ParticipantState.WAITING:
            _move(me, ParticipantState.INVITED, waiting_since=None)
        else:
            _move(me, ParticipantState.LEFT)
        legs = Leg.objects.filter(participant=me).exclude(state=LegState.CLOSED)
        leg_id = legs.values_list("pk", flat=True).first()
        legs.update(state=LegState.CLOSED, closed_at=timezone.now())
        return facts.append(
            call, FactKind.LEFT, by=me, ref=ref, participant=me.pk, leg=leg_id, reason="left"
        )


def end(*, by: Participant, ref: str) -> int:
    """The visit is over for all."""
    with facts.locked_call(by.call_id, open_only=False) as call:
        if (seq := facts.answered(call, by, ref)) is not None:
            return seq
        _check_may(by, "end")
        if call.state == CallState.ENDED:
            raise WrongState("The visit has already ended.")
        record("call.end", actor=by.user_id, target_type="callsession", target=call.pk)
        return _end(call, reason="agent", by=by, ref=ref)


def chat(text: str, *, by: Participant, ref: str) -> int:
    """A line of text to everyone who is or will be admitted."""
    with facts.locked_call(by.call_id) as call:
        me = _reload(by)
        if (seq := facts.answered(call, me, ref)) is not None:
            return seq
        if me.state != ParticipantState.ADMITTED:
            raise WrongState("Only people in the visit can write.")
        return facts.append(
            call, FactKind.CHAT, by=me, ref=ref, participant=me.pk, name=me.name, text=text
        )


def call_off(call: CallSession) -> int:
    """End a call whose appointment was cancelled; the caller holds it locked and it is open."""
    return _end(call, reason="cancelled")


def end_abandoned() -> int:
    """End calls whose time is long over and where nobody is connected; returns how many."""
    before = timezone.now() - ABANDONED_AFTER
    people = Participant.objects.filter(
        call=OuterRef("pk"), legs__state__in=(LegState.CONNECTED, LegState.DROPPED)
    ).exclude(role=ParticipantRole.RECORDER)
    forgotten = CallSession.objects.filter(
        ~Exists(people), ~Q(state=CallState.ENDED), appointment__ends_at__lt=before
    )
    count = 0
    for call_id in list(forgotten.values_list("pk", flat=True)[:200]):
        with facts.locked_call(call_id, open_only=False) as call:
            if call.state != CallState.ENDED:
                _end(call, reason="abandoned")
                count += 1
    return count


def _end(call: CallSession, *, reason: str, by: Participant | None = None, ref: str = "") -> int:
    was_live = call.state == CallState.LIVE
    now = timezone.now()
    consent.stop_open_recording(call, reason="ended")
    CallSession.objects.filter(pk=call.pk).update(state=CallState.ENDED, ended_at=now)
    if was_live and call.appointment_id:
        Appointment.objects.filter(pk=call.appointment_id, state=AppointmentState.BOOKED).update(
            state=AppointmentState.COMPLETED
        )
    Participant.objects.filter(call=call, state=ParticipantState.WAITING).update(
        state=ParticipantState.INVITED, waiting_since=None
    )
    # The recorder goes by itself once its last segment is safe.
    people = Leg.objects.filter(participant__call=call).exclude(
        participant__role=ParticipantRole.RECORDER
    )
    people.exclude(state=LegState.CLOSED).update(state=LegState.CLOSED, closed_at=now)
    return facts.append(call, FactKind.ENDED, by=by, ref=ref, reason=reason)


def _check_may(by: Participant, command: str) -> None:
    if not may(by, command) or _reload(by).state != ParticipantState.ADMITTED:
        raise Forbidden("Your part in this visit does not allow that.")


def _check_may_enter(call: CallSession, me: Participant) -> None:
    if me.state == ParticipantState.REMOVED:
        raise Forbidden("You were removed from this visit.")
    appointment = call.appointment
    if appointment is None:
        return
    if appointment.state == AppointmentState.CANCELLED:
        raise WrongState("The appointment was cancelled.")
    opens = joins_from(call)
    if opens is not None and timezone.now() < opens:
        raise WrongState("It is too early to join.")


def _of_call(call: CallSession, participant_id: UUID) -> Participant:
    guest = Participant.objects.filter(call=call, pk=participant_id).select_related("user").first()
    if guest is None:
        raise WrongState("Nobody with this id takes part in the visit.")
    return guest


def _reload(participant: Participant) -> Participant:
    return Participant.objects.select_related("user").get(pk=participant.pk)


def _move(participant: Participant, target: ParticipantState, **fields: object) -> None:
    """Advance a participant if the table allows it; staying where one is changes only `fields`."""
    allowed = [*sources(PARTICIPANT, target), target]
    moved = Participant.objects.filter(pk=participant.pk, state__in=allowed)
    if not moved.update(state=target, **fields):
        raise WrongState(f"{participant.name} is {participant.get_state_display()}.")
    participant.state = target
