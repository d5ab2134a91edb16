"""The desk as a supervisor sees it now: five queries, whatever the size of the house."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import FilteredRelation, Q
from django.utils import timezone

from accounts.models import Role
from calls.desk.days import counted, day_edges, half_hours
from calls.desk.figures import Contact, Flow, flow
from calls.desk.states import OPEN_ENTRIES, AgentState, EntryKind, EntryState, RingState
from calls.models import DeskAgent, Queue, QueueEntry
from calls.services.desk.figures.contacts import contacts

AT_WORK = (AgentState.AVAILABLE, AgentState.BUSY, AgentState.AFTER_CALL)


@dataclass(frozen=True, slots=True)
class Choice:
    """What the lists are narrowed to; `state`: of an agent, "" for all who are not offline."""

    queue: UUID | None = None
    agent: UUID | None = None
    state: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who waits or is talked to. `since`: when they came, or the talk began; `is_late`:
    whether they wait beyond the queue's target. `secs` grows by itself and so makes no difference.

    `agent`: at whose desk it rings, or who talks with them; `reserved`: the only one to be asked.
    """

    entry: UUID
    name: str
    subject: str
    queue: UUID
    queue_name: str
    kind: EntryKind
    state: EntryState
    media: str
    language: str
    is_away: bool
    is_late: bool
    since: datetime
    secs: float = field(repr=False)
    agent: UUID | None
    agent_name: str
    reserved: str


@dataclass(frozen=True, slots=True)
class Seat:
    """An agent at the desk; `since`: in this state. `rings`: something rings there now."""

    user: UUID
    name: str
    state: AgentState
    state_words: str
    since: datetime
    secs: float = field(repr=False)
    wanted: AgentState
    is_connected: bool
    rings: bool
    talks: int
    queues: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class Line:
    """A queue now and today. `waiting` are people, call backs and letters stand beside it."""

    pk: UUID
    name: str
    waiting: int
    callbacks: int
    messages: int
    longest_since: datetime | None
    longest_secs: float | None = field(repr=False)
    talking: int
    available: int
    at_work: int
    target_secs: int
    target_percent: int
    today: Flow

    @property
    def is_late(self) -> bool:
        """Whether somebody has waited beyond the target."""
        return self.longest_secs is not None and self.longest_secs > self.target_secs

    @property
    def is_under_target(self) -> bool:
        level = self.today.service_level
        return level is not None and 100 * level < self.target_percent


@dataclass(frozen=True, slots=True)
class Board:
    """`states`: how many agents are in each; `came` and `answered`: people by half hour."""

    day: date
    edges: Sequence[float]
    lines: Sequence[Line]
    today: Flow
    states: dict[AgentState, int]
    seats: Sequence[Seat]
    waiting: Sequence[Person]
    talking: Sequence[Person]
    came: Sequence[int]
    answered: Sequence[int]

    @property
    def waiting_count(self) -> int:
        """People who wait, in the queues shown."""
        return sum(line.waiting for line in self.lines)

    @property
    def longest(self) -> Line | None:
        """The queue in which somebody has waited longest; None where nobody waits."""
        lines = (line for line in self.lines if line.longest_secs is not None)
        return max(lines, key=lambda line: line.longest_secs or 0, default=None)

    @property
    def talking_count(self) -> int:
        return sum(line.talking for line in self.lines)

    @property
    def is_late(self) -> bool:
        return any(line.is_late for line in self.lines)


def board(zone: ZoneInfo, choice: Choice, now: datetime | None = None) -> Board:
    """Everything that the wallboard shows; the day begins at midnight in `zone`."""
    now = now or timezone.now()
    day = now.astimezone(zone).date()
    queues = {queue.pk: queue for queue in Queue.objects.order_by("name")}
    people = people_now(queues, now)
    seats = seats_now(people, now)
    today = _today(queues, day, zone, choice, now)
    by_queue = defaultdict(list)
    for contact in today:
        by_queue[contact.queue].append(contact)
    edges = half_hours(day, zone)
    shown = [one for one in people if _is_chosen(one, choice)]
    answers = (one.answered for one in today if one.answered is not None)
    return Board(
        day=day,
        edges=edges,
        lines=[
            _line(queue, people, seats, flow(by_queue[queue.pk]))
            for queue in queues.values()
            if choice.queue in (None, queue.pk)
            and (queue.is_active or by_queue[queue.pk] or any(p.queue == queue.pk for p in people))
        ],
        today=flow(today),
        states={state: sum(one.state == state for one in seats) for state in AgentState},
        seats=[one for one in seats if _is_seat_chosen(one, choice)],
        waiting=[one for one in shown if one.state != EntryState.ANSWERED],
        talking=[one for one in shown if one.state == EntryState.ANSWERED],
        came=counted((one.arrived for one in today if one.kind == EntryKind.LIVE), edges),
        answered=counted(answers, edges),
    )


