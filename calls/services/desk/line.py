"""Where somebody stands in line, and how long they will wait, said honestly."""

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
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
    rows = list(
        QueueEntry.objects.filter(state__in=IN_LINE)
        .exclude(kind=EntryKind.MESSAGE)
        .order_by()
        .values_list("pk", "call_id", "queue_id", "state", "arrived_at", "priority")
    )
    if not rows:
        return {}
    paces = _Paces({row[2] for row in rows}, now)
    by_queue = defaultdict(list)
    step = STANDARD.ageing_secs
    for row in rows:
        aged = (now - row[4]).total_seconds() // step if step else 0
        by_queue[row[2]].append((row[3] != EntryState.RINGING, -(row[5] + aged), row[4], row))
    found = {}
    for queue_id, line in by_queue.items():
        line.sort(key=lambda one: (*one[:3], one[3][0]))
        for number, (*_, row) in enumerate(line, start=1):
            found[row[0]] = Place(
                entry=row[0],
                call=row[1],
                queue=queue_id,
                number=number,
                rings=row[3] == EntryState.RINGING,
                agents=paces.agents[queue_id],
                estimate=estimate(ahead=number - 1, pace=paces.of(queue_id)),
            )
    return found


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


class _Paces:
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
