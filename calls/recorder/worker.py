"""The recorder's Celery tasks: hints to look at a row, with one effect however often they come.

One recording, one task, one process. A worker that is told to stop (SIGTERM) lets every capture
close its segments and hand its lease back, so that another worker goes on at once; one that is
killed is followed by another when its lease expires.
"""

import asyncio
import gc
import logging
import mmap
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from celery import shared_task
from celery.signals import worker_init, worker_ready, worker_shutting_down
from channels.db import database_sync_to_async
from django.conf import settings
from django.db import close_old_connections

from calls.archive import spool
from calls.archive.finalize import finalize
from calls.archive.finished import LeaseLost
from calls.archive.keys import make_recording_key
from calls.archive.store import StorageAway, spool_root
from calls.archive.vault import DataKey, KeyUnavailable, VaultError
from calls.archive.writing import DiskFull, require_free_space
from calls.models import Recording
from calls.recorder.memory import Growth
from calls.recorder.node import NodeTeller
from calls.recorder.rows import has_ended_for
from calls.recorder.session import CaptureSession
from calls.recorder.webm import mux_person
from calls.services import nodes
from calls.services import recording as recordings

logger = logging.getLogger(__name__)

MOST_ATTEMPTS = 30
# How often a recorder may try to get into the call before people are told that none will.
MOST_BEGINNINGS = 10
HEARTBEAT_SECS = 10.0
# A muxer that takes this much longer than the recording lasts stands still: its process ends.
STANDS_STILL_SECS = 600.0
# Reasons that end the recording itself, not only this worker's part in it.
FAULTS = ("disk_full", "disk_slow", "disk_failed", "too_long")
GROWN = "memory_limit"
# A fresh process goes on for one that grew. Two that grew, the second as soon as this: none helps.
GROWN_AT_ONCE_SECS = 300.0

# One byte that the worker's pool processes inherit: they are not signalled when their parent is.
_going = mmap.mmap(-1, 1)
_teller: NodeTeller | None = None


@worker_init.connect
def _stay(**_: object) -> None:
    """What is loaded by now is shared by the whole pool: no collection writes to its pages."""
    _going[0] = 0
    gc.collect()
    gc.freeze()


@worker_ready.connect
def _upload(**_: object) -> None:
    """One thread in the worker's own process serves all that its pool captures and makes."""
    spool.start_uploader()


@worker_ready.connect
def _tell(sender: Any, **_: object) -> None:
    """Only a worker that captures counts among the recorders."""
    if "recorder" in sender.app.amqp.queues.consume_from:
        global _teller
        _teller = NodeTeller(sender.hostname, capacity=sender.pool.limit)
        _teller.start()


@worker_shutting_down.connect
def _go(**_: object) -> None:
    _going[0] = 1
    if _teller is not None:
        _teller.stop()


@shared_task(name="calls.record", ignore_result=True)
def record(recording_id: str) -> None:
    """Capture a recording, if it wants to be and nobody else does."""
    if _going[0]:
        return
    owner = new_owner()
    recording = recordings.claim(UUID(recording_id), owner=owner)
    if recording is None:
        return
    try:
        root, key = _prepare(recording)
    except CannotBegin as exc:
        logger.exception("recording %s not begun", recording_id)
        recordings.fail(recording.pk, owner=owner, reason=exc.reason)
        return
    has_grown_before = has_ended_for(recording.pk, GROWN)
    began = time.monotonic()
    must_go = _stop_when_told()

    def ended(reason: str) -> None:
        logger.info("recording %s: capture ended (%s)", recording_id, reason)
        grows_at_once = has_grown_before and time.monotonic() - began < GROWN_AT_ONCE_SECS
        if reason in FAULTS or (reason == GROWN and grows_at_once):
            recordings.fail(recording.pk, owner=owner, reason=reason)
        elif reason != "lease_lost":
            recordings.release(recording.pk, owner=owner)

    asyncio.run(
        _capture(
            lambda: CaptureSession(recording, owner=owner, key=key, root=root, must_go=must_go),
            ended,
        )
    )


