"""Who comes, enters, leaves and is lost: many such changes of many calls in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from calls import protocol
from calls.models import (
    CallEvent,
    CallSession,
    Leg,
    Participant,
    ParticipantRole,
    Recording,
)
from calls.permissions import COMMANDS
from calls.services import consent, lifecycle, presence
from calls.services.desk import falling_back
from calls.services.errors import CallError, Gone
from calls.services.lifecycle import Enter, Leave
from calls.services.news import News, iso, news_in
from calls.services.presence import Drop, Join
from calls.services.queries import Marks, Prepared
from calls.services.rooms import Room, Seat, locked_rooms
from calls.states import OPEN_RECORDINGS, ParticipantState

Change = Join | Drop | Enter | Leave


@dataclass(frozen=True, slots=True)
class Joined:
    """What a socket that said hello speaks for now; `news` is None if it has to be read first."""

    leg_id: UUID
    epoch: int
    role: str
    welcome: protocol.Welcome
    news: News | None


Outcome = Joined | int | CallError | None


def carry_out(changes: Sequence[Change]) -> list[Outcome]:
    """Make the changes, at most one for each participant, in their order.

    For each comes back what it led to: Joined, the number of the fact of an Enter or Leave, None
    for a Drop, or the CallError for which it was refused while the others stood.
    """
    with transaction.atomic():
        with locked_rooms({change.call_id for change in changes}) as rooms:
            facts = _Known(changes, rooms)
            outcomes = [_carry_out(change, rooms, facts) for change in changes]
            kept = _kept_by_agents(changes, outcomes, rooms)
        if kept:
            falling_back.take_back(kept)
        _ask_newcomers(changes, outcomes, rooms)
    return [
        _joined(change, outcome, rooms[change.call_id]) if isinstance(outcome, Seat) else outcome
        for change, outcome in zip(changes, outcomes, strict=True)
    ]


class _Known:
    """What beside the rooms the changes depend on, read only where one of them asks."""

    def __init__(self, changes: Sequence[Change], rooms: dict[UUID, Room]) -> None:
        made = [change.new_leg for change in changes if isinstance(change, Join) and change.spends]
        self.legs = {row[0] for row in _LEGS.rows(made)}
        commands = [change for change in changes if isinstance(change, Enter | Leave)]
        self.answered: dict[tuple[UUID, UUID | None, str], int] = {}
        if not commands:
            return
        calls, people = [one.call_id for one in commands], [one.participant_id for one in commands]
        for call_id, by_id, ref, seq in _EARLIER.rows(calls, people, [one.ref for one in commands]):
            self.answered[call_id, by_id, ref] = seq


def _carry_out(
    change: Change, rooms: dict[UUID, Room], known: _Known
) -> Seat | int | CallError | None:
    room = rooms.get(change.call_id)
    try:
        if room is None:
            raise Gone("There is no such visit.")
        if isinstance(change, Join):
            return presence.join(room, change, known_legs=known.legs)
        if isinstance(change, Drop):
            presence.drop(room, change)
            return None
        seq = known.answered.get((room.pk, change.participant_id, change.ref))
        if seq is not None:
            return seq
        if isinstance(change, Leave):
            return lifecycle.leave(room, change)
        return lifecycle.enter(room, change)
    except CallError as refused:
        return refused


def _ask_newcomers(
    changes: Sequence[Change], outcomes: Sequence[object], rooms: dict[UUID, Room]
) -> None:
    """Whoever came into a call where a recording is asked for or runs is asked too."""
    entered = [
        change
        for change, outcome in zip(changes, outcomes, strict=True)
        if isinstance(change, Enter) and isinstance(outcome, int)
    ]
    if not entered:
        return
    asked = {row[0] for row in _RECORDED.rows([change.call_id for change in entered])}
    for change in entered:
        if change.call_id in asked and _is_in(rooms[change.call_id], change):
            call = CallSession.objects.get(pk=change.call_id)
            consent.ask_newcomer(call, Participant.objects.get(pk=change.participant_id))


def _kept_by_agents(
    changes: Sequence[Change], outcomes: Sequence[object], rooms: dict[UUID, Room]
) -> list[UUID]:
    """The booked visits into which an agent has come."""
    return [
        change.call_id
        for change, outcome in zip(changes, outcomes, strict=True)
        if isinstance(change, Enter)
        and isinstance(outcome, int)
        and rooms[change.call_id].starts_at is not None
        and rooms[change.call_id].seats[change.participant_id].role == ParticipantRole.AGENT
    ]


def _is_in(room: Room, change: Enter) -> bool:
    return room.seats[change.participant_id].state == ParticipantState.ADMITTED


def _joined(change: Change, seat: Seat, room: Room) -> Joined:
    """`news` is told at once where nothing has to be read for it."""
    assert isinstance(change, Join)
    assert seat.leg is not None
    fresh = room.last_seq == change.last_seq and not room.consents_matter
    return Joined(
        leg_id=seat.leg.pk,
        epoch=seat.leg.epoch,
        role=seat.role,
        welcome=_welcome(room, seat, seat.leg.pk),
        news=news_in(room, seat.pk, seat.leg.pk, seat.leg.epoch) if fresh else None,
    )


def _welcome(room: Room, seat: Seat, leg_id: UUID) -> protocol.Welcome:
    return protocol.Welcome(
        you=seat.pk,
        leg=leg_id,
        role=seat.role,
        name=seat.name,
        now=iso(room.now),
        state=room.state,
        live_at=iso(room.live_at) if room.live_at else None,
        may=list(COMMANDS[ParticipantRole(seat.role)]),
        recording_bitrate=settings.RECORDING_VIDEO_BITRATE,
    )


def _legs(made: Marks) -> Any:
    return Leg.objects.filter(pk__in=made.ids).values_list("pk")


def _earlier(calls: Marks, people: Marks, refs: Marks) -> Any:
    wanted = Q()
    for call_id, by_id, ref in zip(calls.ids, people.ids, refs.texts, strict=True):
        wanted |= Q(call_id=call_id, by_id=by_id, ref=ref)
    return CallEvent.objects.filter(wanted).order_by().values_list("call_id", "by_id", "ref", "seq")


def _recorded(calls: Marks) -> Any:
    open_ones = Recording.objects.filter(call_id__in=calls.ids, state__in=OPEN_RECORDINGS)
    return open_ones.order_by().values_list("call_id")


_LEGS = Prepared(_legs)
_EARLIER = Prepared(_earlier)
_RECORDED = Prepared(_recorded)