def people_now(queues: dict[UUID, Queue], now: datetime) -> list[Person]:
    """All open contacts: who waits now, call backs, letters, the longest of each first."""
    rings = FilteredRelation("offers", condition=Q(offers__state=RingState.RINGING))
    rows = QueueEntry.objects.filter(state__in=OPEN_ENTRIES).annotate(ring=rings)
    found = rows.order_by("arrived_at").values_list(
        *("pk", "name", "subject", "queue_id", "kind", "state", "media", "language", "away_since"),
        *("arrived_at", "answered_at", "agent_id", "agent__display_name"),
        *("ring__agent_id", "ring__agent__display_name"),
        *("reserved_for__display_name", "reserved_until"),
    )
    kinds = list(EntryKind)
    return sorted(
        (_person(row, queues, now) for row in found), key=lambda one: kinds.index(one.kind)
    )


def _person(row: Sequence[Any], queues: dict[UUID, Queue], now: datetime) -> Person:
    pk, name, subject, queue, kind, state, media, language, away, arrived, *rest = row
    answered, agent, agent_name, rings_at, rings_name, reserved, until = rest
    talks = state == EntryState.ANSWERED
    is_kept = until is not None and until > now
    since = answered if talks else arrived
    secs = max((now - since).total_seconds(), 0.0)
    waits = kind == EntryKind.LIVE and not talks
    return Person(
        entry=pk,
        name=name,
        subject=subject,
        queue=queue,
        queue_name=queues[queue].name,
        kind=EntryKind(kind),
        state=EntryState(state),
        media=media,
        language=language,
        is_away=away is not None and not talks,
        is_late=waits and secs > queues[queue].target_secs,
        since=since,
        secs=secs,
        agent=agent if talks else rings_at,
        agent_name=(agent_name if talks else rings_name) or "",
        reserved=reserved if is_kept and reserved else "",
    )


def seats_now(people: Collection[Person], now: datetime) -> list[Seat]:
    """Agents in the order of their names; one row of the query for each queue of each."""
    ringing = {one.agent for one in people if one.state == EntryState.RINGING}
    talks = Counter(one.agent for one in people if one.state == EntryState.ANSWERED)
    rows = DeskAgent.objects.filter(
        user__is_active=True, user__role__in=(Role.AGENT, Role.SUPERVISOR)
    ).order_by("user__display_name", "user_id")
    found: dict[UUID, tuple[Any, ...]] = {}
    queues: dict[UUID, set[UUID]] = defaultdict(set)
    words = dict(DeskAgent._meta.get_field("state").flatchoices)
    columns = ("user__display_name", "state", "since", "wanted", "is_connected", "user__queues")
    for user, *facts, queue in rows.values_list("user_id", *columns):
        found[user] = tuple(facts)
        if queue is not None:
            queues[user].add(queue)
    return [
        Seat(
            user=user,
            name=name,
            state=AgentState(state),
            state_words=str(words[state]),
            since=since,
            secs=max((now - since).total_seconds(), 0.0),
            wanted=AgentState(wanted),
            is_connected=is_connected,
            rings=user in ringing,
            talks=talks[user],
            queues=frozenset(queues[user]),
        )
        for user, (name, state, since, wanted, is_connected) in found.items()
    ]


def _today(
    queues: dict[UUID, Queue], day: date, zone: ZoneInfo, choice: Choice, now: datetime
) -> list[Contact]:
    start, end = (datetime.fromtimestamp(edge, zone) for edge in day_edges(day, day, zone))
    targets = {pk: queue.target_secs for pk, queue in queues.items() if choice.queue in (None, pk)}
    return list(contacts(start, end, targets, now=now))


def _line(queue: Queue, people: Iterable[Person], seats: Iterable[Seat], today: Flow) -> Line:
    mine = [one for one in people if one.queue == queue.pk]
    kinds = Counter(one.kind for one in mine if one.state != EntryState.ANSWERED)
    waits = [one for one in mine if one.state != EntryState.ANSWERED and one.kind == EntryKind.LIVE]
    longest = max(waits, key=lambda one: one.secs, default=None)
    crew = Counter(one.state for one in seats if queue.pk in one.queues)
    return Line(
        pk=queue.pk,
        name=queue.name,
        waiting=kinds[EntryKind.LIVE],
        callbacks=kinds[EntryKind.CALLBACK],
        messages=kinds[EntryKind.MESSAGE],
        longest_since=longest.since if longest else None,
        longest_secs=longest.secs if longest else None,
        talking=sum(one.state == EntryState.ANSWERED for one in mine),
        available=crew[AgentState.AVAILABLE],
        at_work=sum(crew[state] for state in AT_WORK),
        target_secs=queue.target_secs,
        target_percent=queue.target_percent,
        today=today,
    )


def _is_chosen(one: Person, choice: Choice) -> bool:
    return choice.queue in (None, one.queue) and choice.agent in (None, one.agent)


def _is_seat_chosen(one: Seat, choice: Choice) -> bool:
    if choice.queue is not None and choice.queue not in one.queues:
        return False
    if choice.agent is not None:
        return one.user == choice.agent
    if choice.state:
        return one.state == choice.state
    return one.state != AgentState.OFFLINE
