"""What came after its recording was finished: segments of a machine that was away, or restored.

Its file is made anew with them. Nothing is touched while a legal hold stands.
"""

import logging
from collections.abc import Callable
from uuid import UUID

from django.db import transaction

from calls.archive import store
from calls.archive.adopting import adopt_unlisted
from calls.archive.batching import batches
from calls.archive.finished import missed
from calls.archive.keys import recording_key
from calls.archive.restored import Again
from calls.archive.vault import VaultError
from calls.models import Artifact, LegalHold, Recording, Segment
from calls.states import RecordingState

logger = logging.getLogger(__name__)

_FINISHED = (RecordingState.READY, RecordingState.FAILED)
BATCH = 200


def look_for_late(again: Again) -> list[UUID]:
    """Send recordings back to the finalisers that now can be had more of. Raises StorageAway."""
    return [*_adopted(again), *_prepared(again, _has_come)]


def _adopted(again: Again) -> list[UUID]:
    """Of whom this machine's spool holds segments without lines."""
    root = store.spool_root()
    folders = [path.name for path in root.iterdir() if path.is_dir()] if root.is_dir() else []
    done: list[UUID] = []
    for some in batches(map(store.as_id, folders), BATCH):
        ids = [it for it in some if it is not None]
        rows = Recording.objects.filter(pk__in=ids, state__in=_FINISHED).exclude(wrapped_key=b"")
        for recording in rows:
            try:
                if _adopt(recording, again):
                    done.append(recording.pk)
            except (VaultError, OSError) as fault:
                logger.warning("late segments of recording %s wait: %s", recording.pk, fault)
    return done


def _adopt(recording: Recording, again: Again) -> bool:
    """Lines and the way back to the finalisers come in one step, or neither does."""
    key = recording_key(recording)
    with transaction.atomic():
        row = Recording.objects.select_for_update().get(pk=recording.pk)
        if row.state not in _FINISHED or LegalHold.objects.stands_on(row.pk):
            return False
        if adopt_unlisted(row, key) == 0:
            return False
        is_prepared = again.prepare(row.pk)
        transaction.set_rollback(not is_prepared)
        return is_prepared


def look_for_returned(again: Again) -> list[UUID]:
    """The same for files that somebody put back into the storage by hand. Raises StorageAway."""
    return _prepared(again, lambda file: any(map(store.exists, missed(file))))


def _prepared(again: Again, is_back: Callable[[Artifact], bool]) -> list[UUID]:
    """Recordings of which a file was made without segments that are back."""
    lacking = Artifact.objects.filter(
        kind="media",
        participant__isnull=False,
        recording__state=RecordingState.READY,
        details__damaged__0__isnull=False,
    )
    done: list[UUID] = []
    for file in lacking.order_by("pk"):
        if file.recording_id not in done and is_back(file) and again.prepare(file.recording_id):
            done.append(file.recording_id)
    return done


def _has_come(file: Artifact) -> bool:
    """Whether a segment that it lacks is in this machine's spool, or was uploaded since."""
    names = missed(file)
    came = Segment.objects.filter(name__in=names, stored_at__gt=file.created_at)
    if any(map(store.is_stored, came.values_list("name", flat=True))):
        return True
    return any(store.spool_path(name).exists() for name in names)
