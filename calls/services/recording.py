"""The life of a recording: queued, taken by a recorder under a lease, stopped, finalised.

The row is the queue. Celery messages are hints that a worker may miss or get twice; `sweep` repeats
them until the row has moved on.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from celery import current_app
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from kombu.exceptions import OperationalError

from calls.models import (
    Artifact,
    CallSession,
    CutOut,
    LedgerEntry,
    LegalHold,
    Participant,
    Recording,
)
from calls.protocol import FactKind
from calls.services import facts, retention
from calls.states import RECORDING, LedgerKind, RecordingState, sources

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=6)
FINALISE_LEASE = timedelta(seconds=45)
HINT_SECS = 10
# People are told within five seconds of their agreement; who looks does so every second.
DELAY_TOLD_AFTER = timedelta(seconds=3)


def queue(call: CallSession, recording: Recording) -> None:
    """Everyone agreed: the recording waits for a recorder. The call is locked."""
    if _advance(recording, RecordingState.QUEUED, queued_at=timezone.now()):
        facts.append(call, FactKind.RECORDING_QUEUED, recording=recording.pk)
        transaction.on_commit(lambda: hint("calls.record", recording.pk))


def stop(
    call: CallSession,
    recording: Recording,
    *,
    reason: str,
    by: Participant | None = None,
    ref: str = "",
) -> int:
    """No more may be captured. The call is locked; returns the number of the fact.

    What was only asked for ends as refused; anything later is closed by its recorder, or by the
    sweep if it has none.
    """
    asked_only = recording.state == RecordingState.ASKING
    target = RecordingState.REFUSED if asked_only else RecordingState.STOPPING
    moved = _advance(recording, target, reason=reason, stopped_at=timezone.now())
    if target == RecordingState.STOPPING:
        if moved:
            LedgerEntry.objects.append(recording.pk, LedgerKind.STOPPED, reason=reason)
        transaction.on_commit(sweep_stopped)
    return facts.append(
        call,
        FactKind.RECORDING_STOPPED,
        by=by,
        ref=ref,
        recording=recording.pk,
        reason=reason,
    )


def claim(recording_id: UUID, *, owner: str) -> Recording | None:
    """Take the lease of a recording that has to be captured, or None if it is not to be had."""
    wanted = (RecordingState.QUEUED, RecordingState.RECORDING)
    with transaction.atomic():
        taken = _claim(recording_id, owner=owner, states=wanted, until=timezone.now() + LEASE)
        if taken is not None:
            LedgerEntry.objects.append(taken.pk, LedgerKind.CLAIMED, attempt=taken.attempts)
    return taken


def claim_finalising(recording_id: UUID, *, owner: str) -> Recording | None:
    """Take the lease of a recording that has to be finalised, or None if it is not to be had."""
    until = timezone.now() + FINALISE_LEASE
    return _claim(recording_id, owner=owner, states=(RecordingState.FINALISING,), until=until)


def renew(recording_id: UUID, *, owner: str, lease: timedelta = LEASE) -> RecordingState | None:
    """Keep the lease; returns the state that the recording is in now, or None if it was lost."""
    mine = Recording.objects.filter(pk=recording_id, lease_owner=owner)
    if not mine.update(lease_expires_at=timezone.now() + lease):
        return None
    return RecordingState(mine.values_list("state", flat=True).get())


def started(recording_id: UUID, *, owner: str) -> None:
    """The recorder is in the call and ready to capture; said once, also after a takeover."""
    with _locked(recording_id) as (call, recording):
        if recording.lease_owner == owner and recording.state == RecordingState.QUEUED:
            _advance(recording, RecordingState.RECORDING, started_at=timezone.now())
            LedgerEntry.objects.append(recording.pk, LedgerKind.BEGUN, quality=recording.quality)
            facts.append(call, FactKind.RECORDING_STARTED, recording=recording.pk)


def release(recording_id: UUID, *, owner: str) -> None:
    """The recorder has closed its segments and goes.

    A recording that was stopped is now finalised; one that was not is handed to another worker.
    """
    with _locked(recording_id) as (_call, recording):
        if recording.lease_owner != owner:
            return
        _give_back(recording)
        if recording.state == RecordingState.STOPPING:
            _finalise(recording)
        else:
            transaction.on_commit(lambda: hint("calls.record", recording_id))


def ready(recording_id: UUID, *, owner: str) -> bool:
    """Everything can be played; False if the lease was lost meanwhile."""
    with _locked(recording_id) as (_call, recording):
        if recording.lease_owner != owner:
            return False
        _give_back(recording)
        if _wishes_to_cut(recording):
            # A hold was lifted while it was prepared: it is prepared once more, without them.
            transaction.on_commit(lambda: hint("calls.finalize", recording.pk))
            return False
        # What was taken out of it later does not let it be kept for longer.
        ready_at = recording.ready_at or timezone.now()
        until = recording.delete_after or retention.keep_until(recording, over_at=ready_at)
        if not _advance(recording, RecordingState.READY, ready_at=ready_at, delete_after=until):
            return False
        LedgerEntry.objects.append(
            recording.pk, LedgerKind.FINALISED, files=Artifact.objects.told(recording.pk)
        )
        return True


def finalise_again(recording: Recording) -> bool:
    """Back to the finalisers, whose row is locked; nothing is played until they are done.

    False if it is not that far yet.
    """
    return _finalise(recording)


def uncount(recording_id: UUID, *, owner: str) -> None:
    """An attempt that could not be made, and is no reason to give up, does not count."""
    mine = Recording.objects.filter(pk=recording_id, lease_owner=owner, attempts__gt=0)
    mine.update(attempts=F("attempts") - 1)


def fail(recording_id: UUID, *, owner: str, reason: str) -> None:
    """The recording cannot go on; `reason` is a word of docs/recording.md. People are told.

    What was captured is finalised all the same. Nothing happens once `owner` has lost the lease.
    """
    with _locked(recording_id) as (call, recording):
        if recording.lease_owner != owner:
            return
        _give_back(recording)
        if recording.state == RecordingState.RECORDING:
            _advance(recording, RecordingState.STOPPING, stopped_at=timezone.now(), reason=reason)
            LedgerEntry.objects.append(recording.pk, LedgerKind.STOPPED, reason=reason)
        if recording.state == RecordingState.STOPPING and recording.started_at:
            _finalise(recording)
        elif not _fail(recording, reason):
            return
        facts.append(call, FactKind.RECORDING_FAILED, recording=recording.pk, reason=reason)


def sweep() -> None:
    """Repeat the hint for everything that waits for a worker (see the module's docstring)."""
    tell_delays()
    sweep_stopped()
    now = timezone.now()
    free = Q(lease_expires_at__isnull=True) | Q(lease_expires_at__lt=now)
    for states, task in (
        ((RecordingState.QUEUED, RecordingState.RECORDING), "calls.record"),
        ((RecordingState.FINALISING,), "calls.finalize"),
    ):
        waiting = Recording.objects.filter(free, state__in=states).values_list("pk", flat=True)
        for recording_id in waiting[:200]:
            hint(task, recording_id)


def sweep_stopped() -> None:
    """Stopped recordings whose recorder is gone, or never came, go on to be finalised."""
    now = timezone.now()
    free = Q(lease_expires_at__isnull=True) | Q(lease_expires_at__lt=now)
    for recording in Recording.objects.filter(free, state=RecordingState.STOPPING)[:200]:
        _finalise(recording)


def tell_delays() -> None:
    """Say once in each call whose recorder has not come that it goes on unrecorded.

    One that holds the lease has a second more: it is on its way into the call, or cannot get in.
    """
    now = timezone.now()
    free = Q(lease_expires_at__isnull=True) | Q(lease_expires_at__lt=now)
    late = Recording.objects.filter(
        free & Q(queued_at__lt=now - DELAY_TOLD_AFTER)
        | Q(queued_at__lt=now - DELAY_TOLD_AFTER - timedelta(seconds=1)),
        state=RecordingState.QUEUED,
        delay_told_at__isnull=True,
    )
    for recording_id in list(late.values_list("pk", flat=True)[:200]):
        with _locked(recording_id) as (call, recording):
            mine = Recording.objects.filter(pk=recording_id, delay_told_at__isnull=True)
            if mine.filter(state=RecordingState.QUEUED).update(delay_told_at=timezone.now()):
                facts.append(
                    call,
                    FactKind.RECORDING_DELAYED,
                    recording=recording.pk,
                    reason="no_recorder",
                )


def hint(task: str, recording_id: UUID) -> None:
    """Send a Celery message; a broker that is away costs nothing, since the sweep sends again."""
    try:
        # An old hint is worth nothing: the sweep has sent newer ones since.
        current_app.send_task(task, args=[str(recording_id)], retry=False, expires=HINT_SECS)
    except (OperationalError, OSError):
        logger.warning("hint %s for recording %s not sent: no broker", task, recording_id)


def _claim(
    recording_id: UUID, *, owner: str, states: tuple[RecordingState, ...], until: datetime
) -> Recording | None:
    free = Q(lease_expires_at__isnull=True) | Q(lease_expires_at__lt=timezone.now())
    rows = Recording.objects.filter(free, pk=recording_id, state__in=states)
    attempts = Recording.objects.values_list("attempts", flat=True).filter(pk=recording_id).first()
    if not rows.update(lease_owner=owner, lease_expires_at=until, attempts=(attempts or 0) + 1):
        return None
    return Recording.objects.select_related("call").get(pk=recording_id)


def _finalise(recording: Recording) -> bool:
    """Hand a stopped recording to the finalisers, whose attempts count from nought."""
    moved = _advance(
        recording, RecordingState.FINALISING, attempts=0, lease_owner="", lease_expires_at=None
    )
    if moved:
        transaction.on_commit(lambda: hint("calls.finalize", recording.pk))
    return moved


def _wishes_to_cut(recording: Recording) -> bool:
    """Whether something is still to be taken out, and may be."""
    wishes = CutOut.objects.filter(recording=recording, done_at__isnull=True)
    return wishes.exists() and not LegalHold.objects.stands_on(recording.pk)


def _fail(recording: Recording, reason: str) -> bool:
    """What was captured is kept as long as of one that is ready; failing again changes nothing."""
    over_at = recording.stopped_at or timezone.now()
    until = recording.delete_after
    if until is None and recording.started_at:
        until = retention.keep_until(recording, over_at=over_at)
    return _advance(recording, RecordingState.FAILED, reason=reason, delete_after=until)


def _give_back(recording: Recording) -> None:
    Recording.objects.filter(pk=recording.pk).update(lease_owner="", lease_expires_at=None)


def _advance(recording: Recording, target: RecordingState, **fields: object) -> bool:
    """Move the row to `target` if its state allows that; True if this call did it."""
    rows = Recording.objects.filter(pk=recording.pk, state__in=sources(RECORDING, target))
    moved = bool(rows.update(state=target, **fields))
    if moved:
        recording.state = target
    return moved


@contextmanager
def _locked(recording_id: UUID) -> Iterator[tuple[CallSession, Recording]]:
    """The recording and its locked call, in one transaction; the call may have ended."""
    call_id = Recording.objects.values_list("call_id", flat=True).get(pk=recording_id)
    with facts.locked_call(call_id, open_only=False) as call:
        yield call, Recording.objects.get(pk=recording_id)
