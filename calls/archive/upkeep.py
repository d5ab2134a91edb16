"""What each machine does for the archive beside its work, in one thread of its worker.

Once, after a backup was restored: erase and cut out again. Then and every ten minutes: clear the
spool of what was erased, bring in what came late, and every night compare the spool with the rows.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import Error as DatabaseFault
from django.db import connections

from calls.archive.erasure import clear_spool
from calls.archive.late import look_for_late
from calls.archive.reconciliations import AnotherRuns, compare_spool
from calls.archive.restored import Again, do_again

logger = logging.getLogger(__name__)

EVERY_SECS = 600.0
SPOOL_EVERY_SECS = 24 * 3600.0
# Something was away.
RETRY_SECS = 10.0


@dataclass(slots=True)
class _Work:
    do: Callable[[], object]
    every_secs: float | None
    """None: once."""
    due: float = 0.0


def start_upkeep(
    again: Again, *, machine: str, stop: threading.Event | None = None
) -> threading.Thread:
    """Begin, until this process ends or `stop` is set; `machine` names whose spool it is."""
    told = stop or threading.Event()
    thread = threading.Thread(
        target=_keep_up, args=(again, machine, told), name="upkeep", daemon=True
    )
    thread.start()
    return thread


def _keep_up(again: Again, machine: str, stop: threading.Event) -> None:
    works = [
        _Work(lambda: do_again(again), None),
        _Work(clear_spool, EVERY_SECS),
        _Work(lambda: look_for_late(again), EVERY_SECS),
        _Work(lambda: compare_spool(machine), SPOOL_EVERY_SECS, time.monotonic() + EVERY_SECS),
    ]
    while not stop.is_set():
        for work in [work for work in works if work.due <= time.monotonic()]:
            if not _done(work.do):
                work.due = time.monotonic() + RETRY_SECS
            elif work.every_secs is None:
                works.remove(work)
            else:
                work.due = time.monotonic() + work.every_secs
        connections.close_all()
        stop.wait(RETRY_SECS)


def _done(work: Callable[[], object]) -> bool:
    try:
        work()
    except AnotherRuns:
        return False
    except (OSError, DatabaseFault) as exc:
        logger.warning("the archive was not looked after: %s", type(exc).__name__)
        return False
    except Exception:
        logger.exception("the archive was not looked after")
        return False
    return True
