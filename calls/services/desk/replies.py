"""Texts that agents send with one press, filled in for the person in front of them."""

from dataclasses import dataclass

from django.db.models import Q

from accounts.models import User
from calls.models import CannedReply, QueueEntry

MOST_REPLIES = 30


@dataclass(frozen=True)
class Reply:
    title: str
    text: str


def replies_for(entry: QueueEntry, *, agent: User) -> list[Reply]:
    """Those of the entry's queue and of all, in the person's language or in any."""
    rows = CannedReply.objects.filter(
        Q(queue=entry.queue_id) | Q(queue__isnull=True),
        Q(language=entry.language) | Q(language="") if entry.language else Q(),
    )
    return [
        Reply(one.title, fill(one.text, name=entry.name, agent=agent.display_name))
        for one in rows[:MOST_REPLIES]
    ]


def fill(text: str, *, name: str, agent: str) -> str:
    """The text with `{name}` and `{agent}` replaced; other braces stay as they are."""
    return text.replace("{name}", name).replace("{agent}", agent)