class CannotBegin(Exception):
    """Nothing can be captured, and trying again would not help."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        """A word of docs/recording.md."""


def _prepare(recording: Recording) -> tuple[Path, DataKey]:
    """Where the recording is to lie, and its key; raises CannotBegin."""
    if recording.started_at is None and recording.attempts > MOST_BEGINNINGS:
        raise CannotBegin("no_recorder")
    try:
        root = spool_root()
        require_free_space(root, least_bytes=settings.RECORDING_MIN_FREE_BYTES)
        return root, make_recording_key(recording)
    except DiskFull as exc:
        raise CannotBegin("disk_full") from exc
    except OSError as exc:
        raise CannotBegin("disk_failed") from exc
    except VaultError as exc:
        raise CannotBegin("key_unavailable") from exc


async def _capture(make: Callable[[], CaptureSession], ended: Callable[[str], None]) -> None:
    session = make()
    reason = await session.run()
    await database_sync_to_async(ended)(reason)
    if session.stands_still:
        # A thread that writes to a disk which never answers would be waited for, for ever.
        logger.error("the disk stands still: this process ends")
        os._exit(1)


@shared_task(name="calls.finalize", ignore_result=True)
def finalize_recording(recording_id: str) -> None:
    """Make the files that people play, if that is to be done and nobody else does it."""
    owner = new_owner()
    recording = recordings.claim_finalising(UUID(recording_id), owner=owner)
    if recording is None:
        return
    if recording.attempts > MOST_ATTEMPTS:
        recordings.fail(recording.pk, owner=owner, reason="finalise_failed")
        return
    with _Heartbeat(recording, owner=owner) as heart:
        try:
            playable = finalize(recording, mux=mux_person, go_on=heart.beat)
        except LeaseLost:
            return
        except (DiskFull, KeyUnavailable, StorageAway, spool.NotYetStored):
            # Its lease runs out and the sweep tries again: what is away may come back.
            recordings.uncount(recording.pk, owner=owner)
            logger.exception("recording %s cannot be finalised yet", recording_id)
            return
        # Whoever plays may be on another machine; later is soon enough if the storage is away.
        with suppress(StorageAway):
            spool.upload_pending(recording=recording.pk)
    if playable:
        recordings.ready(recording.pk, owner=owner)
    else:
        recordings.fail(recording.pk, owner=owner, reason="nothing_captured")


class _Heartbeat:
    """Renews a lease from a thread while the muxer works; `beat` says whether it is still ours."""

    def __init__(self, recording: Recording, *, owner: str) -> None:
        self._recording = recording
        self._owner = owner
        self._done = threading.Event()
        self._ends_at = time.monotonic() + STANDS_STILL_SECS + recording.length_secs
        self._thread = threading.Thread(target=self._run, name="lease", daemon=True)

    def __enter__(self) -> "_Heartbeat":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def beat(self) -> bool:
        lease = recordings.FINALISE_LEASE
        return recordings.renew(self._recording.pk, owner=self._owner, lease=lease) is not None

    def _run(self) -> None:
        while not self._done.wait(HEARTBEAT_SECS):
            if time.monotonic() > self._ends_at:
                # Nothing else ends a call into a library that never comes back.
                logger.error("recording %s is never finalised here", self._recording.pk)
                os._exit(1)
            try:
                self.beat()
            except Exception:
                logger.exception("the lease of recording %s was not renewed", self._recording.pk)
            finally:
                close_old_connections()


def new_owner() -> str:
    """Names one attempt of one process: two tasks never share a lease."""
    return f"{nodes.host_name()}:{os.getpid()}:{uuid4().hex[:12]}"


def _stop_when_told() -> Callable[[], str]:
    """Says why to hand over, "" while there is no reason to.

    The worker, or this very process, was told to stop; or it has grown too large.
    """
    told = threading.Event()
    growth = Growth(settings.RECORDER_MEMORY_BYTES)

    def must_go() -> str:
        if _going[0] or told.is_set():
            return "recorder_restarted"
        return GROWN if growth.is_over() else ""

    with suppress(ValueError):  # only a main thread may take signals; a test has another
        signal.signal(signal.SIGTERM, lambda *_: told.set())
    return must_go
