"""From this machine's spool to the storage: as soon as it answers, however long it was away.

A file may go once its row is written; until then nobody knows it. The row says when it arrived,
and only then the copy in the spool goes. Any number of processes may do this at once.
"""

import logging
import threading
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import Error as DatabaseFault
from django.db import close_old_connections
from django.utils import timezone

from calls.archive import store
from calls.models import Artifact, Segment

logger = logging.getLogger(__name__)

EVERY_SECS = 1.0
MOST_WAIT_SECS = 30.0
BATCH = 200
# A row whose file left the spool without being ticked off belongs to a process that was killed.
FORGOTTEN_AFTER = timedelta(seconds=30)
# How long a finaliser waits for segments that lie in the spool of a machine that is away.
PATIENCE = timedelta(hours=2)

# Both name a file and say since when the storage has it.
_ROWS: tuple[Any, ...] = (Segment, Artifact)


class NotYetStored(Exception):
    """Segments lie in another machine's spool: the recording is finalised once they are here."""


def upload_pending(limit: int = BATCH, *, recording: UUID | None = None) -> int:
    """Move finished files of this machine's spool to the storage; how many arrived.

    With `recording`, only those of that one. Raises StorageAway.
    """
    root = store.spool_root()
    if not root.is_dir():
        return 0
    prefix = str(recording) if recording else ""
    names = [file.name for file in store.list_folder(root, prefix)][: 10 * limit]
    return sum(_upload(model, names, limit) for model in _ROWS) + _tick_off_forgotten(limit)


def require_stored(recording: UUID, *, stopped_at: datetime | None) -> None:
    """Raise NotYetStored while segments of a recording lie in another machine's spool.

    One that never comes is a missing segment after two hours.
    """
    if stopped_at is not None and timezone.now() - stopped_at > PATIENCE:
        return
    waiting = Segment.objects.filter(track__recording=recording, stored_at__isnull=True)
    for name in waiting.values_list("name", flat=True):
        if not store.exists(name):
            raise NotYetStored(f"{name} is in the spool of another machine.")


def start_uploader() -> threading.Thread:
    """Upload in a thread until this process ends."""
    thread = threading.Thread(target=_upload_for_good, name="uploader", daemon=True)
    thread.start()
    return thread


def _upload(model: Any, names: Iterable[str], limit: int) -> int:
    arrived = 0
    names = list(names)
    for start in range(0, len(names), BATCH):
        rows = model.objects.filter(name__in=names[start : start + BATCH])
        for pk, name, stored_at in rows.values_list("pk", "name", "stored_at"):
            if stored_at is None:
                try:
                    store.put(name)
                except FileNotFoundError:
                    continue  # another process was faster
                model.objects.filter(pk=pk, name=name).update(stored_at=timezone.now())
                arrived += 1
            store.spool_path(name).unlink(missing_ok=True)
            if arrived >= limit:
                return arrived
    return arrived


def _tick_off_forgotten(limit: int) -> int:
    """Rows whose file is in the storage, put there by a process that died before it said so."""
    old = timezone.now() - FORGOTTEN_AFTER
    segments = Segment.objects.filter(stored_at__isnull=True, ended_at__lt=old)
    files = Artifact.objects.filter(stored_at__isnull=True, created_at__lt=old)
    done = 0
    for rows in (segments, files):
        for pk, name in rows.values_list("pk", "name")[:limit]:
            if not store.spool_path(name).exists() and store.is_stored(name):
                rows.filter(pk=str(pk), name=name).update(stored_at=timezone.now())
                done += 1
    return done


def _upload_for_good() -> None:
    wait_secs = EVERY_SECS
    pause = threading.Event()
    while True:
        try:
            upload_pending()
            wait_secs = EVERY_SECS
        except (store.StorageAway, DatabaseFault) as exc:
            logger.warning("the spool waits %.0f s: %s", wait_secs, type(exc).__name__)
            wait_secs = min(2 * wait_secs, MOST_WAIT_SECS)
        except Exception:
            logger.exception("the spool was not uploaded")
            wait_secs = MOST_WAIT_SECS
        finally:
            close_old_connections()
        pause.wait(wait_secs)
