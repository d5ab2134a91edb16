"""What a recorder's own process tells of itself, every two seconds, until it ends."""

import logging
import shutil
import threading
from contextlib import suppress

import psutil
from django.db import close_old_connections
from django.utils import timezone

from calls.archive import store
from calls.services import nodes

logger = logging.getLogger(__name__)

# Measuring memory page by page costs more than all the rest.
_MEMORY_EVERY = 10
_LAST_WORD_SECS = 2.0


class NodeTeller:
    """A thread of the worker's own process; a pool process of it may be frozen meanwhile."""

    def __init__(self, name: str, *, capacity: int) -> None:
        self._name = name
        self._capacity = capacity
        self._started_at = timezone.now()
        self._ended = threading.Event()
        self._memory_bytes = 0
        self._thread = threading.Thread(target=self._run, name="node", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Say that no more is taken."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(_LAST_WORD_SECS)  # what it still tells would take this back
        try:
            nodes.leave(self._name)
        except Exception:
            logger.exception("it could not be said that recorder %s ends", self._name)

    def tell(self) -> None:
        """Once; raises what the database raises."""
        nodes.tell(self._name, self._figures(), started_at=self._started_at, host=nodes.host_name())

    def _figures(self) -> nodes.Figures:
        root = store.spool_root()
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        files = list(store.list_folder(root))
        return nodes.Figures(
            capacity=self._capacity,
            disk_free_bytes=shutil.disk_usage(root).free,
            spool_files=len(files),
            spool_bytes=sum(file.size_bytes for file in files),
            memory_bytes=self._memory_bytes,
        )

    def _run(self) -> None:
        turn = 0
        while not self._ended.is_set():
            try:
                if turn % _MEMORY_EVERY == 0:
                    self._memory_bytes = _memory_bytes()
                self.tell()
            except Exception:
                # The database is away, or a file went while it was counted: told again soon.
                logger.warning("recorder %s could not tell of itself", self._name, exc_info=True)
            finally:
                close_old_connections()
            turn += 1
            self._ended.wait(nodes.TOLD_EVERY_SECS)


def _memory_bytes() -> int:
    """Of this process and its pool, what they share counted once."""
    me = psutil.Process()
    total = 0
    for process in [me, *me.children(recursive=True)]:
        with suppress(psutil.Error):
            total += process.memory_full_info().pss
    return total
