"""A visit from opening to end: who enters, is admitted, leaves, and when it is over."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from audit.log import record
from calls.models import CallSession, Leg, Participant, ParticipantRole
from calls.models.call import MAY_BE_HELD
from calls.permissions import NOT_YOURS, may
from calls.protocol import FactKind
from calls.services import consent, facts, presence, settling
from calls.services.desk import alerts, finishing
from calls.services.errors import Forbidden, Gone, WrongState
from calls.services.hosting import guest_in, host_in, open_room, take_seat
from calls.services.rooms import Room, Seat
from calls.states import CallState, LegState, ParticipantState

logger = logging.getLogger(__name__)


def joins_from(call: CallSession) -> datetime | None:
    """The moment from which people may enter, or None if that is at any time."""
    return opening(call.starts_at) if call.starts_at else None


def opening(starts_at: datetime) -> datetime:
    """The moment from which people may enter a call that is planned for `starts_at`."""
    return starts_at - timedelta(minutes=settings.JOIN_EARLY_MINUTES)


@dataclass(frozen=True, slots=True)
class Enter:
    """The person behind a leg passed the device check."""

    call_id: UUID
    participant_id: UUID
    leg_id: UUID
    ref: str


@dataclass(frozen=True, slots=True)
class Leave:
    """A person goes, the visit stays open; `leg_id` is where they say so."""

    call_id: UUID
    participant_id: UUID
    leg_id: UUID
    ref: str


def enter(room: Room, change: Enter) -> int:
    """Take the person in; returns the number of the fact.

    1. Agents, and people who were admitted before, come in at once, on hold if they were.
    2. Everyone else waits to be admitted.
    """
    me = _seat(room, change.participant_id)
    _check_may_enter(me.state, room)
    if me.leg is None or me.leg.pk != change.leg_id:
        raise WrongState("Another tab of yours is in the visit now.")
    waits = me.role in (ParticipantRole.PATIENT, ParticipantRole.GUEST) and me.state in (
        ParticipantState.INVITED,
        ParticipantState.WAITING,
    )
    if waits:
        take_seat(room, me, ParticipantState.WAITING, waiting_since=me.waiting_since or room.now)
    else:
        take_seat(room, me, ParticipantState.ADMITTED, admitted_at=me.admitted_at or room.now)
    me.leg.entered_at = room.now
    room.writes.update(Leg, me.leg.pk, entered_at=room.now)
    seq = room.append(
        FactKind.ENTERED,
        by=me,
        ref=change.ref,
        participant=me.pk,
        name=me.name,
        role=me.role,
        leg=me.leg.pk,
        waiting=waits,
    )
    if not waits and me.leg.state == LegState.CONNECTED:
        room.append_joined(me, me.leg.pk, waiting=False)
    return seq


def leave(room: Room, change: Leave) -> int:
    """A waiting person gives up the place, an admitted one keeps it, on hold too; returns the
    fact's number."""
    me = _seat(room, change.participant_id)
    if me.leg and me.leg.pk != change.leg_id:
        raise WrongState("You are in the visit in another tab.")
    if me.state == ParticipantState.WAITING:
        take_seat(room, me, ParticipantState.INVITED, waiting_since=None)
    else:
        take_seat(room, me, ParticipantState.LEFT)
    leg_id = me.leg.pk if me.leg else None
    if leg_id:
        room.writes.update(Leg, leg_id, state=LegState.CLOSED, closed_at=room.now)
    me.leg = None
    return room.append(
        FactKind.LEFT, by=me, ref=change.ref, participant=me.pk, leg=leg_id, reason="left"
    )


def admit(participant_id: UUID, *, by: Participant, ref: str) -> int:
    """Let a waiting participant in; the call becomes live with the first one."""
    with transaction.atomic():
        with open_room(by.call_id) as room:
            if (seq := facts.answered(by, ref)) is not None:
                return seq
            me, guest = host_in(room, by, "admit"), guest_in(room, participant_id)
            if guest.state != ParticipantState.WAITING:
                raise WrongState(f"{guest.name} is not waiting.")
            record("call.admit", actor=by.user_id, target_type="participant", target=guest.pk)
            seq = let_in(room, guest, by=me, ref=ref)
        if call := consent.asked_in(by.call_id):
            consent.ask_newcomer(call, Participant.objects.get(pk=guest.pk))
        return seq


def let_in(room: Room, guest: Seat, *, by: Seat, ref: str = "") -> int:
    """Somebody is admitted, who waits or is still to come; returns the number of the fact."""
    take_seat(room, guest, ParticipantState.ADMITTED, admitted_at=room.now, waiting_since=None)
    if room.state == CallState.OPEN:
        room.writes.update(CallSession, room.pk, state=CallState.LIVE, live_at=room.now)
        room.state, room.live_at = CallState.LIVE, room.now
    seq = room.append(FactKind.ADMITTED, by=by, ref=ref, participant=guest.pk)
    if guest.leg and guest.leg.entered_at and guest.leg.state == LegState.CONNECTED:
        room.append_joined(guest, guest.leg.pk, waiting=False)
    return seq


