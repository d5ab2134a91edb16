"""Contacts that are over, with all that may be said in one, and what is left of that."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from calls.models import (
    CallEvent,
    CallSession,
    Handling,
    Participant,
    Queue,
    QueueEntry,
    QueueOffer,
    SurveyAnswer,
)
from calls.protocol import FactKind
from calls.services import facts
from calls.services.desk import keeping, offers
from tests.desk import house

FIELDS = [kind.field for kind in keeping.KINDS]


def contact(queue: Queue, ada: User, *, days: float, person: User | None = None) -> QueueEntry:
    """A contact with all that may be said in one, over for so many days."""
    entry = house.come(
        queue,
        "Mei Lin",
        kind="live",
        subject="A bill",
        message="It is too high.",
        phone="123",
        email="mei@example.com",
        person=person,
    )
    offers.accept(ada, house.offered(entry).pk)
    ended = timezone.now() - timedelta(days=days)
    QueueEntry.objects.filter(pk=entry.pk).update(
        state="done",
        answer="We look.",
        handed_note="She is upset",
        arrived_at=ended,
        answered_at=ended,
        ended_at=ended,
    )
    QueueOffer.objects.filter(entry=entry).update(note="Ask first")
    Handling.objects.filter(entry=entry).update(
        state="done", note="Called the bank", began_at=ended, talked_until=ended, done_at=ended
    )
    SurveyAnswer.objects.create(entry=entry, score=4, solved="yes", comment="Kind people")
    say(entry, "It is a hundred too much")
    CallSession.objects.filter(pk=entry.call_id).update(state="ended", ended_at=ended)
    house.sit_down(ada)
    entry.refresh_from_db()
    return entry


def say(entry: QueueEntry, text: str) -> None:
    """A line of the person's in the chat of the call."""
    seat = Participant.objects.get(call=entry.call_id, user=entry.person)
    with facts.locked_call(seat.call_id) as call:
        said: dict[str, Any] = {"participant": seat.pk, "name": seat.name, "text": text}
        facts.append(call, FactKind.CHAT, by=seat, **said)


def chat_of(entry: QueueEntry) -> list[dict[str, str]]:
    rows = CallEvent.objects.filter(call=entry.call_id, kind=FactKind.CHAT)
    return list(rows.values_list("data", flat=True))


def words(entry: QueueEntry) -> dict[str, list[str]]:
    """All that is left of what was said in a contact, by kind."""
    entry.refresh_from_db()
    handling, offer = Handling.objects.get(entry=entry), QueueOffer.objects.get(entry=entry)
    found = {
        "notes_kept_days": [handling.note, offer.note, entry.handed_note],
        "writing_kept_days": [entry.subject, entry.message, entry.answer],
        "details_kept_days": [entry.name, entry.phone, entry.email],
        "chat_kept_days": [line["text"] for line in chat_of(entry)],
        "comments_kept_days": [SurveyAnswer.objects.get(entry=entry).comment],
    }
    return {kind: [word for word in said if word] for kind, said in found.items()}
