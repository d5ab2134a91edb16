"""Contacts and work of the past, written as rows: what figures are computed from."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from accounts.models import Role, User
from calls.models import (
    AgentSpan,
    CallSession,
    Handling,
    Queue,
    QueueEntry,
    QueueOffer,
    RoutingDecision,
    SurveyAnswer,
)
from calls.services.desk import agents


def contact(
    queue: Queue, arrived: datetime, *, answered_after: int | None = None, **fields: Any
) -> QueueEntry:
    """Somebody who was answered after so many seconds, or gave up after `gone_after`."""
    gone_after = fields.pop("gone_after", 0)
    ended = arrived + timedelta(seconds=gone_after)
    if answered_after is not None:
        fields |= {"answered_at": arrived + timedelta(seconds=answered_after), "state": "done"}
    call = CallSession.objects.create(service=queue.service, state="ended", ended_at=ended)
    guest = User.objects.create(
        email=f"{uuid4().hex}@guests.invalid", display_name="Sam", role=Role.GUEST
    )
    defaults = {"state": "left", "name": "Sam Okafor", "queued_at": arrived, "ended_at": ended}
    return QueueEntry.objects.create(
        queue=queue, call=call, person=guest, arrived_at=arrived, **(defaults | fields)
    )


def talk(
    entry: QueueEntry, agent: User, *, talk_secs: int, wrap_secs: int, **fields: Any
) -> Handling:
    """The agent's part in a contact that was answered."""
    assert entry.answered_at
    until = entry.answered_at + timedelta(seconds=talk_secs)
    return Handling.objects.create(
        entry=entry,
        agent=agent,
        state="done",
        began_at=entry.answered_at,
        talked_until=until,
        done_at=until + timedelta(seconds=wrap_secs),
        **fields,
    )


def rang(entry: QueueEntry, agent: User, state: str, at: datetime) -> QueueOffer:
    """An offer of the router and what came of it."""
    decision = RoutingDecision.objects.create(
        entry=entry,
        queue=entry.queue,
        agent=agent,
        at=at,
        policy="standard",
        reason="only_one",
        waited_secs=0,
        candidate_count=1,
    )
    return QueueOffer.objects.create(
        entry=entry,
        agent=agent,
        kind="routed",
        decision=decision,
        state=state,
        offered_at=at,
        rings_until=at,
        settled_at=at,
    )


def was(agent: User, state: str, starts: datetime, ends: datetime | None) -> AgentSpan:
    """A stretch of the agent's day, in place of the one that still goes on."""
    desk = agents.desk_of(agent)
    AgentSpan.objects.filter(agent=desk, ends_at=None).delete()
    return AgentSpan.objects.create(agent=desk, state=state, starts_at=starts, ends_at=ends)


def said(entry: QueueEntry, score: int, solved: str = "yes") -> SurveyAnswer:
    return SurveyAnswer.objects.create(entry=entry, score=score, solved=solved)
