"""The desk as the router sees it, read at a number of queries that does not grow."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from calls.desk.snapshot import Agent, Medium, Need, Policy, Snapshot, Waiting
from calls.desk.states import AgentState, EntryKind, EntryState, RingState
from calls.models import (
    DeskAgent,
    EntryEvent,
    EntryEventKind,
    LanguageRule,
    Leg,
    OfferKind,
    Queue,
    QueueEntry,
    QueueOffer,
)
from calls.services.desk.loads import conversations
from calls.states import LegState

# Who declined or missed somebody is not asked about them again for so long.
BARRED_FOR = timedelta(seconds=60)
STANDARD = Policy()
NOBODY: frozenset[UUID] = frozenset()


def read(now: datetime, policy: Policy = STANDARD) -> Snapshot:
    """The desk as it is: at most twelve queries, however many people wait and answer, and a single
    one if nobody does."""
    found = _in_line()
    agents = _agents() if found else []
    waiting = _waiting(found, now) if agents else []
    return Snapshot(now=now.timestamp(), waiting=waiting, agents=agents, policy=policy)


def is_there() -> Exists:
    """Of an entry: the person's page is connected and past the device check."""
    return Exists(
        Leg.objects.filter(
            participant__call=OuterRef("call"),
            participant__user=OuterRef("person"),
            state=LegState.CONNECTED,
            entered_at__isnull=False,
        )
    )


def takers() -> Q:
    """Agents at the desk who want offers and whose browser would ring."""
    return Q(
        wanted=AgentState.AVAILABLE,
        state__in=(AgentState.AVAILABLE, AgentState.BUSY),
        is_connected=True,
        user__is_active=True,
    )


def rung() -> set[UUID]:
    offers = QueueOffer.objects.filter(state=RingState.RINGING)
    return set(offers.values_list("agent_id", flat=True))


def _agents() -> list[Agent]:
    rows = DeskAgent.objects.filter(takers()).values_list(
        "user_id", "idle_since", "languages", "most_chats"
    )
    desks = list(rows)
    if not desks:
        return []
    calls, chats = conversations()
    asked = rung()
    queues, skills = queues_of_agents(), skills_of_agents()
    return [
        Agent(
            pk=user_id,
            idle_since=idle_since.timestamp(),
            queues=frozenset(queues[user_id]),
            skills=frozenset(skills[user_id]),
            languages=frozenset(languages),
            calls=calls[user_id],
            chats=chats[user_id],
            most_chats=most_chats,
        )
        for user_id, idle_since, languages, most_chats in desks
        if user_id not in asked and not calls[user_id]
    ]


def queues_of_agents() -> dict[UUID, set[UUID]]:
    """Which queues each agent answers."""
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for user_id, queue_id in Queue.agents.through.objects.values_list("user_id", "queue_id"):
        found[user_id].add(queue_id)
    return found


def skills_of_agents() -> dict[UUID, set[int]]:
    """What each agent can."""
    found: dict[UUID, set[int]] = defaultdict(set)
    rows = DeskAgent.skills.through.objects.values_list("deskagent__user_id", "skill_id")
    for user_id, skill in rows:
        found[user_id].add(skill)
    return found


class _Row(NamedTuple):
    """Who stands in line, as it is stored."""

    pk: UUID
    queue_id: UUID
    kind: str
    media: str
    language: str
    arrived_at: datetime
    priority: int
    known_agent_id: UUID | None
    reserved_for_id: UUID | None
    reserved_until: datetime | None
    answered_at: datetime | None


def _in_line() -> list[_Row]:
    """Those in line who could talk at once: a page is open and past the device check, or they want
    no talk now."""
    rows = QueueEntry.objects.filter(
        ~Q(kind=EntryKind.LIVE) | is_there(), state=EntryState.WAITING
    ).order_by()
    return [_Row(*values) for values in rows.values_list(*_Row._fields)]


def _waiting(rows: list[_Row], now: datetime) -> list[Waiting]:
    needs, barred = Needs(), _barred(now)
    waiting = []
    for row in rows:
        need, priority = needs.of(row.queue_id, medium_of(row.kind, row.media), row.language)
        waiting.append(
            Waiting(
                pk=row.pk,
                need=need,
                since=row.arrived_at.timestamp(),
                priority=priority + row.priority,
                barred=barred.get(row.pk, NOBODY),
                last_agent=row.known_agent_id,
                reserved_for=row.reserved_for_id,
                reserved_until=row.reserved_until.timestamp() if row.reserved_until else 0.0,
                handed_on=row.answered_at is not None,
            )
        )
    return waiting


def medium_of(kind: str, media: str) -> Medium:
    """What an entry takes of an agent: who wants a call back is called by telephone."""
    if kind == EntryKind.MESSAGE:
        return "message"
    if kind == EntryKind.CALLBACK:
        return "audio"
    return media  # type: ignore[return-value]


def _barred(now: datetime) -> dict[UUID, frozenset[UUID]]:
    """Which agents declined or missed which entries a moment ago, or were recalled from them."""
    recalled = EntryEvent.objects.filter(
        entry=OuterRef("entry"), kind=EntryEventKind.RECALLED, at__gte=OuterRef("settled_at")
    )
    refused = QueueOffer.objects.filter(
        Q(state__in=(RingState.DECLINED, RingState.MISSED))
        | Q(Exists(recalled), state=RingState.WITHDRAWN),
        kind=OfferKind.ROUTED,
        entry__state=EntryState.WAITING,
        settled_at__gt=now - BARRED_FOR,
    )
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for entry_id, agent_id in refused.values_list("entry_id", "agent_id"):
        found[entry_id].add(agent_id)
    return {entry_id: frozenset(agent_ids) for entry_id, agent_ids in found.items()}


class Needs:
    """What the queues ask of agents, read once (three queries), one object for equal needs."""

    def __init__(self) -> None:
        self._queues = {
            pk: (priority, rule)
            for pk, priority, rule in Queue.objects.values_list("pk", "priority", "language_rule")
        }
        self._required = _skills(Queue.required_skills.through)
        self._preferred = _skills(Queue.preferred_skills.through)
        self._made: dict[tuple[UUID, str, str], Need] = {}

    def of(self, queue_id: UUID, medium: Medium, language: str) -> tuple[Need, int]:
        priority, rule = self._queues[queue_id]
        key = (queue_id, medium, language)
        if key not in self._made:
            self._made[key] = Need(
                queue=queue_id,
                medium=medium,
                language=language,
                language_rule=rule if language else LanguageRule.ANY,  # type: ignore[arg-type]
                required=frozenset(self._required.get(queue_id, ())),
                preferred=frozenset(self._preferred.get(queue_id, ())),
            )
        return self._made[key], priority


def _skills(through: type) -> dict[UUID, set[int]]:
    found: dict[UUID, set[int]] = defaultdict(set)
    for queue_id, skill in through.objects.values_list("queue_id", "skill_id"):  # type: ignore[attr-defined]
        found[queue_id].add(skill)
    return found
