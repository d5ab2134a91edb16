"""Legs: which browser of a participant is connected, lost, back, or gone."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from calls.models import CallSession, Leg, Participant, ParticipantRole
from calls.protocol import FactKind
from calls.services import facts
from calls.services.errors import CallError, Gone, WrongState
from calls.services.rooms import OpenLeg, Room, Seat, locked_rooms
from calls.states import CallState, LegState, ParticipantState

# A server that stopped answering for its sockets: their legs count as lost after this long.
UNSEEN_AFTER = timedelta(seconds=20)
# How long a lost leg keeps its place.
PLACE_KEPT = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Join:
    """A socket says hello: as whom, for which leg it goes on (or None), which one it would make.

    `spends` says that a join token named `new_leg`: the token is spent once that leg exists.
    `last_seq` is the last fact that the page has seen.
    """

    call_id: UUID
    participant_id: UUID
    wanted: UUID | None
    new_leg: UUID
    spends: bool = False
    last_seq: int = 0


@dataclass(frozen=True, slots=True)
class Drop:
    """The socket of a leg is gone."""

    call_id: UUID
    participant_id: UUID
    leg_id: UUID
    epoch: int


class TokenSpent(CallError):
    """The leg that a join token names was made before."""


def join(room: Room, change: Join, *, known_legs: Collection[UUID]) -> Seat:
    """The seat with the leg of a new socket: the wanted one if it may go on, else a new one that
    replaces the others. `known_legs`: which of the new legs of the batch exist already.

    Raises WrongState if the call has ended, Gone if there is no such seat any more, TokenSpent.
    """
    seat = room.seats.get(change.participant_id)
    if seat is None or seat.state == ParticipantState.REMOVED:
        raise Gone("You are not in this visit.")
    if room.state == CallState.ENDED:
        raise WrongState("The visit has ended.")
    if seat.leg is not None and seat.leg.pk == change.wanted:
        _resume(room, seat, seat.leg)
        return seat
    if change.spends and change.new_leg in known_legs:
        raise TokenSpent("This join token was used before.")
    if seat.leg is not None:
        _close(room, seat, seat.leg, reason="replaced")
        room.must_wake = True
    is_recorder = seat.role == ParticipantRole.RECORDER
    entered_at = room.now if is_recorder else None
    room.writes.create(
        Leg(pk=change.new_leg, participant_id=seat.pk, seen_at=room.now, entered_at=entered_at)
    )
    seat.leg = OpenLeg(change.new_leg, LegState.CONNECTED, 1, entered_at, room.now)
    if is_recorder:
        room.append_joined(seat, change.new_leg, waiting=False)
    return seat


def drop(room: Room, change: Drop) -> None:
    """A lost leg keeps its place; an older socket's late goodbye is ignored."""
    seat = room.seats.get(change.participant_id)
    leg = seat.leg if seat else None
    if seat is None or leg is None or leg.pk != change.leg_id:
        return
    if leg.state != LegState.CONNECTED or leg.epoch != change.epoch:
        return
    if seat.role == ParticipantRole.RECORDER or not leg.entered_at:
        _close(room, seat, leg, reason="left")
        if seat.state == ParticipantState.WAITING:
            _stop_waiting(room, seat, leg)
        return
    room.writes.update(Leg, leg.pk, state=LegState.DROPPED, seen_at=room.now)
    if room.state != CallState.ENDED:
        room.append(FactKind.DROPPED, by=seat, participant=seat.pk, leg=leg.pk)


def _resume(room: Room, seat: Seat, leg: OpenLeg) -> None:
    leg.epoch += 1
    # The socket before this one may still be open elsewhere: it hears that it is replaced.
    room.must_wake = True
    room.writes.update(Leg, leg.pk, state=LegState.CONNECTED, seen_at=room.now, epoch=leg.epoch)
    if leg.state == LegState.DROPPED and leg.entered_at:
        room.append_joined(seat, leg.pk, waiting=seat.state == ParticipantState.WAITING)
    leg.state = LegState.CONNECTED


def _close(room: Room, seat: Seat, leg: OpenLeg, *, reason: str) -> None:
    room.writes.update(Leg, leg.pk, state=LegState.CLOSED, closed_at=room.now)
    seat.leg = None
    if leg.entered_at and room.state != CallState.ENDED:
        room.append(FactKind.LEFT, by=seat, participant=seat.pk, leg=leg.pk, reason=reason)


