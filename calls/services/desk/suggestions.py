"""What is suggested to the agent who speaks with somebody: ready texts, and a follow-up."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.utils import timezone

from accounts.models import Role, User
from calls.desk.follow_up import (
    Booking,
    Contact,
    Followed,
    Rhythm,
    followed_by,
    has_lapsed,
    rhythm_of,
)
from calls.desk.suggesting import Habit, Said, Suggestion, Text, habit_for, habits_of, suggest
from calls.models import (
    Appointment,
    CallEvent,
    CannedUse,
    Handling,
    Participant,
    QueueEntry,
    Service,
)
from calls.models.event import is_hidden
from calls.protocol import FactKind
from calls.services.desk.cards import Card
from calls.services.desk.replies import MOST_REPLIES, fill, replies_of
from calls.services.scheduling.free_times import offering
from calls.states import AppointmentState, ParticipantState

# Habits are those of so many days, and of so many contacts at most.
LOOKED_BACK = timedelta(days=90)
MOST_LOOKED_AT = 1000
LAST_LINES = 5


@dataclass(frozen=True)
class FollowUp:
    """A visit to offer. Its reason is either the person's `rhythm`, or what `followed` after
    contacts of this queue about `code` ("" for all). `agent`: whom they saw, if still possible."""

    service: Service
    agent: User | None
    rhythm: Rhythm | None = None
    followed: Followed | None = None
    code: str = ""


class _Part(NamedTuple):
    """An agent's part in a contact of the queue, as it is stored."""

    entry: UUID
    code: str
    person: UUID
    at: datetime
    has_account: bool


class Suggestions:
    """For one contact and one reader; what others did in the queue is read once."""

    def __init__(self, entry: QueueEntry, *, reader: User) -> None:
        self._entry, self._reader = entry, reader
        self._now = timezone.now()
        self._parts = _parts_of(entry, since=self._now - LOOKED_BACK)
        self._words = " \n".join([entry.subject, entry.message, *_lines(entry, reader)])

    def replies(self) -> list[Suggestion]:
        """The ready texts that suit what was said; four queries with the others."""
        entry = self._entry
        texts = [
            Text(
                id=row.pk,
                words=f"{row.title} {fill(row.text, name='', agent='')}",
                queue=str(row.queue_id or ""),
                language=row.language,
            )
            for row in replies_of(entry)[:MOST_REPLIES]
        ]
        language = entry.language or entry.person.language
        said = Said(self._words, str(entry.queue_id), language)
        return suggest(said, texts, self._habits() if texts else [])

    def follow_up(self, card: Card) -> FollowUp | None:
        """What the person's visits on the card say; else what others did after such a contact.
        None for who has no account, and for a service of which something is booked."""
        if self._entry.person.role != Role.PATIENT or not self._entry.person.is_active:
            return None
        return self._by_rhythm(card) or self._by_others()

    def _habits(self) -> list[Habit]:
        uses = CannedUse.objects.filter(
            entry__queue=self._entry.queue_id, at__gte=self._now - LOOKED_BACK
        ).exclude(entry=self._entry)
        rows = uses.order_by("-at").values_list("entry_id", "reply_id")[: 3 * MOST_LOOKED_AT]
        return habits_of([(part.entry, part.code) for part in self._parts], list(rows))

    def _by_rhythm(self, card: Card) -> FollowUp | None:
        """Only of what the card shows, and of visits for the person themselves."""
        visits: dict[UUID, list[Appointment]] = defaultdict(list)
        for visit in card.visits:
            if visit.state == AppointmentState.COMPLETED and visit.dependant_id is None:
                visits[visit.service_id].append(visit)
        for mine in visits.values():
            rhythm = rhythm_of([visit.starts_at for visit in mine])
            last = max(mine, key=lambda visit: visit.starts_at)
            if rhythm and not has_lapsed(rhythm, self._now) and self._is_open(last.service):
                agent = _among(offering(last.service), last.agent_id)
                return FollowUp(last.service, agent, rhythm=rhythm)
        return None

    def _by_others(self) -> FollowUp | None:
        about = habit_for(
            self._words, habits_of([(part.entry, part.code) for part in self._parts], [])
        )
        code = about.code if about else ""
        contacts = {
            part.entry: Contact(part.person, part.at)
            for part in self._parts
            if part.has_account and code in ("", part.code)
        }
        if not contacts:
            return None
        found = followed_by(contacts.values(), self._bookings(), self._now)
        service = found and Service.objects.filter(pk=found.service).first()
        if not found or not service or not self._is_open(service):
            return None
        agent = _among(offering(service), self._reader.pk)
        return FollowUp(service, agent, followed=found, code=code)

    def _bookings(self) -> list[Booking]:
        """What people booked who came into this queue."""
        since = self._now - LOOKED_BACK
        came = QueueEntry.objects.filter(queue=self._entry.queue_id, arrived_at__gte=since)
        rows = Appointment.objects.filter(
            patient__in=came.values("person"), created_at__gte=since
        ).exclude(state=AppointmentState.CANCELLED)
        found = rows.order_by("-created_at").values_list("patient_id", "service_id", "created_at")
        return [Booking(*row) for row in found[:MOST_LOOKED_AT]]

    def _is_open(self, service: Service) -> bool:
        """Whether it can be booked, and the person has booked none."""
        booked = Appointment.objects.filter(
            patient=self._entry.person_id,
            service=service,
            state=AppointmentState.BOOKED,
            ends_at__gte=self._now,
        )
        return service.is_active and bool(offering(service)) and not booked.exists()


def _parts_of(entry: QueueEntry, *, since: datetime) -> list[_Part]:
    """The latest parts of agents in contacts of the queue, but for this one."""
    rows = Handling.objects.filter(
        entry__queue=entry.queue_id, is_consult=False, began_at__gte=since
    ).exclude(entry=entry)
    found = rows.order_by("-began_at").values_list(
        "entry_id", "code__name", "entry__person_id", "entry__arrived_at", "entry__person__role"
    )
    return [
        _Part(pk, code or "", person, at, role == Role.PATIENT)
        for pk, code, person, at, role in found[:MOST_LOOKED_AT]
    ]


def _lines(entry: QueueEntry, reader: User) -> list[str]:
    """The last lines that the person wrote in the call, of those that `reader` may read."""
    seats = Participant.objects.filter(call=entry.call_id, user=reader)
    seat = seats.exclude(state=ParticipantState.REMOVED).first()
    if seat is None:
        return []
    rows = CallEvent.objects.filter(
        call=entry.call_id, kind=FactKind.CHAT, by__user=entry.person_id
    ).order_by("-seq")[:LAST_LINES]
    return [str(row.data.get("text", "")) for row in rows if not is_hidden(row, seat)]


def _among(agents: list[User], pk: UUID) -> User | None:
    return next((agent for agent in agents if agent.pk == pk), None)
