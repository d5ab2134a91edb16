"""What follows a destroyed key: the certificate's copy in the storage, and the files' end.

Each step may be the last of a process that is killed, and be done again by another: a certificate
is copied before the first file goes, a row goes once its file is gone, and the recording counts as
cleared when nothing is left under its name. calls/services/erasure.py destroys the key itself.
"""

import json
import logging
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import chain, islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.storage import FileSystemStorage, storages
from django.core.signing import BadSignature, Signer
from django.db import Error as DatabaseFault
from django.db import close_old_connections
from django.utils import timezone

from calls.archive import store
from calls.models import Artifact, ErasureCertificate, Recording, Segment
from calls.models.keeping import document_digest
from calls.states import RecordingState

logger = logging.getLogger(__name__)

_signer = Signer(salt="parlour.erasure")

FOLDER = "erased"
CLEAR_SPOOL_EVERY_SECS = 600.0

Again = Callable[[UUID, Mapping[str, Any]], bool]
"""Erases a recording that a backup brought back; False if that may not be done now."""


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
    folders = {path.name for path in inside}
    for some in batches(map(_as_id, folders), 200):
        erased = Recording.objects.filter(pk__in=some, state=RecordingState.ERASED)
        for recording_id in erased.values_list("pk", flat=True):
            for file in list(store.list_folder(root, str(recording_id))):
                _reached(file.name)
                (root / file.name).unlink(missing_ok=True)
                gone += 1
            _drop_folders(root / str(recording_id))
            shutil.rmtree(store.kept_path(str(recording_id)), ignore_errors=True)
    return gone


def erase_restored(again: Again) -> list[UUID]:
    """Erase again whatever the storage has a certificate for; those that were. Raises StorageAway.

    The certificates lie beside the media, not in the database: an older database, restored, meets
    them here.
    """
    done: list[UUID] = []
    names = (_as_id(Path(name).stem) for name in store.list_names(f"{FOLDER}/"))
    for some in batches(names, 500):
        alive = Recording.objects.filter(pk__in=some).exclude(state=RecordingState.ERASED)
        for recording_id in alive.values_list("pk", flat=True):
            document = read_certificate(recording_id)
            if document is not None and again(recording_id, document):
                done.append(recording_id)
    return done


def read_certificate(recording_id: UUID) -> dict[str, Any] | None:
    """The document of the copy in the storage; None if it is not what was written there."""
    try:
        kept = json.loads(store.read_bytes(_name(recording_id)))
        document = dict(kept["document"])
        # Whoever may write to the storage alone orders nothing to be erased.
        _signer.unsign(f"{document_digest(document)}{_signer.sep}{kept['proof']}")
        right = kept["sha256"] == document_digest(document) and bool(document["erased_at"])
    except (BadSignature, FileNotFoundError, ValueError, KeyError, TypeError):
        right = False
    if not right or document.get("recording") != str(recording_id):
        logger.error("the erasure certificate of %s in the storage is not ours", recording_id)
        return None
    return document


def start_clearing(again: Again) -> threading.Thread:
    """In a thread: erase again once, then keep this machine's spool clear until it ends."""
    thread = threading.Thread(target=_clear_for_good, args=[again], name="clearing", daemon=True)
    thread.start()
    return thread


def _copy(certificate: ErasureCertificate) -> None:
    """An earlier copy stands: a database that was restored knows less than it says."""
    if certificate.copied_at is not None:
        return
    name = _name(certificate.recording_id)
    if not store.is_stored(name):
        kept = {
            "document": certificate.document,
            "sha256": certificate.sha256,
            "proof": _signer.signature(certificate.sha256),
        }
        store.write(name, json.dumps(kept, indent=1, sort_keys=True).encode())
    ErasureCertificate.objects.filter(pk=certificate.pk).update(copied_at=timezone.now())


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


def _clear_for_good(again: Again) -> None:
    pause = threading.Event()
    restored_looked_for = False
    while True:
        try:
            if not restored_looked_for:
                erase_restored(again)
                restored_looked_for = True
            clear_spool()
        except (OSError, DatabaseFault) as exc:
            logger.warning("erased recordings were not looked after: %s", type(exc).__name__)
        except Exception:
            logger.exception("erased recordings were not looked after")
        finally:
            close_old_connections()
        pause.wait(CLEAR_SPOOL_EVERY_SECS if restored_looked_for else 10.0)


def _name(recording_id: UUID) -> str:
    return f"{FOLDER}/{recording_id}.json"


def batches(ids: Iterable[UUID | None], size: int) -> Iterator[list[UUID]]:
    """Those that are ids, so many at a time."""
    found = (it for it in ids if it is not None)
    while some := list(islice(found, size)):
        yield some


def _as_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
