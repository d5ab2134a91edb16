"""Texts that agents send with one press, filled in for the person in front of them."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from accounts.models import User
from calls.models import CannedReply, CannedUse, QueueEntry

MOST_REPLIES = 30


@dataclass(frozen=True)
class Reply:
    pk: int
    title: str
    text: str


def replies_for(entry: QueueEntry, *, agent: User) -> list[Reply]:
    """The texts of `replies_of`, filled in."""
    return [
        Reply(one.pk, one.title, fill(one.text, name=entry.name, agent=agent.display_name))
        for one in replies_of(entry)[:MOST_REPLIES]
    ]


def replies_of(entry: QueueEntry) -> QuerySet[CannedReply]:
    """Those of the entry's queue and of all, in the person's language or in any."""
    return CannedReply.objects.filter(
        Q(queue=entry.queue_id) | Q(queue__isnull=True),
        Q(language=entry.language) | Q(language="") if entry.language else Q(),
    )


def note_use(reply: CannedReply, *, entry: QueueEntry, agent: User) -> None:
    """The agent chose the text in this contact; how often makes no difference."""
    CannedUse.objects.get_or_create(entry=entry, reply=reply, agent=agent)


def fill(text: str, *, name: str, agent: str) -> str:
    """The text with `{name}` and `{agent}` replaced; other braces stay as they are."""
    return text.replace("{name}", name).replace("{agent}", agent)
