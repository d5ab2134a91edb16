"""From this machine's spool to the storage: as soon as it answers, however long it was away.

A file may go once its row is written; until then nobody knows it. It is put into the storage, the
row says when it arrived, and only then the one in the spool goes: so what the spool holds is what
is left to do, also after a kill at any moment. Any number of processes may do this at once.

From a bucket an hour's segments would take longer than people wait for their recording, so until it
is finished this machine keeps them beside.
"""

import fcntl
import hashlib
import logging
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import Error as DatabaseFault
from django.db import connections
from django.utils import timezone

from calls.archive import store
from calls.archive.batching import batches
from calls.archive.durable import make_folder
from calls.archive.segments import cuts_of
from calls.models import Artifact, Recording, Segment
from calls.states import OPEN_RECORDINGS, RecordingState

logger = logging.getLogger(__name__)

EVERY_SECS = 1.0
MOST_WAIT_SECS = 30.0
BATCH = 200
GIVES_UP_AFTER = 5
# How long a finaliser waits for segments in the spool of a machine that says nothing.
PATIENCE = timedelta(hours=24)
FORGET_EVERY_SECS = 10.0
TIDY_EVERY_SECS = 600.0
TELL_EVERY_SECS = 600.0
# Longer than any recording lasts: its recorder may still write there.
UNUSED_SECS = 24 * 3600.0

Row = type[Segment] | type[Artifact]
_ROWS: tuple[Row, ...] = (Segment, Artifact)
_UNFINISHED = (*OPEN_RECORDINGS, RecordingState.FINALISING)


class NotYetStored(Exception):
    """Segments lie in another machine's spool: the recording is finalised once they are here."""


def upload_pending(limit: int = BATCH, *, recording: UUID | None = None) -> int:
    """Move finished files of this machine's spool to the storage; how many arrived.

    With `recording`, all of that one; what another process is bringing there is waited for. One
    file that cannot be brought keeps no other back. Raises StorageAway.
    """
    arrived, failed = 0, list[store.StorageAway]()
    for model, name in _to_do(recording):
        try:
            arrived += _upload(model, name, wait=recording is not None)
        except store.StorageAway as exc:
            failed.append(exc)
        if len(failed) >= GIVES_UP_AFTER or (arrived >= limit and recording is None):
            break
    if failed:
        raise failed[0]
    return arrived


def require_stored(recording: UUID) -> None:
    """Raise NotYetStored while segments of a recording lie in another machine's spool.

    One of which no machine has said for a day that it is there is a missing segment; if it comes
    after all, the file is made anew (late.py). Raises StorageAway.
    """
    waiting = Segment.objects.filter(
        track__recording=recording,
        stored_at__isnull=True,
        spooled_at__gt=timezone.now() - PATIENCE,
    )
    for name in waiting.values_list("name", flat=True):
        if not store.exists(name):
            raise NotYetStored(f"{name} is in the spool of another machine.")


def tell_spooled() -> None:
    """Say of every segment that waits in this machine's spool that it is there."""
    files = store.list_folder(store.spool_root())
    for some in batches((file.name for file in files), BATCH):
        with _no_fork():
            rows = Segment.objects.filter(name__in=some, stored_at__isnull=True)
            rows.update(spooled_at=timezone.now())


def start_uploader(stop: threading.Event | None = None) -> threading.Thread:
    """Upload in a thread until this process ends, or `stop` is set."""
    told = stop or threading.Event()
    thread = threading.Thread(target=_upload_until, args=(told,), name="uploader", daemon=True)
    thread.start()
    return thread


def _to_do(recording: UUID | None) -> Iterator[tuple[Row, str]]:
    """The files in the spool that have a row."""
    files = store.list_folder(store.spool_root(), str(recording or ""))
    for some in batches((file.name for file in files), BATCH):
        for model in _ROWS:
            for name in _known(model, some):
                yield model, name


def _known(model: Row, names: Iterable[str]) -> list[str]:
    with _no_fork():
        return list(model.objects.filter(name__in=names).values_list("name", flat=True))


def _upload(model: Row, name: str, *, wait: bool) -> bool:
    """Bring one file to the storage; whether this call did it.

    Who deletes it meanwhile takes it out of the spool, or its row, before the storage: then what
    has just arrived goes again.
    """
    path = store.spool_path(name)
    with _claimed(path, wait=wait) as mine:
        if not mine:
            return False
        if model is Segment and not _is_the_one(name):
            path.unlink(missing_ok=True)
            return False
        try:
            store.put(name)
        except FileNotFoundError:
            return False
        with _no_fork():
            told = model.objects.filter(name=name).update(stored_at=timezone.now())
        if not told or not path.exists():
            store.delete(name)
            return False
        if model is Segment and _may_keep():
            make_folder(store.kept_path(name).parent)
            with suppress(FileNotFoundError):
                path.replace(store.kept_path(name))
        else:
            path.unlink(missing_ok=True)
        return True


