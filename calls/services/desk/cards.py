"""Who somebody is, for the agent who speaks with them: what was before, and what is to come."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from accounts.models import Role, User
from calls.desk.states import OPEN_ENTRIES, HandlingState
from calls.models import Appointment, Attachment, Handling, QueueEntry
from calls.permissions import attachments_for
from calls.states import AppointmentState

MOST_EARLIER = 5
MOST_COMING = 3
MOST_PAST = 5
MOST_FILES = 5


@dataclass(frozen=True)
class Earlier:
    """A contact of before: when, in which queue, with whom, what it was about and was noted."""

    at: datetime
    queue: str
    agent: str
    subject: str
    code: str
    note: str


@dataclass(frozen=True)
class Card:
    """`has_account`: a visitor without one has no history. `visits`: coming ones first."""

    has_account: bool
    language: str
    zone: str
    earlier: list[Earlier]
    visits: list[Appointment]
    files: list[Attachment]


def card_of(entry: QueueEntry, *, reader: User) -> Card:
    """What `reader` sees of the person: files only of visits that the reader takes part in."""
    person = entry.person
    has_account = person.role != Role.GUEST
    knows = has_account and _may_look_back(entry, reader)
    return Card(
        has_account=has_account,
        language=entry.language or person.language,
        zone=person.time_zone,
        earlier=_earlier(entry) if knows else [],
        visits=_visits(person) if knows else [],
        files=list(
            attachments_for(reader)
            .filter(appointment__patient=person)
            .order_by("-added_at")[:MOST_FILES]
        )
        if knows
        else [],
    )


def _may_look_back(entry: QueueEntry, reader: User) -> bool:
    """What was before is for who deals with the person now, not for ever after."""
    mine = Handling.objects.filter(entry=entry, agent=reader).exclude(state=HandlingState.DONE)
    return entry.state in OPEN_ENTRIES or mine.exists()


def _earlier(entry: QueueEntry) -> list[Earlier]:
    parts = Handling.objects.filter(entry__person=entry.person_id, is_consult=False)
    rows = parts.filter(began_at__lt=entry.arrived_at).exclude(entry=entry)
    rows = rows.select_related("entry__queue", "agent", "code")
    return [
        Earlier(
            at=row.began_at,
            queue=row.entry.queue.name,
            agent=row.agent.display_name,
            subject=row.entry.subject,
            code=row.code.name if row.code else "",
            note=row.note,
        )
        for row in rows.order_by("-began_at")[:MOST_EARLIER]
    ]


def _visits(person: User) -> list[Appointment]:
    """The next ones, then the last ones."""
    rows = Appointment.objects.filter(patient=person).select_related("service", "agent")
    now = timezone.now()
    coming = rows.filter(state=AppointmentState.BOOKED, ends_at__gte=now).order_by("starts_at")
    past = rows.filter(ends_at__lt=now).exclude(state=AppointmentState.CANCELLED)
    return [*coming[:MOST_COMING], *past.order_by("-starts_at")[:MOST_PAST]]
