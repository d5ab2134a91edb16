"""A report: what came of contacts and of work, by queue, agent, day, hour and code."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.models import User
from calls.desk.days import day_edges, place
from calls.desk.figures import (
    Contact,
    Content,
    Flow,
    Presence,
    Stretch,
    Work,
    flow,
    presence_by_day,
    together,
)
from calls.desk.states import EntryKind
from calls.models import Queue
from calls.services.desk.figures import work
from calls.services.desk.figures.contacts import contacts
from calls.services.desk.figures.work import Narrowed

HOURS = 24


@dataclass(frozen=True, slots=True)
class Asked:
    """Days by the clock of `zone`, both included; None for all queues or agents."""

    first: date
    last: date
    zone: ZoneInfo
    queue: UUID | None = None
    agent: UUID | None = None


@dataclass(frozen=True, slots=True)
class QueueRow:
    name: str
    flow: Flow
    work: Work
    content: Content


@dataclass(frozen=True, slots=True)
class AgentRow:
    """`offers`: by RingState; `flow`: of the contacts with whom the agent spoke last."""

    name: str
    offers: dict[str, int]
    flow: Flow
    work: Work
    presence: Presence
    content: Content


@dataclass(frozen=True, slots=True)
class DayRow:
    date: date
    flow: Flow
    presence: Presence


@dataclass(frozen=True, slots=True)
class CodeRow:
    """`name` is "" for contacts without a code."""

    name: str
    times: int
    share: float


@dataclass(frozen=True, slots=True)
class Report:
    """`hours`: how many people came in each hour of the clock."""

    asked: Asked
    total: QueueRow
    queues: Sequence[QueueRow]
    agents: Sequence[AgentRow]
    days: Sequence[DayRow]
    codes: Sequence[CodeRow]
    hours: Sequence[int]

    @property
    def is_empty(self) -> bool:
        flow = self.total.flow
        came = flow.offered + flow.callbacks + flow.messages
        return not (came or self.agents)


def report(asked: Asked) -> Report:
    """Eight queries, whatever the range and the house."""
    edges = day_edges(asked.first, asked.last, asked.zone)
    since, until = (datetime.fromtimestamp(edge, asked.zone) for edge in (edges[0], edges[-1]))
    narrowed = Narrowed(since, until, asked.queue, asked.agent)
    queues = {queue.pk: queue for queue in Queue.objects.order_by("name")}
    targets = {pk: queue.target_secs for pk, queue in queues.items() if asked.queue in (None, pk)}
    found = contacts(since, until, targets, now=timezone.now())
    came = [one for one in found if asked.agent in (None, one.agent)]
    done, said = work.handled(narrowed), work.content(narrowed)
    stretches = list(work.stretches(narrowed))
    return Report(
        asked=asked,
        total=QueueRow("", flow(came), _sum(done.values()), _content(said.values())),
        queues=_queues([queues[pk] for pk in targets], came, done, said),
        agents=_agents(came, done, said, work.offered(narrowed), stretches, edges),
        days=_days(asked, came, stretches, edges),
        codes=_codes(work.codes(narrowed)),
        hours=_hours(came, asked.zone),
    )


def _queues(
    queues: Iterable[Queue],
    came: Iterable[Contact],
    done: dict[work.Pair, Work],
    said: dict[tuple[UUID, UUID | None], Content],
) -> list[QueueRow]:
    by_queue = defaultdict(list)
    for one in came:
        by_queue[one.queue].append(one)
    return [
        QueueRow(
            name=queue.name,
            flow=flow(by_queue[queue.pk]),
            work=_sum(part for (_, pk), part in done.items() if pk == queue.pk),
            content=_content(part for (pk, _), part in said.items() if pk == queue.pk),
        )
        for queue in queues
        if queue.is_active or by_queue[queue.pk]
    ]


def _agents(
    came: Iterable[Contact],
    done: dict[work.Pair, Work],
    said: dict[tuple[UUID, UUID | None], Content],
    offers: dict[UUID, dict[str, int]],
    stretches: Iterable[Stretch],
    edges: Sequence[float],
) -> list[AgentRow]:
    """Everybody who was there or did something, by name."""
    contacts_of, works, contents = defaultdict(list), defaultdict(list), defaultdict(list)
    present = defaultdict(list)
    for one in came:
        if one.answered is not None and one.agent is not None:
            contacts_of[one.agent].append(one)
    for (agent, _), part in done.items():
        works[agent].append(part)
    for (_, spoke), answers in said.items():
        if spoke is not None:
            contents[spoke].append(answers)
    for stretch in stretches:
        present[stretch.agent].append(stretch)
    ids = {*contacts_of, *works, *contents, *present, *offers}
    people = User.objects.filter(pk__in=ids).order_by("display_name", "email")
    return [
        AgentRow(
            name=name,
            offers=offers.get(pk, {}),
            flow=flow(contacts_of[pk]),
            work=_sum(works[pk]),
            presence=together(presence_by_day(present[pk], (edges[0], edges[-1]))),
            content=_content(contents[pk]),
        )
        for pk, name in people.values_list("pk", "display_name")
    ]


def _days(
    asked: Asked, came: Iterable[Contact], stretches: Iterable[Stretch], edges: Sequence[float]
) -> list[DayRow]:
    by_day = defaultdict(list)
    for one in came:
        by_day[place(one.arrived, edges)].append(one)
    presence = presence_by_day(stretches, edges)
    return [
        DayRow(asked.first + timedelta(days=number), flow(by_day[number]), presence[number])
        for number in range(len(edges) - 1)
    ]


def _codes(counted: Sequence[tuple[str, int]]) -> list[CodeRow]:
    whole = sum(times for _, times in counted)
    return [CodeRow(name, times, times / whole) for name, times in counted]


def _hours(came: Iterable[Contact], zone: ZoneInfo) -> list[int]:
    counts = [0] * HOURS
    for one in came:
        if one.kind == EntryKind.LIVE:
            counts[datetime.fromtimestamp(one.arrived, zone).hour] += 1
    return counts


def _sum(parts: Iterable[Work]) -> Work:
    return reduce(Work.__add__, parts, Work())


def _content(parts: Iterable[Content]) -> Content:
    return reduce(Content.__add__, parts, Content())
