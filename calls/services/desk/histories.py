"""What happened to a contact, and what an agent did today, for those who lead the desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from calls.desk.days import midnight
from calls.desk.states import EntryState
from calls.models import AgentSpan, DeskAgent, QueueEntry
from calls.services.desk.names import about_whom, names_in


@dataclass(frozen=True, slots=True)
class Happening:
    """`about`: whom and which queues, in words; `by`: who did it, "" for the house."""

    at: datetime
    kind: str
    words: str
    about: str
    by: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """`secs`: of today. `reason` is why the state was changed for the agent, "" if they chose."""

    starts_at: datetime
    ends_at: datetime | None
    state: str
    words: str
    reason: str
    secs: float


@dataclass(frozen=True, slots=True)
class Talk:
    entry: UUID
    name: str
    queue: str
    since: datetime


def history_of(entry: QueueEntry) -> list[Happening]:
    """All that happened to the contact, oldest first; three queries."""
    events = list(entry.events.select_related("by").order_by("at", "pk"))
    names = names_in(event.data for event in events)
    return [
        Happening(
            at=event.at,
            kind=event.kind,
            words=event.get_kind_display(),
            about=about_whom(event.data, names),
            by=event.by.display_name if event.by else "",
        )
        for event in events
    ]


def today_of(desk: DeskAgent, zone: ZoneInfo) -> Sequence[Stretch]:
    """The agent's day by the clock of `zone`, newest first; what began yesterday from midnight."""
    now = timezone.now()
    start = datetime.fromtimestamp(midnight(now.astimezone(zone).date(), zone), zone)
    rows = AgentSpan.objects.filter(agent=desk).filter(Q(ends_at__gt=start) | Q(ends_at=None))
    return [
        Stretch(
            starts_at=max(span.starts_at, start),
            ends_at=span.ends_at,
            state=span.state,
            words=span.get_state_display(),
            reason=span.reason,
            secs=((span.ends_at or now) - max(span.starts_at, start)).total_seconds(),
        )
        for span in rows.order_by("-starts_at")
    ]


def talks_of(agent: User) -> list[Talk]:
    """Whom the agent talks with now, from queues."""
    rows = QueueEntry.objects.filter(agent=agent, state=EntryState.ANSWERED)
    return [
        Talk(entry.pk, entry.name, entry.queue.name, entry.answered_at or entry.arrived_at)
        for entry in rows.select_related("queue").order_by("answered_at")
    ]
