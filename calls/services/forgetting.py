"""Taking words and names out of the facts of calls that are over.

The facts themselves, their numbers, kinds and times stay: a history has no gaps.
"""

from collections.abc import Collection
from uuid import UUID

from django.db.models import QuerySet

from calls.models import CallEvent
from calls.protocol import FactKind

BATCH = 500


def forget_chat(calls: Collection[UUID]) -> None:
    """That somebody wrote, and when, stays; what they wrote does not."""
    written = CallEvent.objects.filter(call__in=calls, kind=FactKind.CHAT)
    _rewrite(written, "text", "")


def forget_names(calls: Collection[UUID], people: Collection[UUID], *, instead: str) -> None:
    """Facts of `people` (users) in these calls say `instead` where they said a name."""
    named = CallEvent.objects.filter(call__in=calls, by__user__in=people, data__has_key="name")
    _rewrite(named, "name", instead)


def _rewrite(rows: QuerySet[CallEvent], field: str, value: str) -> None:
    events = list(rows)
    for event in events:
        event.data[field] = value
    CallEvent.objects.bulk_update(events, ["data"], batch_size=BATCH)
