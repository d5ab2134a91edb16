"""What agents did in a time: talks, offers, codes, presence, and what people said of it.

One query each, over ranges that an index serves; `queue` and `agent` narrow them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from calls.desk.figures import GOOD_SCORE, Content, Stretch, Work
from calls.desk.states import AgentState, RingState
from calls.models import AgentSpan, Handling, RoutingDecision, Solved, SurveyAnswer

# Nobody is in one state for longer without going offline.
LONGEST_STRETCH = timedelta(days=7)

Pair = tuple[UUID, UUID]


@dataclass(frozen=True, slots=True)
class Narrowed:
    """The time, and the queue or agent that is asked about; None for all."""

    since: datetime
    until: datetime
    queue: UUID | None = None
    agent: UUID | None = None

    def rows(self, rows: QuerySet[Any], at: str, *, queue: str, agent: str) -> QuerySet[Any]:
        """Those of `rows` that are asked about; the names are fields."""
        rows = rows.filter(**{f"{at}__gte": self.since, f"{at}__lt": self.until}).order_by()
        if self.queue is not None:
            rows = rows.filter(**{queue: self.queue})
        return rows if self.agent is None else rows.filter(**{agent: self.agent})


def handled(asked: Narrowed) -> dict[Pair, Work]:
    """By agent and queue; a talk that still goes on counts up to now, on the day it began."""
    now = timezone.now()
    rows = _handlings(asked).values_list("agent_id", "entry__queue_id", "is_consult")
    counted = rows.annotate(
        parts=Count("pk"),
        talk=Sum(Coalesce("talked_until", now) - F("began_at")),
        wrap=Sum(Coalesce("done_at", now) - F("talked_until")),
    )
    found: dict[Pair, Work] = {}
    for agent, queue, is_consult, parts, talk, wrap in counted:
        work = Work(consults=parts) if is_consult else Work(parts, 0, _secs(talk), _secs(wrap))
        found[agent, queue] = found.get((agent, queue), Work()) + work
    return found


def offered(asked: Narrowed) -> dict[UUID, dict[str, int]]:
    """By agent: how many offers of the router ended in which state (RingState)."""
    rows = asked.rows(
        RoutingDecision.objects.filter(offer__isnull=False), "at", queue="queue", agent="agent"
    )
    found: dict[UUID, dict[str, int]] = {}
    for agent, state, count in rows.values_list("agent_id", "offer__state").annotate(Count("pk")):
        found.setdefault(agent, {state.value: 0 for state in RingState})[state] = count
    return found


def codes(asked: Narrowed) -> list[tuple[str, int]]:
    """How often each wrap-up code was given, most first; "" for contacts without one."""
    rows = _handlings(asked).filter(is_consult=False)
    counted = rows.values_list("code__name").annotate(times=Count("pk"))
    found = [(name or "", times) for name, times in counted]
    return sorted(found, key=lambda one: (-one[1], one[0]))


def stretches(asked: Narrowed) -> Iterator[Stretch]:
    """What agents were in within this time, *Offline* left out; whole, also beyond its edges.

    With a queue, of the agents who answer it now, whatever else they did.
    """
    now = timezone.now()
    rows = AgentSpan.objects.filter(
        Q(ends_at__gt=asked.since) | Q(ends_at=None),
        starts_at__gte=asked.since - LONGEST_STRETCH,
        starts_at__lt=asked.until,
    ).exclude(state=AgentState.OFFLINE)
    if asked.queue is not None:
        rows = rows.filter(agent__user__queues=asked.queue)
    if asked.agent is not None:
        rows = rows.filter(agent__user=asked.agent)
    fields = ("agent__user_id", "state", "starts_at", "ends_at")
    for user, state, starts, ends in rows.order_by().values_list(*fields).iterator():
        end = (ends or now).timestamp()
        yield Stretch(user, AgentState(state), starts.timestamp(), end)


def content(asked: Narrowed) -> dict[tuple[UUID, UUID | None], Content]:
    """By queue and by who spoke with them last, of the contacts that came in this time."""
    rows = asked.rows(
        SurveyAnswer.objects.all(), "entry__arrived_at", queue="entry__queue", agent="entry__agent"
    )
    counted = rows.values_list("entry__queue_id", "entry__agent_id").annotate(
        answers=Count("pk"),
        scores=Sum("score"),
        good=Count("pk", filter=Q(score__gte=GOOD_SCORE)),
        yes=Count("pk", filter=Q(solved=Solved.YES)),
    )
    return {(queue, agent): Content(*sums) for queue, agent, *sums in counted}


def _handlings(asked: Narrowed) -> QuerySet[Any]:
    return asked.rows(Handling.objects.all(), "began_at", queue="entry__queue", agent="agent")


def _secs(length: timedelta | None) -> float:
    return length.total_seconds() if length else 0.0
