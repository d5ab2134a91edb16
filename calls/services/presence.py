"""Legs: which browser of a participant is connected, lost, back, or gone."""

import logging
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import OperationalError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from calls.models import Leg, Participant, ParticipantRole
from calls.protocol import FactKind
from calls.services.errors import CallError, Gone, WrongState
from calls.services.rooms import OpenLeg, Room, Seat, locked_rooms
from calls.states import CallState, LegState, ParticipantState

logger = logging.getLogger(__name__)

# A server that stopped answering for its sockets: their legs count as lost after this long.
UNSEEN_AFTER = timedelta(seconds=20)
# How long a lost leg keeps its place.
PLACE_KEPT = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Join:
    """A socket says hello: as whom, for which leg it goes on (or None), which one it would make.

    `token_role` comes with `new_leg` from a join token, which is spent once that leg exists and
    holds only while the person has that role in the call; None without a token.
    `last_seq` is the last fact that the page has seen.
    """

    call_id: UUID
    participant_id: UUID
    wanted: UUID | None
    new_leg: UUID
    token_role: str | None = None
    last_seq: int = 0

    @property
    def spends(self) -> bool:
        """Whether a join token opens the leg."""
        return self.token_role is not None


@dataclass(frozen=True, slots=True)
class Drop:
    """The socket of a leg is gone."""

    call_id: UUID
    participant_id: UUID
    leg_id: UUID
    epoch: int


class TokenRefused(CallError):
    """The leg that a join token names was made before, or its person has another role by now."""