def _stop_waiting(room: Room, seat: Seat, leg: OpenLeg) -> None:
    """A newer tab took a waiting person's place and was closed before it entered: nobody waits."""
    room.writes.update(Participant, seat.pk, state=ParticipantState.INVITED, waiting_since=None)
    if room.state != CallState.ENDED:
        room.append(FactKind.LEFT, by=seat, participant=seat.pk, leg=leg.pk, reason="left")


def close_legs(call: CallSession, participant: Participant, *, reason: str) -> None:
    """Close what a participant has open, and say so if others knew of it. The call is locked."""
    for leg in Leg.objects.filter(participant=participant).exclude(state=LegState.CLOSED):
        Leg.objects.filter(pk=leg.pk).update(state=LegState.CLOSED, closed_at=timezone.now())
        if leg.entered_at and call.state != CallState.ENDED:
            facts.append(
                call,
                FactKind.LEFT,
                by=participant,
                participant=participant.pk,
                leg=leg.pk,
                reason=reason,
            )


def announce(call: CallSession, participant: Participant) -> None:
    """Tell that an admitted participant's leg is there, if it is."""
    leg = Leg.objects.filter(
        participant=participant, state=LegState.CONNECTED, entered_at__isnull=False
    ).first()
    if leg is not None:
        _append_joined(call, participant, leg)


def see(leg_ids: Collection[UUID]) -> set[UUID]:
    """A web process answers for these legs: their sockets are open now.

    One that was given up for lost, because the process was held up for long, is taken back. Which
    of them are closed comes back: nobody need have been told of that.
    """
    Leg.objects.filter(pk__in=leg_ids, state=LegState.CONNECTED).update(seen_at=timezone.now())
    lost = Leg.objects.filter(pk__in=leg_ids, state=LegState.DROPPED)
    for leg in lost.select_related("participant__user"):
        with facts.locked_call(leg.participant.call_id, open_only=False) as call:
            back = Leg.objects.filter(pk=leg.pk, state=LegState.DROPPED)
            if back.update(state=LegState.CONNECTED, seen_at=timezone.now()) and leg.entered_at:
                _append_joined(call, leg.participant, leg)
    closed = Leg.objects.filter(pk__in=leg_ids, state=LegState.CLOSED)
    return set(closed.values_list("pk", flat=True))


def sweep() -> None:
    """Lost sockets of dead web processes become dropped; places not taken up again are given up."""
    now = timezone.now()
    unseen = Leg.objects.filter(state=LegState.CONNECTED, seen_at__lt=now - UNSEEN_AFTER)
    columns = ("participant__call_id", "participant_id", "pk", "epoch")
    lost = [Drop(*row) for row in unseen.values_list(*columns)[:500]]
    with locked_rooms({change.call_id for change in lost}) as rooms:
        for change in lost:
            drop(rooms[change.call_id], change)
    expired = Leg.objects.filter(state=LegState.DROPPED, seen_at__lt=now - PLACE_KEPT)
    for leg in expired.select_related("participant__user")[:500]:
        _give_up(leg)


def _give_up(leg: Leg) -> None:
    with facts.locked_call(leg.participant.call_id, open_only=False) as call:
        still = Leg.objects.filter(pk=leg.pk, state=LegState.DROPPED)
        if not still.exists():
            return
        close_legs(call, leg.participant, reason="timeout")
        _leave_the_waiting_room(leg.participant)


def _leave_the_waiting_room(participant: Participant) -> bool:
    waiting = Participant.objects.filter(pk=participant.pk, state=ParticipantState.WAITING)
    return bool(waiting.update(state=ParticipantState.INVITED, waiting_since=None))


def _append_joined(call: CallSession, participant: Participant, leg: Leg) -> None:
    waiting = Participant.objects.filter(pk=participant.pk, state=ParticipantState.WAITING)
    facts.append(
        call,
        FactKind.JOINED,
        by=participant,
        participant=participant.pk,
        name=participant.name,
        role=participant.role,
        leg=leg.pk,
        waiting=waiting.exists(),
    )
