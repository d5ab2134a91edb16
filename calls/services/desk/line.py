"""Where somebody stands in line, and how long they will wait, said honestly."""

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db.models import Avg, Count, F, Q
from django.utils import timezone

from calls import protocol
from calls.desk.estimate import Estimate, estimate, pace
from calls.desk.states import IN_LINE, AgentState, EntryKind, EntryState, HandlingState
from calls.models import DeskAgent, Handling, Queue, QueueEntry
from calls.services.desk.reading import STANDARD

# The pace of a queue is counted over so long.
WINDOW = timedelta(minutes=30)
# How long a contact takes is an average of so many days, and this much where there were none.
HANDLE_DAYS = timedelta(days=14)
ASSUMED_HANDLE_SECS = 300.0


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
            estimate=estimate(ahead=number - 1, pace=paces.of(queue_id)),
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


class Paces:
    """How fast queues are answered: who works for them, how long a contact takes, what was
    answered lately."""

    def __init__(self, queue_ids: Collection[UUID], now: datetime) -> None:
        self._handle = _handle_secs(queue_ids, now)
        answered = QueueEntry.objects.filter(
            queue__in=queue_ids,
            arrived_at__gte=now - 2 * WINDOW,
            answered_at__gte=now - WINDOW,
        ).order_by()
        self._answered = Counter(answered.values_list("queue_id", flat=True))
        at_work = DeskAgent.objects.filter(
            wanted=AgentState.AVAILABLE, user__queues__in=queue_ids
        ).exclude(state__in=(AgentState.OFFLINE, AgentState.BREAK))
        counted = at_work.values("user__queues").annotate(count=Count("pk")).order_by()
        self.agents = Counter(
            {row["user__queues"]: row["count"] for row in counted if row["user__queues"]}
        )

    def of(self, queue_id: UUID) -> float:
        return pace(
            agents=self.agents[queue_id],
            handle_secs=self._handle.get(queue_id) or ASSUMED_HANDLE_SECS,
            answered=self._answered[queue_id],
            window_secs=WINDOW.total_seconds(),
        )


def _handle_secs(queue_ids: Collection[UUID], now: datetime) -> dict[UUID, float]:
    """Talk and after-call work of a contact on average, in seconds."""
    done = Handling.objects.filter(
        state=HandlingState.DONE,
        began_at__gte=now - HANDLE_DAYS,
        entry__queue__in=queue_ids,
        is_consult=False,
    ).order_by()
    rows = done.values("entry__queue").annotate(took=Avg(F("done_at") - F("began_at")))
    return {row["entry__queue"]: row["took"].total_seconds() for row in rows}


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