def join(room: Room, change: Join, *, known_legs: Collection[UUID]) -> Seat:
    """The seat with the leg of a new socket: the wanted one if it may go on, else a new one that
    replaces the others. `known_legs`: which of the new legs of the batch exist already.

    Raises WrongState if the call has ended, Gone if there is no such seat any more, TokenRefused.
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
        raise TokenRefused("This join token was used before.")
    if change.spends and change.token_role != seat.role:
        raise TokenRefused("This join token is for another role.")
    if seat.leg is not None:
        close(room, seat, seat.leg, reason="replaced")
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
        close(room, seat, leg, reason="left")
        if seat.state == ParticipantState.WAITING:
            # A newer tab took the place of the one that had entered: now nobody waits.
            _stop_waiting(room, seat)
            if room.state != CallState.ENDED:
                _append_left(room, seat, leg, reason="left")
        return
    room.writes.update(Leg, leg.pk, state=LegState.DROPPED, seen_at=room.now)
    leg.state = LegState.DROPPED
    if room.state != CallState.ENDED:
        room.append(FactKind.DROPPED, by=seat, participant=seat.pk, leg=leg.pk)


def close(room: Room, seat: Seat, leg: OpenLeg, *, reason: str, **more: str) -> None:
    """Close what somebody has open, and say so, with `more` of it, if others knew of it."""
    room.writes.update(Leg, leg.pk, state=LegState.CLOSED, closed_at=room.now)
    seat.leg = None
    if leg.entered_at and room.state != CallState.ENDED:
        _append_left(room, seat, leg, reason=reason, **more)


def _resume(room: Room, seat: Seat, leg: OpenLeg) -> None:
    leg.epoch += 1
    # The socket before this one may still be open elsewhere: it hears that it is replaced.
    room.must_wake = True
    _connect(room, seat, leg, epoch=leg.epoch)


def _connect(room: Room, seat: Seat, leg: OpenLeg, **fields: int) -> None:
    """The leg has a socket again; those who knew that it was lost are told."""
    room.writes.update(Leg, leg.pk, state=LegState.CONNECTED, seen_at=room.now, **fields)
    if leg.state == LegState.DROPPED and leg.entered_at:
        room.append_joined(seat, leg.pk, waiting=seat.state == ParticipantState.WAITING)
    leg.state = LegState.CONNECTED


def _stop_waiting(room: Room, seat: Seat) -> None:
    room.writes.update(Participant, seat.pk, state=ParticipantState.INVITED, waiting_since=None)
    seat.state, seat.waiting_since = ParticipantState.INVITED, None


def _append_left(room: Room, seat: Seat, leg: OpenLeg, *, reason: str, **more: str) -> None:
    room.append(FactKind.LEFT, by=seat, participant=seat.pk, leg=leg.pk, reason=reason, **more)


def see(leg_ids: Collection[UUID]) -> set[UUID]:
    """A web process answers for these legs: their sockets are open now.

    One that was given up for lost, because the process was held up for long, is taken back. Which
    of them are closed comes back: nobody need have been told of that.
    """
    legs = Leg.objects.filter(pk__in=leg_ids)
    with transaction.atomic():
        # One that is being changed is left out: to wait for it could be to wait in a circle.
        still = legs.filter(state=LegState.CONNECTED).select_for_update(
            skip_locked=True, no_key=True
        )
        legs.filter(pk__in=still.order_by().values("pk")).update(seen_at=timezone.now())
    lost = _places(legs.filter(state=LegState.DROPPED))
    if lost:
        with locked_rooms({place.call_id for place in lost}) as rooms:
            for room, seat, leg in _still_lost(lost, rooms):
                _connect(room, seat, leg)
    return set(legs.filter(state=LegState.CLOSED).values_list("pk", flat=True))


def sweep() -> None:
    """Lost sockets of dead web processes become dropped; places not taken up again are given up.

    A call that was deleted meanwhile is no concern of anybody's.
    """
    now = timezone.now()
    unseen = Leg.objects.filter(state=LegState.CONNECTED, seen_at__lt=now - UNSEEN_AFTER)
    expired = Leg.objects.filter(state=LegState.DROPPED, seen_at__lt=now - PLACE_KEPT)
    silent, lost = _places(unseen[:500]), _places(expired[:500])
    try:
        _give_up(silent, lost)
    except OperationalError:  # the database is away or busy: all the same for each of them
        raise
    except Exception:
        logger.exception("the sweep failed; each call is swept alone")
        for call_id in {place.call_id for place in (*silent, *lost)}:
            _give_up_alone(call_id, silent, lost)


def _give_up_alone(call_id: UUID, silent: Collection[Drop], lost: Collection[Drop]) -> None:
    """What is wrong with one call must not keep the places of all others."""
    silent, lost = ([one for one in some if one.call_id == call_id] for some in (silent, lost))
    try:
        _give_up(silent, lost)
    except Exception:
        logger.exception("call %s not swept", call_id)


def _give_up(silent: Collection[Drop], lost: Collection[Drop]) -> None:
    with locked_rooms({place.call_id for place in (*silent, *lost)}) as rooms:
        for place in silent:
            if place.call_id in rooms:
                drop(rooms[place.call_id], place)
        for room, seat, leg in _still_lost(lost, rooms):
            close(room, seat, leg, reason="timeout")
            if seat.state == ParticipantState.WAITING:
                _stop_waiting(room, seat)


def _places(legs: QuerySet[Leg]) -> list[Drop]:
    """The legs as they are now: what is done about them later is done to no newer socket."""
    columns = ("participant__call_id", "participant_id", "pk", "epoch")
    return [Drop(*row) for row in legs.values_list(*columns)]


def _is_lost_since(leg: OpenLeg, place: Drop) -> bool:
    return leg.state == LegState.DROPPED and leg.epoch == place.epoch


def _still_lost(
    places: Collection[Drop], rooms: Mapping[UUID, Room]
) -> Iterator[tuple[Room, Seat, OpenLeg]]:
    """Those of the places, read before the calls were locked, that still are lost."""
    for place in places:
        room = rooms.get(place.call_id)
        seat = room.seats.get(place.participant_id) if room else None
        leg = seat.leg if seat else None
        if room and seat and leg and leg.pk == place.leg_id and _is_lost_since(leg, place):
            yield room, seat, leg