def _is_the_one(name: str) -> bool:
    """Whether what is left of a cut is what its row tells of.

    A finaliser that was killed before it wrote its row leaves a file of the same name as the next.
    """
    if not cuts_of(name):
        return True
    with _no_fork():
        told = Segment.objects.filter(name=name).values_list("sha256", flat=True).first()
    try:
        found = hashlib.sha256(store.spool_path(name).read_bytes()).hexdigest()
    except FileNotFoundError:
        return False
    if found != told:
        logger.warning("%s is another finaliser's: it is not uploaded", name)
    return found == told


def _may_keep() -> bool:
    """Whether what was uploaded has room here: never at the cost of what is still to come."""
    if not store.is_bucket():
        return False
    return shutil.disk_usage(store.spool_root()).free >= 2 * settings.RECORDING_MIN_FREE_BYTES


def forget_finished() -> None:
    """Let go of what is kept of recordings that are finished."""
    kept = store.spool_root() / store.KEPT
    folders = [path.name for path in kept.iterdir()] if kept.is_dir() else []
    for some in batches(folders, BATCH):
        with _no_fork():
            unfinished = Recording.objects.filter(pk__in=some, state__in=_UNFINISHED)
            wanted = {str(pk) for pk in unfinished.values_list("pk", flat=True)}
        for name in set(some) - wanted:
            shutil.rmtree(kept / name, ignore_errors=True)


@contextmanager
def _claimed(path: Path, *, wait: bool) -> Iterator[bool]:
    """Whether a file of the spool is there and this thread's alone to upload, until the end."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        yield False
        return
    except OSError as exc:
        raise store.StorageAway(f"{path.name} cannot be opened: {exc.strerror}.") from exc
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        try:
            yield path.exists()
        finally:
            # By closing alone it would last as long as a process that was forked meanwhile.
            fcntl.flock(handle, fcntl.LOCK_UN)
    finally:
        os.close(handle)


def _upload_until(stop: threading.Event) -> None:
    wait_secs = EVERY_SECS
    beside: dict[Callable[[], None], float] = {
        tell_spooled: TELL_EVERY_SECS,
        forget_finished: FORGET_EVERY_SECS,
        tidy: TIDY_EVERY_SECS,
    }
    due = dict.fromkeys(beside, 0.0) | {tidy: time.monotonic() + TIDY_EVERY_SECS}
    while not stop.is_set():
        try:
            # First what is to be said while the storage is away, too.
            for work in [work for work in beside if time.monotonic() > due[work]]:
                due[work] = time.monotonic() + beside[work]
                work()
            wait_secs = 0 if upload_pending() == BATCH else EVERY_SECS
        except (store.StorageAway, DatabaseFault) as exc:
            logger.warning("the spool waits %.0f s: %s", wait_secs, type(exc).__name__)
            wait_secs = min(max(EVERY_SECS, 2 * wait_secs), MOST_WAIT_SECS)
        except Exception:
            logger.exception("the spool was not uploaded")
            wait_secs = MOST_WAIT_SECS
        finally:
            with _no_fork():
                connections.close_all()
        stop.wait(wait_secs)


def tidy(*, older_than_secs: float = UNUSED_SECS) -> None:
    """Remove empty folders that nothing was written to for so long."""
    root = store.spool_root()
    for folder in sorted((path for path in root.rglob("*") if path.is_dir()), reverse=True):
        with suppress(OSError):  # gone meanwhile, or not empty
            if time.time() - folder.stat().st_mtime > older_than_secs:
                folder.rmdir()


# --- Forks ------------------------------------------------------------------------------------
# The worker forks its pool while this thread runs. A lock inside a database's library that it holds
# at that moment would stay locked in the child for ever, so a fork waits a moment for its end.
_quiet = threading.Lock()
_held: list[bool] = []
_FORK_WAITS_SECS = 2.0


@contextmanager
def _no_fork() -> Iterator[None]:
    with _quiet:
        yield


def _before_fork() -> None:
    _held.append(_quiet.acquire(timeout=_FORK_WAITS_SECS))


def _after_fork() -> None:
    if _held.pop():
        _quiet.release()


def _after_fork_in_child() -> None:
    global _quiet
    _held.clear()
    _quiet = threading.Lock()


os.register_at_fork(
    before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork_in_child
)
