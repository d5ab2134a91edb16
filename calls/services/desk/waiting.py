"""What becomes of people in line: they go, come back, wait too long, or want no more waiting."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from calls.desk.states import IN_LINE, EntryKind, EntryState
from calls.models import CallSession, EntryEventKind, Leg, Queue, QueueEntry
from calls.services import facts
from calls.services.desk import entries, ringing, rounds
from calls.services.desk.errors import NotInLine, NotOffered
from calls.services.desk.opening import opening
from calls.services.errors import WrongState
from calls.services.lifecycle import end_call
from calls.states import LegState

# Leaving and coming back within this keeps the place.
PLACE_KEPT = timedelta(minutes=2)
# So long somebody who was handed on waits in a queue that has closed meanwhile.
HANDED_ON_KEPT = timedelta(minutes=10)
MOST_AT_ONCE = 500


def leave(entry: QueueEntry) -> None:
    """The person gives the place up. Raises NotInLine if they do not wait any more."""
    with _locked(entry.pk) as row:
        _end(row, EntryState.LEFT, EntryEventKind.LEFT)


def call_me_back(entry: QueueEntry, *, phone: str, email: str) -> None:
    """The place waits for the person, who may close the page. Raises NotInLine, NotOffered."""
    if not entry.queue.takes_callbacks or entry.appointment_id is not None:
        raise NotOffered
    with _locked(entry.pk) as row:
        _stop_waiting_live(row, EntryKind.CALLBACK, phone=phone, email=email)
        entries.note(row.pk, EntryEventKind.CALLBACK)


def write_instead(entry: QueueEntry, *, message: str, email: str) -> None:
    """The person leaves a letter and goes. Raises NotInLine, NotOffered."""
    if not entry.queue.takes_messages or entry.appointment_id is not None:
        raise NotOffered
    with _locked(entry.pk) as row:
        _stop_waiting_live(row, EntryKind.MESSAGE, message=message, email=email)
        entries.note(row.pk, EntryEventKind.MESSAGE)


def sweep() -> None:
    """Notice who is gone or back, give up the places of those gone too long, and move on those
    who have waited too long for their queue, or whose queue has closed."""
    _note_presence()
    now = timezone.now()
    live = QueueEntry.objects.filter(state__in=IN_LINE, kind=EntryKind.LIVE)
    gone = live.filter(away_since__lte=now - PLACE_KEPT)
    _each(gone.values_list("pk", flat=True), _give_up)
    _each(_overdue(), _overflow)
    _each(_in_closed_queues(), _close)


def _note_presence() -> None:
    """Whose page has lost its connection, and who is back; one query each if nobody is."""
    now = timezone.now()
    pages = Leg.objects.filter(
        participant__call=OuterRef("call"), participant__user=OuterRef("person")
    ).exclude(state=LegState.CLOSED)
    live = QueueEntry.objects.filter(state__in=IN_LINE, kind=EntryKind.LIVE)
    changes = (
        (live.filter(~Exists(pages), away_since__isnull=True), now, EntryEventKind.AWAY),
        (live.filter(Exists(pages), away_since__isnull=False), None, EntryEventKind.BACK),
    )
    for rows, away_since, kind in changes:
        for pk in list(rows.values_list("pk", flat=True)[:MOST_AT_ONCE]):
            same = QueueEntry.objects.filter(pk=pk, away_since__isnull=away_since is not None)
            with transaction.atomic():
                if same.update(away_since=away_since):
                    entries.note(pk, kind, at=now)


def _give_up(row: QueueEntry) -> None:
    if row.away_since and row.away_since <= timezone.now() - PLACE_KEPT:
        _end(row, EntryState.LEFT, EntryEventKind.LEFT)


def _overdue() -> list[UUID]:
    """Who has waited in their queue for longer than it lets people wait, and may go on."""
    now, overdue = timezone.now(), Q()
    queues = Queue.objects.filter(most_wait_secs__isnull=False, overflow__isnull=False)
    related = ("overflow__hours", "overflow__days")
    for queue in queues.select_related("overflow").prefetch_related(*related):
        if queue.overflow and opening(queue.overflow, now).is_open:
            since = now - timedelta(seconds=queue.most_wait_secs or 0)
            overdue |= Q(queue=queue.pk, queued_at__lte=since)
    if not overdue:
        return []
    there = _in_line_unanswered().filter(
        queue=OuterRef("queue__overflow"), person=OuterRef("person")
    )
    rows = QueueEntry.objects.filter(
        overdue, ~Exists(there), state=EntryState.WAITING, kind=EntryKind.LIVE
    )
    return list(rows.values_list("pk", flat=True)[:MOST_AT_ONCE])


def _overflow(row: QueueEntry) -> None:
    """On to the next queue, if that one is open, with the time that was waited so far."""
    target = row.queue.overflow
    now = timezone.now()
    if row.state != EntryState.WAITING or target is None or not opening(target, now).is_open:
        return
    if _waits_there(row, target):
        return
    QueueEntry.objects.filter(pk=row.pk).update(queue=target, queued_at=now)
    entries.note(row.pk, EntryEventKind.OVERFLOWED, at=now, queue=target.pk, before=row.queue_id)
    rounds.request()


def _waits_there(row: QueueEntry, target: Queue) -> bool:
    return _in_line_unanswered().filter(queue=target, person=row.person_id).exists()


def _in_line_unanswered() -> QuerySet[QueueEntry]:
    """The places of which somebody may have one in each queue."""
    rows = QueueEntry.objects.filter(state__in=IN_LINE, answered_at__isnull=True)
    return rows.exclude(kind=EntryKind.MESSAGE)


def _in_closed_queues() -> list[UUID]:
    """Live entries of queues that were switched off or have closed; somebody who was handed on a
    moment ago is left to those who are still there."""
    now = timezone.now()
    waiting = QueueEntry.objects.filter(
        Q(answered_at__isnull=True) | Q(queued_at__lte=now - HANDED_ON_KEPT),
        state=EntryState.WAITING,
        kind=EntryKind.LIVE,
    )
    queues = Queue.objects.filter(Exists(waiting.filter(queue=OuterRef("pk"))))
    closed = [
        queue.pk
        for queue in queues.prefetch_related("hours", "days")
        if not opening(queue, now).is_open
    ]
    return list(waiting.filter(queue__in=closed).values_list("pk", flat=True)[:MOST_AT_ONCE])


def _close(row: QueueEntry) -> None:
    """Those who wait are told that it has closed; who asked for a call back keeps the place."""
    if row.state == EntryState.WAITING and row.kind == EntryKind.LIVE:
        _end(row, EntryState.CLOSED, EntryEventKind.CLOSED)


def _stop_waiting_live(row: QueueEntry, kind: EntryKind, **said: str) -> None:
    """What rings for the entry rings on only for a talk: it goes back into line as what it is."""
    if row.kind != EntryKind.LIVE or row.answered_at:
        raise NotInLine
    ringing.stop_for(row.pk)
    QueueEntry.objects.filter(pk=row.pk).update(kind=kind, away_since=None, **said)
    rounds.request()


def _end(row: QueueEntry, state: EntryState, kind: EntryEventKind) -> None:
    """The place is given up, and the call of somebody whom nobody answered is over.

    A call that was answered once, and waits for another agent now, is over as well. A visit that
    was booked goes on without the place: its own agent may still come.
    """
    ringing.stop_for(row.pk)
    if not entries.advance(row.pk, state):
        raise NotInLine
    entries.note(row.pk, kind)
    if row.appointment_id is None:
        call = CallSession.objects.get(pk=row.call_id)
        end_call(call, reason="abandoned" if state == EntryState.LEFT else "closed")
    rounds.request()


@contextmanager
def _locked(entry_id: UUID) -> Iterator[QueueEntry]:
    """The entry as it is now, its call and then itself locked. Raises NotInLine."""
    call_id = QueueEntry.objects.values_list("call_id", flat=True).get(pk=entry_id)
    try:
        with facts.locked_call(call_id):
            rows = QueueEntry.objects.select_for_update(of=("self",)).select_related(
                "queue__overflow"
            )
            row = rows.get(pk=entry_id)
            if row.state not in IN_LINE:
                raise NotInLine
            yield row
    except WrongState as over:
        raise NotInLine from over


def _each(entry_ids: Iterable[UUID], change: Callable[[QueueEntry], None]) -> None:
    """Do it to each, locked; who is not in line any more is left alone."""
    for pk in list(entry_ids):
        try:
            with _locked(pk) as row:
                change(row)
        except NotInLine:
            continue
