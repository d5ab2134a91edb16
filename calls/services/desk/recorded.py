"""A day as it was recorded, in the form in which it can be replayed (calls/desk/replay.py)."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from math import inf
from statistics import median
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import F, Min, Q, QuerySet
from django.utils import timezone

from calls.desk.replay import Contact, Outcome, Staff, Stage
from calls.desk.snapshot import POLICIES, Agent
from calls.desk.states import OPEN_ENTRIES, AgentState, EntryKind, RingState
from calls.desk.stretches import merged
from calls.models import (
    AgentSpan,
    DeskAgent,
    EntryEvent,
    EntryEventKind,
    Handling,
    OfferKind,
    Queue,
    QueueEntry,
    QueueOffer,
    RoutingDecision,
)
from calls.services.desk.paces import ASSUMED_HANDLE_SECS
from calls.services.desk.reading import (
    STANDARD,
    Needs,
    medium_of,
    queues_of_agents,
    skills_of_agents,
)
from calls.services.desk.supervising import RESERVED_FOR

_AT_WORK = (AgentState.AVAILABLE, AgentState.BUSY, AgentState.AFTER_CALL)
_TURNS = {
    EntryEventKind.CALLBACK: EntryKind.CALLBACK,
    EntryEventKind.MESSAGE: EntryKind.MESSAGE,
}


@dataclass(frozen=True)
class RecordedDay:
    """`policy`: by which most was decided. `came_to`: the queue in which each contact stood first.
    `live`: who waited all the time. `outcomes`: what became of each. `ends`: seconds since 1970."""

    policy: str
    contacts: list[Contact]
    staff: list[Staff]
    outcomes: dict[UUID, Outcome]
    came_to: dict[UUID, Queue]
    live: set[UUID]
    ends: float


def recorded_day(day: date, zone: ZoneInfo) -> RecordedDay:
    """Everybody who came on that day in the zone, and the agents; without contacts if none did.

    The queues' rules are those of today.
    """
    begins = datetime.combine(day, time(), tzinfo=zone)
    ends = datetime.combine(day + timedelta(days=1), time(), tzinfo=zone)
    came = QueueEntry.objects.filter(arrived_at__gte=begins, arrived_at__lt=ends)
    reading = _Reading(came)
    contacts = [reading.contact(row) for row in reading.rows]
    return RecordedDay(
        policy=_policy(begins, ends),
        contacts=contacts,
        staff=_staff(begins, ends),
        outcomes={row.pk: reading.outcome(row) for row in reading.rows},
        came_to={row.pk: reading.first_queue(row) for row in reading.rows},
        live={row.pk for row in reading.rows if row.kind == EntryKind.LIVE},
        ends=max(ends.timestamp(), *(_last(contact) for contact in contacts), 0.0),
    )


class _Reading:
    """The rows about the entries of a day, at a number of queries that does not grow."""

    def __init__(self, came: QuerySet[QueueEntry]) -> None:
        self.rows = list(came.order_by("arrived_at", "pk"))
        own_page = Q(call__participants__user=F("person"))
        entered = Min("call__participants__legs__entered_at", filter=own_page)
        self._ready = dict(came.annotate(ready_at=entered).values_list("pk", "ready_at"))
        self._queues = {queue.pk: queue for queue in Queue.objects.all()}
        self._needs = Needs()
        self._events: dict[UUID, list[EntryEvent]] = defaultdict(list)
        kinds = (EntryEventKind.ARRIVED, EntryEventKind.MOVED, EntryEventKind.ASSIGNED, *_TURNS)
        for event in EntryEvent.objects.filter(entry__in=came, kind__in=kinds).order_by("at"):
            self._events[event.entry_id].append(event)
        self._talks: dict[UUID, float] = defaultdict(float)
        self._wrap_ups: dict[UUID, float] = defaultdict(float)
        for row in Handling.objects.filter(entry__in=came, done_at__isnull=False, is_consult=False):
            self._talks[row.entry_id] += _secs(row.began_at, row.talked_until)
            self._wrap_ups[row.entry_id] += _secs(row.talked_until, row.done_at)
        self._pickups = _pickups(came)
        self._usual_talks = self._by_queue(self._talks)
        self._usual_wrap_ups = self._by_queue(self._wrap_ups)

    def contact(self, row: QueueEntry) -> Contact:
        """What is not known of somebody, as nobody answered, is what was usual in the queue."""
        queue = self.first_queue(row).pk
        gone = None if row.answered_at else self._gone(row)
        return Contact(
            pk=row.pk,
            arrived=row.arrived_at.timestamp(),
            stages=tuple(self._stages(row)),
            talk_secs=self._talks.get(row.pk) or self._usual_talks[queue],
            wrap_up_secs=self._wrap_ups.get(row.pk, self._usual_wrap_ups[queue]),
            pickup_secs=self._pickups.get(row.pk, median(self._pickups.values() or [0.0])),
            patience_secs=None if gone is None else _secs(row.arrived_at, gone),
            last_agent=row.known_agent_id,
        )

    def outcome(self, row: QueueEntry) -> Outcome:
        ended = row.answered_at or self._gone(row) or timezone.now()
        return Outcome(
            _secs(row.arrived_at, ended), row.agent_id if row.answered_at is not None else None
        )

    def first_queue(self, row: QueueEntry) -> Queue:
        for event in self._events[row.pk]:
            if event.kind == EntryEventKind.ARRIVED and (found := event.data.get("queue")):
                return self._queues.get(UUID(found), self._queues[row.queue_id])
        return self._queues[row.queue_id]

    def _gone(self, row: QueueEntry) -> datetime | None:
        """Since when nobody waits there any more; None for who is still in line."""
        return None if row.state in OPEN_ENTRIES else row.away_since or row.ended_at

    def _stages(self, row: QueueEntry) -> Iterator[Stage]:
        """Past the device check in the first queue, on to others, and what was asked instead; for
        whom a supervisor assigned, the time in which only that agent is asked."""
        stages = list(self._places(row))
        for event in self._steered(row, EntryEventKind.ASSIGNED):
            at = _secs(row.arrived_at, event.at)
            free = at + RESERVED_FOR.total_seconds()
            before = [one for one in stages if one.after_secs <= at]
            if not before:
                continue
            inside = [one for one in stages if at < one.after_secs <= free]
            last = (inside or before)[-1]
            kept = [replace(before[-1], after_secs=at), *inside]
            agent = UUID(event.data["agent"])
            stages = [
                *before,
                *(replace(one, reserved_for=agent) for one in kept),
                replace(last, after_secs=free, reserved_for=None),
                *(one for one in stages if one.after_secs > free),
            ]
        yield from stages

    def _steered(self, row: QueueEntry, kind: EntryEventKind) -> list[EntryEvent]:
        """What supervisors did so with somebody who was not answered yet."""
        return [
            event
            for event in self._events[row.pk]
            if event.kind == kind and (row.answered_at is None or event.at < row.answered_at)
        ]

    def _places(self, row: QueueEntry) -> Iterator[Stage]:
        turn = next((event for event in self._events[row.pk] if event.kind in _TURNS), None)
        turn_secs = _secs(row.arrived_at, turn.at) if turn else inf
        kind = EntryKind.LIVE if turn else EntryKind(row.kind)
        last = self.first_queue(row)
        for after_secs, queue in self._way(row, kind):
            if after_secs < turn_secs:
                last = queue
                yield self._stage(row, after_secs, queue, kind)
        if turn:
            yield self._stage(row, turn_secs, last, _TURNS[EntryEventKind(turn.kind)])

    def _way(self, row: QueueEntry, kind: EntryKind) -> Iterator[tuple[float, Queue]]:
        """The queues of somebody who waits too long in each or is moved, and after how long."""
        ready_secs = _secs(row.arrived_at, self._ready[row.pk])
        moves = [
            (_secs(row.arrived_at, event.at), self._queues[UUID(event.data["queue"])])
            for event in self._steered(row, EntryEventKind.MOVED)
            if UUID(event.data["queue"]) in self._queues
        ]
        queue, after_secs, passed = self.first_queue(row), 0.0, set[UUID]()
        while True:
            passed.add(queue.pk)
            yield max(after_secs, ready_secs), queue
            overflow = queue.overflow_id if kind == EntryKind.LIVE else None
            goes_on = bool(overflow and queue.most_wait_secs and overflow not in passed)
            leaves = after_secs + (queue.most_wait_secs or 0) if goes_on else inf
            if moves and moves[0][0] <= leaves:
                after_secs, queue = moves.pop(0)
            elif overflow and goes_on:
                after_secs, queue = leaves, self._queues[overflow]
            else:
                return

    def _stage(self, row: QueueEntry, after_secs: float, queue: Queue, kind: EntryKind) -> Stage:
        need, priority = self._needs.of(queue.pk, medium_of(kind, row.media), row.language)
        return Stage(after_secs, need, priority + row.priority)

    def _by_queue(self, secs: dict[UUID, float]) -> dict[UUID, float]:
        """What was usual in each queue, and everywhere where there was nothing."""
        found: dict[UUID, list[float]] = defaultdict(list)
        for row in self.rows:
            if row.pk in secs:
                found[self.first_queue(row).pk].append(secs[row.pk])
        usual = median(secs.values() or [ASSUMED_HANDLE_SECS])
        return {pk: median(found[pk]) if pk in found else usual for pk in self._queues}


def _pickups(came: QuerySet[QueueEntry]) -> dict[UUID, float]:
    """How long it rang at who answered first."""
    accepted = QueueOffer.objects.filter(
        entry__in=came, kind=OfferKind.ROUTED, state=RingState.ACCEPTED
    ).order_by("-offered_at")
    rows = accepted.values_list("entry_id", "offered_at", "settled_at")
    return {entry_id: _secs(offered, settled) for entry_id, offered, settled in rows}


def _staff(begins: datetime, ends: datetime) -> list[Staff]:
    """The agents who were at work on the day, each with the stretches of it.

    Busy without any contact is a visit that was booked: no time for others.
    """
    now = timezone.now()
    on_day = Q(starts_at__lt=ends) & (Q(ends_at__isnull=True) | Q(ends_at__gt=begins))
    talks: dict[UUID, list[tuple[float, float]]] = defaultdict(list)
    parts = Handling.objects.filter(began_at__lt=ends).exclude(done_at__lte=begins)
    for user_id, began, until in parts.values_list("agent_id", "began_at", "talked_until"):
        talks[user_id].append((began.timestamp(), (until or now).timestamp()))
    shifts: dict[UUID, list[tuple[float, float]]] = defaultdict(list)
    spans = AgentSpan.objects.filter(on_day, state__in=_AT_WORK)
    for user_id, state, starts, until in spans.values_list(
        "agent__user_id", "state", "starts_at", "ends_at"
    ):
        span = starts.timestamp(), (until or now).timestamp()
        talked = any(a < span[1] and b > span[0] for a, b in talks[user_id])
        if state != AgentState.BUSY or talked:
            shifts[user_id].append(span)
    queues, skills = queues_of_agents(), skills_of_agents()
    rows = DeskAgent.objects.filter(user__in=shifts).order_by("pk")
    return [
        Staff(
            Agent(
                pk=row.user_id,
                idle_since=begins.timestamp(),
                queues=frozenset(queues[row.user_id]),
                skills=frozenset(skills[row.user_id]),
                languages=frozenset(row.languages),
                most_chats=row.most_chats,
            ),
            merged(shifts[row.user_id]),
        )
        for row in rows
    ]


def _policy(begins: datetime, ends: datetime) -> str:
    made = RoutingDecision.objects.filter(at__gte=begins, at__lt=ends).order_by()
    names = Counter(made.values_list("policy", flat=True))
    return next((name for name, _ in names.most_common() if name in POLICIES), STANDARD.name)


def _last(contact: Contact) -> float:
    return contact.arrived + (contact.patience_secs or 0.0)


def _secs(begins: datetime | None, ends: datetime | None) -> float:
    return (ends - begins).total_seconds() if begins and ends else 0.0
