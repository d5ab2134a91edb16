"""An older database, restored, has forgotten what was erased and what was cut out: done again.

The notes of both lie beside the media (notes.py), not in the database.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from calls.archive import notes
from calls.archive.batching import batches
from calls.models import CutOut, Recording
from calls.states import RecordingState

logger = logging.getLogger(__name__)

BATCH = 500


@dataclass(frozen=True, slots=True)
class Again:
    """What is done of the services' part (calls/services), which this package does not know."""

    erase: Callable[[UUID, Mapping[str, Any]], bool]
    """Erases a recording that a backup brought back; False if that may not be done now."""
    cut: Callable[[Mapping[str, Any]], bool]
    """Wishes a cut-out once more; False if that is wished already."""
    prepare: Callable[[UUID], bool]
    """Sends a finished recording back to the finalisers; False if that may not be done now."""


def do_again(again: Again) -> list[UUID]:
    """Erase and cut out what a backup brought back; the recordings. Raises StorageAway."""
    return [*erase_restored(again), *cut_restored(again)]


def erase_restored(again: Again) -> list[UUID]:
    """Erase again whatever the storage has a certificate for. Raises StorageAway."""
    done: list[UUID] = []
    for some in batches(notes.of_erased(), BATCH):
        alive = Recording.objects.filter(pk__in=some).exclude(state=RecordingState.ERASED)
        for recording_id in alive.values_list("pk", flat=True):
            document = notes.read(notes.erased_name(recording_id)) or {}
            if document.get("recording") != str(recording_id) or not document.get("erased_at"):
                logger.error("the erasure certificate of %s is of another recording", recording_id)
            elif again.erase(recording_id, document):
                done.append(recording_id)
    return done


def cut_restored(again: Again) -> list[UUID]:
    """Take out again what was taken out of recordings that are not erased. Raises StorageAway."""
    done: list[UUID] = []
    for some in batches(notes.of_cuts(), BATCH):
        recordings = {recording for recording, _ in some}
        alive = Recording.objects.filter(pk__in=recordings).exclude(state=RecordingState.ERASED)
        here = set(alive.values_list("pk", flat=True))
        done_already = _done(recordings)
        for recording_id, name in some:
            if recording_id not in here or name in done_already:
                continue
            document = notes.read(name) or {}
            if name != f"{notes.CUT}/{document.get('recording')}/{document.get('wish')}.json":
                logger.error("the note %s is of another recording", name)
            elif again.cut(document):
                done.append(recording_id)
    return done


def _done(recordings: Iterable[UUID]) -> set[str]:
    """The names of the notes whose cut this database knows."""
    wishes = CutOut.objects.filter(recording__in=recordings, done_at__isnull=False)
    known = wishes.values_list("recording", "pk")
    return {notes.cut_name(recording, wish) for recording, wish in known}
