"""Somebody's own contacts: the place that they have, and what is still open."""

from django.db.models import QuerySet

from accounts.models import User
from calls.desk.states import OPEN_ENTRIES, EntryKind
from calls.models import Queue, QueueEntry


def open_contact(queue: Queue, person: User) -> QueueEntry | None:
    """The person's place in this queue, or their talk with its agent; letters hold no place."""
    return open_contacts_of(person).exclude(kind=EntryKind.MESSAGE).filter(queue=queue).first()


def open_contacts_of(person: User) -> QuerySet[QueueEntry]:
    """What the person waits for, or talks about now, the newest first."""
    rows = QueueEntry.objects.filter(person=person, state__in=OPEN_ENTRIES)
    return rows.select_related("queue").order_by("-arrived_at")
