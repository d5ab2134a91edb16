"""How fast queues are answered: who works for them, how long a contact takes, what was answered."""

from collections import Counter, defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Avg, Count, F, QuerySet, Value
from django.db.models.functions import Coalesce

from calls.desk.estimate import AT_ONCE, Estimate, estimate, pace
from calls.desk.states import AgentState, EntryKind, HandlingState
from calls.desk.stretches import merged
from calls.models import DeskAgent, Handling, QueueEntry
from calls.services.desk.reading import takers

# The pace of a queue is counted over so long, as far as people stood in line.
WINDOW = timedelta(minutes=30)
# How long a contact takes is an average of so many days, and this much where there were none.
HANDLE_DAYS = timedelta(days=14)
ASSUMED_HANDLE_SECS = 300.0


class Paces:
    """Of some queues, read at once; four queries, however many there are."""

    def __init__(self, queue_ids: Collection[UUID], now: datetime) -> None:
        self._handle = _handle_secs(queue_ids, now)
        self._answered, self._waited_secs = _answers(queue_ids, now)
        at_work = DeskAgent.objects.filter(wanted=AgentState.AVAILABLE).exclude(
            state__in=(AgentState.OFFLINE, AgentState.BREAK)
        )
        idle = DeskAgent.objects.filter(takers(), state=AgentState.AVAILABLE)
        self.agents = _count_by_queue(at_work, queue_ids)
        self.free = _count_by_queue(idle, queue_ids)

    def estimate(self, queue_id: UUID, *, ahead: int) -> Estimate | None:
        """The wait of somebody with `ahead` people before them; None if nobody is at work."""
        if ahead < self.free[queue_id]:
            return AT_ONCE
        return estimate(ahead=ahead - self.free[queue_id], pace=self.of(queue_id))

    def of(self, queue_id: UUID) -> float:
        """Answers a second that the queue can count on."""
        return pace(
            agents=self.agents[queue_id],
            handle_secs=self._handle.get(queue_id) or ASSUMED_HANDLE_SECS,
            answered=self._answered[queue_id],
            window_secs=self._waited_secs[queue_id],
        )


def _count_by_queue(desks: QuerySet[DeskAgent], queue_ids: Collection[UUID]) -> Counter[UUID]:
    rows = desks.filter(user__queues__in=queue_ids).values("user__queues").order_by()
    counted = rows.annotate(count=Count("pk")).values_list("user__queues", "count")
    return Counter({queue_id: count for queue_id, count in counted if queue_id})


def _answers(
    queue_ids: Collection[UUID], now: datetime
) -> tuple[Counter[UUID], defaultdict[UUID, float]]:
    """How many were answered lately in each queue, and in how many seconds: of the time in which
    somebody stood in line. While nobody does, nobody can be answered, whoever is there."""
    begins = now - WINDOW
    stood = Coalesce("answered_at", "ended_at", Value(now))
    rows = (
        QueueEntry.objects.filter(queue__in=queue_ids, arrived_at__gte=now - 2 * WINDOW)
        .exclude(kind=EntryKind.MESSAGE)
        .annotate(until=stood)
        .filter(until__gt=begins)
        .order_by()
    )
    answered: Counter[UUID] = Counter()
    waits: dict[UUID, list[tuple[float, float]]] = defaultdict(list)
    for queue_id, arrived, until, answer in rows.values_list(
        "queue_id", "arrived_at", "until", "answered_at"
    ):
        answered[queue_id] += answer is not None
        waits[queue_id].append((max(arrived, begins).timestamp(), until.timestamp()))
    secs: defaultdict[UUID, float] = defaultdict(float)
    for queue_id, stretches in waits.items():
        secs[queue_id] = sum(ends - starts for starts, ends in merged(stretches))
    return answered, secs


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
