"""An agent who is behind, and whom that keeps waiting."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.log import record
from calls.models import CallSession, RunningLate
from calls.states import CallState

MINUTES = (5, 10, 15, 20, 30, 45, 60)
# A delay that nobody took back is forgotten then: the next hours of the day are on time again.
HOLDS_FOR = timedelta(hours=2)


@transaction.atomic
def say(agent: User, minutes: int) -> RunningLate:
    """The agent is `minutes` late from now on, until they say otherwise or for two hours."""
    now = timezone.now()
    late, _created = RunningLate.objects.update_or_create(
        agent=agent, defaults={"minutes": minutes, "said_at": now, "until": now + HOLDS_FOR}
    )
    record("agent.late", actor=agent.pk, target_type="user", target=agent.pk, minutes=minutes)
    return late


@transaction.atomic
def take_back(agent: User) -> None:
    """The agent is on time again."""
    if RunningLate.objects.filter(agent=agent).delete()[0]:
        record("agent.on_time", actor=agent.pk, target_type="user", target=agent.pk)


def now_of(agents: Iterable[UUID]) -> dict[UUID, RunningLate]:
    """Who of them is late now, in one query."""
    late = RunningLate.objects.filter(agent__in=list(agents), until__gt=timezone.now())
    return {one.agent_id: one for one in late}


def minutes_for(agent_id: UUID, starts_at: datetime) -> int | None:
    """How late the agent's visit at `starts_at` will begin; None if on time or not known yet."""
    late = now_of([agent_id]).get(agent_id)
    return late.minutes if late and starts_at < late.until else None


def minutes_for_call(call: CallSession) -> int | None:
    """The same of a call that has not begun."""
    if call.state != CallState.OPEN or not (call.agent_id and call.starts_at):
        return None
    return minutes_for(call.agent_id, call.starts_at)
