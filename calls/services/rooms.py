"""Many calls at once, as they are now: read, changed and written at a number of queries that does
not grow with theirs.

`locked_rooms` is the batched sister of `facts.locked_call`: the rules of presence and lifecycle
change what is in the rooms, and all of it is written together at the end.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from calls import signaling
from calls.models import CallEvent, CallSession, Leg, Participant, ParticipantRole
from calls.protocol import FactKind
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
    user_name: str | None
    leg: OpenLeg | None = None

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
    appointment_id: UUID | None
    now: datetime
    writes: "Writes"
    seats: dict[UUID, Seat] = field(default_factory=dict)
    events: list[CallEvent] = field(default_factory=list)
    must_wake: bool = False

    def append(self, kind: FactKind, *, by: Seat, ref: str = "", **data: Any) -> int:
        """Add the next fact; returns its number."""
        self.last_seq += 1
        self.events.append(
            CallEvent(
                call_id=self.pk,
                seq=self.last_seq,
                at=self.now,
                kind=kind,
                by_id=by.pk,
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

    @property
    def consents_matter(self) -> bool:
        """Whether a recorder is in the room: then consents decide who sees whom."""
        return any(
            seat.role == ParticipantRole.RECORDER and seat.leg for seat in self.seats.values()
        )


class Writes:
    """Changes of rows that are written together: the same values at once, in the order given."""

    def __init__(self) -> None:
        self._updates: dict[tuple[type[models.Model], tuple[tuple[str, Any], ...]], list[UUID]]
        self._updates = defaultdict(list)
        self._new: list[Leg] = []

    def update(self, rows: type[models.Model], pk: UUID, **values: Any) -> None:
        self._updates[rows, tuple(values.items())].append(pk)

    def create(self, leg: Leg) -> None:
        self._new.append(leg)

    def flush(self) -> None:
        for (rows, values), pks in self._updates.items():
            rows._default_manager.filter(pk__in=pks).update(**dict(values))
        if self._new:
            Leg.objects.bulk_create(self._new)


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
    now = timezone.now()
    writes = Writes()
    calls = CallSession.objects.filter(pk__in=call_ids)
    calls = calls.order_by("pk").select_for_update() if lock else calls.order_by()
    fields = ("pk", "state", "last_seq", "live_at", "appointment_id")
    rooms = {
        pk: Room(pk, state, last_seq, live_at, appointment_id, now, writes)
        for pk, state, last_seq, live_at, appointment_id in calls.values_list(*fields)
    }
    seats: dict[UUID, Seat] = {}
    people = Participant.objects.filter(call_id__in=call_ids).order_by()
    columns = ("pk", "call_id", "user_id", "role", "state", "admitted_at", "waiting_since")
    for row in people.values_list(*columns, "user__display_name"):
        seat = seats[row[0]] = Seat(*row)
        if seat.call_id in rooms:
            rooms[seat.call_id].seats[seat.pk] = seat
    legs = Leg.objects.filter(~Q(state=LegState.CLOSED), participant__in=list(seats)).order_by()
    wanted = ("pk", "state", "epoch", "entered_at", "connected_at", "participant_id")
    for *leg, participant_id in legs.values_list(*wanted):
        seats[participant_id].leg = OpenLeg(*leg)
    return rooms


def _write(rooms: dict[UUID, Room]) -> None:
    """1. Legs and people. 2. The numbers of the calls and their facts. 3. On commit, wake-ups."""
    if not rooms:
        return
    next(iter(rooms.values())).writes.flush()
    grown: dict[int, list[UUID]] = defaultdict(list)
    for room in rooms.values():
        if room.events:
            grown[len(room.events)].append(room.pk)
    for count, call_ids in grown.items():
        CallSession.objects.filter(pk__in=call_ids).update(last_seq=F("last_seq") + count)
    events = [event for room in rooms.values() for event in room.events]
    if events:
        CallEvent.objects.bulk_create(events)
    stirred = [room.pk for room in rooms.values() if room.events or room.must_wake]
    if stirred:
        transaction.on_commit(lambda: signaling.wake(*stirred))
