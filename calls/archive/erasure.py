"""What follows a destroyed key: the certificate's copy in the storage, and the files' end.

Each step may be the last of a process that is killed, and be done again by another: a certificate
is copied before the first file goes, a row goes once its file is gone, and the recording counts as
cleared when nothing is left under its name. calls/services/erasure.py destroys the key itself.
"""

import logging
import shutil
from contextlib import suppress
from itertools import chain
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.files.storage import FileSystemStorage, storages
from django.utils import timezone

from calls.archive import notes, store
from calls.archive.batching import batches
from calls.models import Artifact, ErasureCertificate, Recording, Segment
from calls.states import RecordingState

logger = logging.getLogger(__name__)


def sweep(limit: int = 50) -> int:
    """Go on with every erased recording of which files may be left; how many are cleared now."""
    # By chance, so that many that wait for one machine's spool keep none of the others back.
    waiting = ErasureCertificate.objects.filter(cleared_at__isnull=True).order_by("?")
    return sum(clear(pk) for pk in list(waiting.values_list("recording_id", flat=True)[:limit]))


def clear(recording_id: UUID) -> bool:
    """Delete what is left of an erased recording; True once nothing is.

    1. The certificate's copy; 2. files with their rows; 3. what no row names. A file in the spool
    of another machine comes to the storage first, so this is done again later.
    """
    certificate = ErasureCertificate.objects.filter(recording=recording_id).first()
    if certificate is None:
        return False
    try:
        _copy(certificate)
        if not _delete_named(recording_id):
            return False
        _delete_rest(recording_id)
    except store.StorageAway as away:
        logger.warning("files of erased recording %s wait for the storage: %s", recording_id, away)
        return False
    ErasureCertificate.objects.filter(pk=certificate.pk, cleared_at__isnull=True).update(
        cleared_at=timezone.now()
    )
    return True


def clear_spool() -> int:
    """Delete what this machine's spool holds of erased recordings; how many files went."""
    gone = 0
    root = store.spool_root()
    inside = [path for it in (root, store.kept_path("")) if it.is_dir() for path in it.iterdir()]
    folders = {pk for path in inside if (pk := store.as_id(path.name)) is not None}
    for some in batches(folders, 200):
        erased = Recording.objects.filter(pk__in=some, state=RecordingState.ERASED)
        for recording_id in erased.values_list("pk", flat=True):
            for file in list(store.list_folder(root, str(recording_id))):
                _reached(file.name)
                (root / file.name).unlink(missing_ok=True)
                gone += 1
            _drop_folders(root / str(recording_id))
            shutil.rmtree(store.kept_path(str(recording_id)), ignore_errors=True)
    return gone


def _copy(certificate: ErasureCertificate) -> None:
    if certificate.copied_at is None:
        notes.ensure(notes.erased_name(certificate.recording_id), certificate.document)
        mine = ErasureCertificate.objects.filter(pk=certificate.pk)
        mine.update(copied_at=timezone.now())


def _delete_named(recording_id: UUID) -> bool:
    """Files and then their rows; False if some lie where this machine cannot reach them."""
    reached = True
    segments = Segment.objects.filter(track__recording=recording_id)
    files = Artifact.objects.filter(recording=recording_id)
    for row in chain[Segment | Artifact](segments.iterator(), files.iterator()):
        if row.stored_at is None and not store.exists(row.name):
            reached = False
            continue
        _reached(row.name)
        store.delete(row.name)
        row.delete()
    return reached


def _reached(name: str) -> None:
    """Note that a file was found, before it goes: nobody has to wait for another machine's."""
    for model in (Segment, Artifact):
        model.objects.filter(name=name, stored_at__isnull=True).update(stored_at=timezone.now())


def _delete_rest(recording_id: UUID) -> None:
    """What no row names: files of a killed finaliser, unfinished ones, in storage and spool."""
    for name in list(store.list_names(f"{recording_id}/")):
        store.delete(name)
    for _recording, name in list(notes.of_cuts(recording_id)):
        store.delete(name)
    for file in list(store.list_folder(store.spool_root(), str(recording_id))):
        (store.spool_root() / file.name).unlink(missing_ok=True)
    _drop_folders(store.spool_root() / str(recording_id))
    shutil.rmtree(store.kept_path(str(recording_id)), ignore_errors=True)
    storage = storages[settings.RECORDING_STORAGE]
    if isinstance(storage, FileSystemStorage):
        _drop_folders(Path(storage.location) / str(recording_id))


def _drop_folders(folder: Path) -> None:
    """Empty folders of this machine; one that fills meanwhile stays."""
    inside = sorted(folder.rglob("*"), reverse=True) if folder.is_dir() else []
    for path in [*inside, folder]:
        with suppress(OSError):
            path.rmdir()
