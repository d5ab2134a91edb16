"""Where somebody stands in line, and how long they will wait, said honestly."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from calls import protocol
from calls.desk.estimate import Estimate
from calls.desk.states import IN_LINE, EntryKind, EntryState
from calls.models import Queue, QueueEntry
from calls.services.desk.paces import Paces
from calls.services.desk.reading import STANDARD


@dataclass(frozen=True, slots=True)
class Place:
    """`number`: 1 is next. `estimate` is None where nobody is there to answer, or nothing is known
    yet; `rings`: an agent is being asked now. `agents`: how many are at work for this queue."""

    entry: UUID
    call: UUID
    queue: UUID
    number: int
    rings: bool
    agents: int
    estimate: Estimate | None


def places(now: datetime | None = None) -> dict[UUID, Place]:
    """Everybody's place by entry, in all queues; a constant number of queries."""
    now = now or timezone.now()
    lines = _lines(now)
    if not lines:
        return {}
    paces = Paces(lines, now)
    return {
        row.pk: Place(
            entry=row.pk,
            call=row.call_id,
            queue=queue_id,
            number=number,
            rings=row.state == EntryState.RINGING,
            agents=paces.agents[queue_id],
            estimate=paces.estimate(queue_id, ahead=number - 1),
        )
        for queue_id, line in lines.items()
        for number, row in enumerate(line, start=1)
    }


def numbers() -> dict[UUID, int]:
    """Everybody's place by entry as a number alone, in one query."""
    lines = _lines(timezone.now())
    return {row.pk: number for line in lines.values() for number, row in enumerate(line, start=1)}


def places_by_call() -> dict[UUID, protocol.Place]:
    """What everybody in line is told, by the call that they wait in."""
    return {place.call: _told(place) for place in places().values()}


def _told(place: Place) -> protocol.Place:
    """Rounded, so that it is news only when it means something else."""
    told = protocol.Place(number=place.number, rings=place.rings, agents=place.agents)
    if place.estimate is not None:
        spread = place.estimate
        told.least_secs, told.middle_secs, told.most_secs = (
            round(secs / 15) * 15
            for secs in (spread.least_secs, spread.middle_secs, spread.most_secs)
        )
    return told


class _Row(NamedTuple):
    """Who stands in line, as it is stored."""

    pk: UUID
    call_id: UUID
    queue_id: UUID
    state: str
    arrived_at: datetime
    priority: int


def _lines(now: datetime) -> dict[UUID, list[_Row]]:
    """Everybody in line by queue, in the order in which they are served."""
    rows = QueueEntry.objects.filter(state__in=IN_LINE).exclude(kind=EntryKind.MESSAGE).order_by()
    step = STANDARD.ageing_secs
    lines: dict[UUID, list[_Row]] = defaultdict(list)
    for values in rows.values_list(*_Row._fields):
        row = _Row(*values)
        lines[row.queue_id].append(row)

    def turn(row: _Row) -> tuple[bool, float, datetime, UUID]:
        aged = (now - row.arrived_at).total_seconds() // step if step else 0
        return row.state != EntryState.RINGING, -(row.priority + aged), row.arrived_at, row.pk

    for line in lines.values():
        line.sort(key=turn)
    return lines


def waiting_counts(queue_ids: Collection[UUID]) -> dict[UUID, tuple[int, datetime | None]]:
    """How many wait in each queue, and since when the first of them does."""
    rows = QueueEntry.objects.filter(
        ~Q(kind=EntryKind.MESSAGE), queue__in=queue_ids, state__in=IN_LINE
    )
    found: dict[UUID, list[datetime]] = defaultdict(list)
    for queue_id, arrived in rows.values_list("queue_id", "arrived_at").order_by():
        found[queue_id].append(arrived)
    return {pk: (len(found[pk]), min(found[pk], default=None)) for pk in queue_ids}


def open_queues() -> list[Queue]:
    """The queues that are offered on the first page, their hours read."""
    rows = Queue.objects.filter(is_active=True, is_public=True)
    return list(rows.prefetch_related("hours", "days"))
