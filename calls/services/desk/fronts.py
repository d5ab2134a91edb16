"""Queues as somebody sees them who has not come in yet: open or not, and how long it would take."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from calls.desk.estimate import Estimate
from calls.desk.states import IN_LINE, EntryKind
from calls.models import Queue, QueueEntry
from calls.services.desk.line import open_queues
from calls.services.desk.opening import Opening, opening
from calls.services.desk.paces import Paces


@dataclass(frozen=True, slots=True)
class Front:
    """`ahead`: how many have a place in line. `agents` are at work for the queue, `free` of them
    could answer at once. `estimate` is None where nobody is there to answer."""

    queue: Queue
    opening: Opening
    is_full: bool
    ahead: int
    agents: int
    free: int
    estimate: Estimate | None

    @property
    def takes_people(self) -> bool:
        return self.opening.is_open and not self.is_full

    @property
    def takes_callbacks(self) -> bool:
        return self.queue.is_active and self.queue.takes_callbacks

    @property
    def takes_messages(self) -> bool:
        return self.queue.is_active and self.queue.takes_messages


def public_fronts() -> list[Front]:
    """The queues of the first page, those first that take people now, and of them those with
    agents; a constant number of queries, and one if there are none."""
    queues = open_queues()
    fronts = fronts_of(queues) if queues else []
    return sorted(fronts, key=lambda front: (not front.takes_people, not front.agents))


def are_there_any() -> bool:
    return Queue.objects.filter(is_active=True, is_public=True).exists()


def front_of(queue: Queue) -> Front:
    return fronts_of([queue])[0]


def fronts_of(queues: Sequence[Queue]) -> list[Front]:
    """In the order given; hours and days are read where the caller has not."""
    now = timezone.now()
    ids = [queue.pk for queue in queues]
    paces = Paces(ids, now)
    waiting = Counter(
        QueueEntry.objects.filter(queue__in=ids, state__in=IN_LINE)
        .order_by()
        .values_list("queue_id", "kind")
    )
    return [_front(queue, now, paces=paces, waiting=waiting) for queue in queues]


def _front(
    queue: Queue,
    now: datetime,
    *,
    paces: Paces,
    waiting: Counter[tuple[UUID, str]],
) -> Front:
    live = waiting[queue.pk, EntryKind.LIVE]
    ahead = live + waiting[queue.pk, EntryKind.CALLBACK]
    return Front(
        queue=queue,
        opening=opening(queue, now),
        is_full=queue.most_waiting is not None and live >= queue.most_waiting,
        ahead=ahead,
        agents=paces.agents[queue.pk],
        free=paces.free[queue.pk],
        estimate=paces.estimate(queue.pk, ahead=ahead),
    )
