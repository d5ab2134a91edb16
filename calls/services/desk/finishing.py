"""The end of a contact, and the after-call work of those who had it."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from calls.desk.states import HANDLING, EntryState, HandlingState
from calls.models import (
    CallSession,
    EntryEventKind,
    Handling,
    Queue,
    QueueEntry,
    WrapUpCode,
)
from calls.services.desk import agents, entries, ringing
from calls.services.desk.errors import NoteOutdated, NotInLine
from calls.services.desk.locking import lock_desks
from calls.states import sources

MOST_AT_ONCE = 500


def finish(call: CallSession) -> None:
    """The locked call has ended: so has its contact, and whoever had it wraps up."""
    entry = QueueEntry.objects.filter(call=call).select_related("queue").first()
    if entry is None:
        return
    talks = Handling.objects.filter(entry=entry, state=HandlingState.TALKING)
    lock_desks(talks.values_list("agent_id", flat=True))
    ringing.stop_for(entry.pk)
    if _was_served(entry, call):
        if entries.advance(entry.pk, EntryState.DONE):
            entries.note(entry.pk, EntryEventKind.DONE)
    elif entries.advance(entry.pk, EntryState.LEFT):
        entries.note(entry.pk, EntryEventKind.LEFT)
    for talk in talks:
        stop_talking(talk, entry.queue)


def _was_served(entry: QueueEntry, call: CallSession) -> bool:
    """Somebody spoke with the person: an agent of the queue, or the one with whom the visit of a
    call that was live had been booked."""
    if entry.appointment_id is not None and call.live_at is not None:
        return True
    return entry.state == EntryState.ANSWERED


def stop_talking(talk: Handling, queue: Queue) -> None:
    """The agent's talk is over: after-call work begins, where the queue has any; desk locked."""
    now = timezone.now()
    wraps_up = queue.wrap_up_secs > 0 and not talk.is_consult
    rows = Handling.objects.filter(pk=talk.pk, state=HandlingState.TALKING)
    if wraps_up:
        until = now + timedelta(seconds=queue.wrap_up_secs)
        rows.update(state=HandlingState.WRAPPING_UP, talked_until=now, wraps_up_until=until)
    else:
        rows.update(state=HandlingState.DONE, talked_until=now, done_at=now)
    agents.settle(talk.agent_id)


def wrap_up(handling: Handling, *, code: WrapUpCode | None, note: str, version: int) -> None:
    """The agent is done with the contact. Raises NoteOutdated, NotInLine if they still talk."""
    with transaction.atomic():
        agents.locked(handling.agent_id)
        save_note(handling, note, version=version)
        if not _done(handling.pk, timezone.now(), code=code):
            raise NotInLine
        agents.settle(handling.agent_id)


def save_note(handling: Handling, text: str, *, version: int) -> int:
    """Keep the note, if it is still the one that was edited; returns its new version.

    Raises NoteOutdated if another tab has saved meanwhile, unless that saved the same.
    """
    rows = Handling.objects.filter(pk=handling.pk)
    if rows.filter(note_version=version).update(note=text, note_version=F("note_version") + 1):
        return version + 1
    kept = rows.filter(note=text).values_list("note_version", flat=True).first()
    if kept is None:
        raise NoteOutdated
    return kept


def sweep() -> None:
    """After-call work that has taken all of its time is over."""
    now = timezone.now()
    late = Handling.objects.filter(state=HandlingState.WRAPPING_UP, wraps_up_until__lte=now)
    for pk, agent_id in list(late.values_list("pk", "agent_id")[:MOST_AT_ONCE]):
        with transaction.atomic():
            agents.locked(agent_id)
            if _done(pk, now):
                agents.settle(agent_id)


def in_hand(user: User) -> list[Handling]:
    """The agent's open parts in contacts: talks, and after-call work."""
    rows = Handling.objects.filter(agent=user).exclude(state=HandlingState.DONE)
    return list(rows.select_related("entry__queue", "entry__call").order_by("began_at"))


def _done(pk: int, now: datetime, *, code: WrapUpCode | None = None) -> bool:
    """Ended once; a code that was said later, when the time had run out, is kept all the same."""
    rows = Handling.objects.filter(pk=pk)
    if code is not None:
        rows.update(code=code)
    open_ones = rows.filter(state__in=sources(HANDLING, HandlingState.DONE))
    wrapping = open_ones.filter(state=HandlingState.WRAPPING_UP)
    return (
        bool(wrapping.update(state=HandlingState.DONE, done_at=now))
        or rows.filter(state=HandlingState.DONE).exists()
    )


def parts_of(entry_id: UUID) -> list[Handling]:
    """Everybody's part in a contact, in order."""
    rows = Handling.objects.filter(entry_id=entry_id).select_related("agent", "code")
    return list(rows.order_by("began_at"))
