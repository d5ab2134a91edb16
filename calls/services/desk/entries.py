"""The one place where an entry changes its state, with what is kept about it."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from calls.desk.states import ENTRY, EntryState
from calls.models import EntryEvent, EntryEventKind, QueueEntry
from calls.states import sources

_ENDED = (EntryState.DONE, EntryState.LEFT, EntryState.CLOSED)


def advance(entry_id: UUID, target: EntryState, **fields: Any) -> bool:
    """Advance the entry if its table allows it; False if it is elsewhere by now.

    Runs in a transaction of the caller, who writes what happened with `note`.
    """
    return bool(advance_all([entry_id], target, **fields))


def advance_all(entry_ids: Collection[UUID], target: EntryState, **fields: Any) -> int:
    """Advance several, which the caller holds locked if they are more than one; how many could."""
    if target in _ENDED:
        fields.setdefault("ended_at", timezone.now())
    if target != EntryState.WAITING:
        fields.update(reserved_for=None, reserved_until=None)
    open_ones = [state for state in sources(ENTRY, target) if state not in _ENDED]
    rows = QueueEntry.objects.filter(pk__in=entry_ids, state__in=open_ones)
    return rows.update(state=target, **fields)


def stand_again(entry_id: UUID, **fields: Any) -> bool:
    """The place of a booked visit, which was taken back unanswered, is one in line again; the only
    way out of *Done*. False if that is not what became of it."""
    rows = QueueEntry.objects.filter(
        pk=entry_id,
        state=EntryState.DONE,
        answered_at__isnull=True,
        appointment__isnull=False,
    )
    return bool(rows.update(state=EntryState.WAITING, ended_at=None, **fields))


def note(
    entry_id: UUID,
    kind: EntryEventKind,
    *,
    by: User | None = None,
    at: datetime | None = None,
    **data: Any,
) -> None:
    """Add what happened to the entry's history."""
    EntryEvent.objects.create(
        entry_id=entry_id, kind=kind, by=by, at=at or timezone.now(), data=data
    )