def remove(participant_id: UUID, *, by: Participant, ref: str) -> int:
    """Send somebody away for good: their sockets close and they cannot come back."""
    with transaction.atomic():
        with open_room(by.call_id) as room:
            if (seq := facts.answered(by, ref)) is not None:
                return seq
            me, guest = host_in(room, by, "remove"), guest_in(room, participant_id)
            if guest is me or guest.role == ParticipantRole.RECORDER:
                raise WrongState("Only other people can be removed.")
            take_seat(room, guest, ParticipantState.REMOVED, waiting_since=None, held_at=None)
            record("call.remove", actor=by.user_id, target_type="participant", target=guest.pk)
            seq = room.append(FactKind.REMOVED, by=me, ref=ref, participant=guest.pk)
            if guest.leg:
                presence.close(room, guest, guest.leg, reason="removed")
        if call := consent.asked_in(by.call_id):
            consent.withdraw_absent(call, Participant.objects.get(pk=guest.pk))
        return seq


def withdraw_place(participant: Participant) -> None:
    """Take somebody's place away, whoever is in the call; nothing if it is over."""
    try:
        with transaction.atomic():
            with open_room(participant.call_id) as room:
                seat = guest_in(room, participant.pk)
                take_seat(room, seat, ParticipantState.REMOVED, waiting_since=None, held_at=None)
                room.append(FactKind.REMOVED, by=seat, participant=seat.pk)
                if seat.leg:
                    presence.close(room, seat, seat.leg, reason="removed")
            if call := consent.asked_in(participant.call_id):
                consent.withdraw_absent(call, Participant.objects.get(pk=participant.pk))
    except (WrongState, Gone):
        logger.info("place %s was not there to take away", participant.pk)


def end(*, by: Participant, ref: str) -> int:
    """The visit is over for all."""
    with facts.locked_call(by.call_id, open_only=False) as call:
        if (seq := facts.answered(by, ref)) is not None:
            return seq
        _check_may(by, "end")
        if call.state == CallState.ENDED:
            raise WrongState("The visit has already ended.")
        record("call.end", actor=by.user_id, target_type="callsession", target=call.pk)
        return end_call(call, reason="agent", by=by, ref=ref)


def chat(text: str, *, by: Participant, ref: str) -> int:
    """A line of text to everyone who is or will be admitted; who is on hold never reads it."""
    with facts.locked_call(by.call_id) as call:
        me = _reload(by)
        if (seq := facts.answered(me, ref)) is not None:
            return seq
        if me.state != ParticipantState.ADMITTED:
            raise WrongState("Only people in the visit can write.")
        said = {"participant": me.pk, "name": me.name, "text": text, **_kept_from(me)}
        seq = facts.append(call, FactKind.CHAT, by=me, ref=ref, **said)
        alerts.watch_chat(call, text, by=me)
        return seq


def _kept_from(writer: Participant) -> dict[str, list[str]]:
    """Who is not to read what `writer` says now, as a fact's data has it (news.is_hidden)."""
    apart = Q(held_at__isnull=False)
    if writer.only_supervises:
        apart |= Q(role__in=MAY_BE_HELD)
    others = Participant.objects.filter(apart, call=writer.call_id).exclude(pk=writer.pk)
    kept_from = sorted(str(pk) for pk in others.values_list("pk", flat=True))
    return {"kept_from": kept_from} if kept_from else {}


def call_off(call: CallSession) -> int:
    """End a call whose appointment was cancelled; the caller holds it locked and it is open."""
    return end_call(call, reason="cancelled")


def end_call(
    call: CallSession, *, reason: str, by: Participant | None = None, ref: str = ""
) -> int:
    """The locked call is over for all, and what became of its visits is decided."""
    now = timezone.now()
    consent.stop_open_recording(call, reason="ended")
    CallSession.objects.filter(pk=call.pk).update(state=CallState.ENDED, ended_at=now)
    settling.settle(call, at=now)
    finishing.finish(call)
    Participant.objects.filter(call=call, state=ParticipantState.WAITING).update(
        state=ParticipantState.INVITED, waiting_since=None
    )
    Participant.objects.filter(call=call, held_at__isnull=False).update(held_at=None)
    # The recorder goes by itself once its last segment is safe.
    people = Leg.objects.filter(participant__call=call).exclude(
        participant__role=ParticipantRole.RECORDER
    )
    people.exclude(state=LegState.CLOSED).update(state=LegState.CLOSED, closed_at=now)
    return facts.append(call, FactKind.ENDED, by=by, ref=ref, reason=reason)


def _check_may(by: Participant, command: str) -> None:
    if not may(by, command) or _reload(by).state != ParticipantState.ADMITTED:
        raise Forbidden(NOT_YOURS)


def _check_may_enter(state: str, room: Room) -> None:
    if state == ParticipantState.REMOVED:
        raise Forbidden("You were removed from this visit.")
    if room.starts_at and room.now < opening(room.starts_at):
        raise WrongState("It is too early to join.")


def _seat(room: Room, participant_id: UUID) -> Seat:
    """Raises WrongState if the call has ended."""
    if room.state == CallState.ENDED:
        raise WrongState("The visit has ended.")
    return room.seats[participant_id]


def _reload(participant: Participant) -> Participant:
    return Participant.objects.select_related("user").get(pk=participant.pk)
