"""Many calls at once, as they are now: read, changed and written at a number of queries that does
not grow with theirs.

`locked_rooms` is the batched sister of `facts.locked_call`: the rules of presence and lifecycle
change what is in the rooms, and all of it is written together at the end.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import FilteredRelation, Q
from django.utils import timezone

from calls import signaling
from calls.models import CallEvent, CallSession, Participant, ParticipantRole
from calls.models.call import Manner
from calls.protocol import FactKind
from calls.services.queries import Marks, Prepared, Writes
from calls.states import LegState


@dataclass(slots=True)
class OpenLeg:
    """A leg that is not closed."""

    pk: UUID
    state: str
    epoch: int
    entered_at: datetime | None
    connected_at: datetime


@dataclass(slots=True)
class Seat:
    """A participant and the leg that they have open, if they have one."""

    pk: UUID
    call_id: UUID
    user_id: UUID | None
    role: str
    state: str
    admitted_at: datetime | None
    waiting_since: datetime | None
    held_at: datetime | None
    manner: str
    user_name: str | None
    leg: OpenLeg | None = None
    # Of a supervisor, where the house hides them: whether they have taken part before.
    has_joined: bool = False

    @property
    def only_supervises(self) -> bool:
        """In the call without taking part: heard by agents at most, recorded by nobody."""
        return self.role == ParticipantRole.SUPERVISOR and self.manner != Manner.JOIN

    @property
    def name(self) -> str:
        return self.user_name if self.user_name is not None else str(Participant(user=None).name)


@dataclass(slots=True)
class Room:
    """One call with its people; `events` are the facts that it gets now."""

    pk: UUID
    state: str
    last_seq: int
    live_at: datetime | None
    starts_at: datetime | None
    now: datetime
    writes: Writes
    seats: dict[UUID, Seat] = field(default_factory=dict)
    events: list[CallEvent] = field(default_factory=list)
    must_wake: bool = False

    def append(self, kind: FactKind, *, by: Seat | None, ref: str = "", **data: Any) -> int:
        """Add the next fact, which nobody here caused if `by` is None; returns its number."""
        about = data.get("participant")
        concerned = (by, self.seats.get(about) if about else None)
        if any(seat is not None and self.hides(seat) for seat in concerned):
            # A rule and no names: who comes later is not told either.
            data["from_customers"] = True
        self.last_seq += 1
        self.events.append(
            CallEvent(
                call_id=self.pk,
                seq=self.last_seq,
                at=self.now,
                kind=kind,
                by_id=by.pk if by else None,
                ref=ref,
                data=data,
            )
        )
        return self.last_seq

    def append_joined(self, seat: Seat, leg_id: UUID, *, waiting: bool) -> int:
        """The fact that the leg of `seat` is connected (again)."""
        return self.append(
            FactKind.JOINED,
            by=seat,
            participant=seat.pk,
            name=seat.name,
            role=seat.role,
            leg=leg_id,
            waiting=waiting,
        )

    def hides(self, seat: Seat) -> bool:
        """Whether patients and guests are not told that this supervisor is there: as the house
        wants it, until they have joined once."""
        hides = settings.SUPERVISOR_HIDDEN_FROM_CUSTOMER
        return hides and seat.only_supervises and not seat.has_joined

    @property
    def holds_somebody(self) -> bool:
        return any(seat.held_at for seat in self.seats.values())

    @property
    def consents_matter(self) -> bool:
        """Whether a recorder is in the room: then consents decide who sees whom."""
        return any(
            seat.role == ParticipantRole.RECORDER and seat.leg for seat in self.seats.values()
        )


@contextmanager
def locked_rooms(call_ids: Collection[UUID]) -> Iterator[dict[UUID, Room]]:
    """The calls in a transaction that no other change of any of them runs beside.

    Locked in the order of their ids, so that two processes never wait for each other. What the
    caller changed is written at the end, and everyone in a call with new facts is woken.
    """
    with transaction.atomic():
        rooms = _read(call_ids, lock=True)
        yield rooms
        _write(rooms)


def read_rooms(call_ids: Collection[UUID]) -> dict[UUID, Room]:
    """The calls as they are now, without a lock; what does not exist is missing."""
    return _read(call_ids, lock=False)


def _read(call_ids: Collection[UUID], *, lock: bool) -> dict[UUID, Room]:
    ids = sorted(call_ids)
    if lock and connection.features.has_select_for_update:
        _LOCK.rows(ids)
    now = timezone.now()
    writes = Writes()
    rooms: dict[UUID, Room] = {}
    for call_id, state, last_seq, live_at, starts_at, *person in _PEOPLE.rows(ids):
        room = rooms.get(call_id)
        if room is None:
            room = Room(call_id, state, last_seq, live_at, starts_at, now, writes)
            rooms[call_id] = room
        pk, *about = person[: len(_SEAT)]
        leg = person[len(_SEAT) :]
        seat = Seat(pk, call_id, *about)
        seat.leg = OpenLeg(*leg) if leg[0] else None
        room.seats[pk] = seat
    if settings.SUPERVISOR_HIDDEN_FROM_CUSTOMER:
        _read_who_joined(rooms)
    return rooms


def _read_who_joined(rooms: dict[UUID, Room]) -> None:
    """One query for all supervisors, none where there is no supervisor."""
    seats = [seat for room in rooms.values() for seat in room.seats.values()]
    supervisors = [seat for seat in seats if seat.role == ParticipantRole.SUPERVISOR]
    calls, people = [one.call_id for one in supervisors], [one.pk for one in supervisors]
    joined = {row[0] for row in _JOINED.rows(calls, people)}
    for seat in supervisors:
        seat.has_joined = seat.pk in joined


def _write(rooms: dict[UUID, Room]) -> None:
    """1. Legs and people. 2. The numbers of the calls and their facts. 3. On commit, wake-ups."""
    if not rooms:
        return
    writes = next(iter(rooms.values())).writes
    for room in rooms.values():
        if room.events:
            writes.update(CallSession, room.pk, last_seq=room.last_seq)
        for event in room.events:
            writes.create(event)
    writes.flush()
    stirred = [room.pk for room in rooms.values() if room.events or room.must_wake]
    if stirred:
        transaction.on_commit(lambda: signaling.wake(*stirred))


# As the fields of Seat, but for the call.
_SEAT = (
    *("pk", "user_id", "role", "state", "admitted_at", "waiting_since", "held_at"),
    *("manner", "user__display_name"),
)


def _lock(calls: Marks) -> Any:
    rows = CallSession.objects.filter(pk__in=calls.ids).order_by("pk")
    return rows.select_for_update().values_list("pk")


def _people(calls: Marks) -> Any:
    """Everybody in the calls with the leg that they have open, in one row each."""
    open_legs = Q(legs__state__in=(LegState.CONNECTED, LegState.DROPPED))
    people = Participant.objects.filter(call_id__in=calls.ids).order_by()
    return people.annotate(open=FilteredRelation("legs", condition=open_legs)).values_list(
        *("call_id", "call__state", "call__last_seq", "call__live_at", "call__starts_at"),
        *_SEAT,
        *("open__pk", "open__state", "open__epoch", "open__entered_at", "open__connected_at"),
    )


def _joined(calls: Marks, people: Marks) -> Any:
    """Who has said in one of the calls that they take part."""
    said = CallEvent.objects.filter(call_id__in=calls.ids, by_id__in=people.ids)
    joins = said.filter(kind=FactKind.SUPERVISED, data__manner=Manner.JOIN)
    return joins.order_by().values_list("by_id")


_LOCK = Prepared(_lock)
_PEOPLE = Prepared(_people)
_JOINED = Prepared(_joined)
