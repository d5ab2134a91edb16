"""Brings finished segments to the disk and their lines to the manifest, one after the other.

A database that is away does not stop the capture: the segments go to the disk, their lines wait
in memory and follow. A disk that is full, or so slow that too much waits, does stop it.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import UUID

from channels.db import database_sync_to_async
from django.db import DataError, IntegrityError
from django.db import Error as DatabaseFault

from calls.archive import lines, store
from calls.archive.lines import TrackPlace
from calls.archive.segments import SegmentDamaged, SegmentInfo, cuts_of, read_segment
from calls.archive.vault import DataKey
from calls.archive.writing import DiskFull, OpenSegment, trimmed, write_segment

logger = logging.getLogger(__name__)

WAITING_BYTES = 64 * 1024 * 1024
RETRY_SECS = 1.0


@dataclass(frozen=True, slots=True)
class _Ended:
    """In the queue behind a track's last segment: why there are no more."""

    place: TrackPlace
    at: float
    reason: str
    cut: bool
    """Whether nothing that came after `at` may be kept."""


class Keeper:
    """The one writer of a recording; `failed` tells once why no more can be kept."""

    def __init__(self, root: Path, key: DataKey, *, failed: Callable[[str], None]) -> None:
        self._root = root
        self._key = key
        self._failed = failed
        self._queue: asyncio.Queue[tuple[TrackPlace, OpenSegment] | _Ended] = asyncio.Queue()
        self._waiting_bytes = 0
        self._cuts: dict[UUID, float] = {}
        self._written: dict[UUID, list[SegmentInfo]] = {}
        self._rows: deque[Callable[[], None]] = deque()
        self._writing_rows = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    def put(self, place: TrackPlace, segment: OpenSegment) -> None:
        """Take a finished segment; never waits."""
        if self._waiting_bytes + len(segment.plaintext) > WAITING_BYTES:
            self._failed("disk_slow")
            return
        self._waiting_bytes += len(segment.plaintext)
        self._queue.put_nowait((place, segment))

    def end_track(self, place: TrackPlace, *, at: float, reason: str, cut: bool = False) -> None:
        """Note why a track ended; after its last segment was put.

        With `cut`, what came after `at` is not written, and taken back where it was.
        """
        if cut:
            self._cuts[place.track] = at
        self._queue.put_nowait(_Ended(place, at, reason, cut))

    def note(self, row: Callable[[], None]) -> None:
        """Write a line of the ledger, in its turn."""
        self._rows.append(row)

    async def finish(
        self, *, go_on: Callable[[], bool] = lambda: True, patience_secs: float = 30.0
    ) -> bool:
        """Write all that was put; False if the disk stands still, and with it the writing thread.

        What the disk does not take in that time is given up. Lines wait for their database that
        long in any case, and then for as long as `go_on` says yes.
        """
        ends_at = time.monotonic() + patience_secs
        written = True
        try:
            async with asyncio.timeout(patience_secs):
                await self._queue.join()
        except TimeoutError:
            logger.error("%d segments could not be written", self._queue.qsize())
            written = False
        while not await self._write_rows():
            if time.monotonic() > ends_at and not go_on():
                logger.error("%d lines of the manifest could not be written", len(self._rows))
                break
            await asyncio.sleep(RETRY_SECS)
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        return written

    async def _run(self) -> None:
        while True:
            try:
                async with asyncio.timeout(RETRY_SECS):
                    item = await self._queue.get()
            except TimeoutError:
                item = None
            try:
                if item is None:
                    await self._write_rows()
                    continue
                if isinstance(item, _Ended):
                    await self._end(item)
                else:
                    await self._keep(*item)
                await self._write_rows()
            except Exception:
                logger.exception("a segment or its line could not be kept")
                self._failed("disk_failed")
            finally:
                if item is not None:
                    self._queue.task_done()

    async def _end(self, end: _Ended) -> None:
        track = end.place.track
        written = self._written.pop(track, [])
        try:
            for info in written if end.cut else ():
                if info.ended_at > end.at:
                    await self._take_back(end.place, info, not_after=end.at)
        finally:
            self._cuts.pop(track, None)
            self._rows.append(partial(lines.end_track, end.place, at=end.at, reason=end.reason))

    async def _take_back(self, place: TrackPlace, info: SegmentInfo, *, not_after: float) -> None:
        """A withdrawal was heard of after the segment was written: cut it on the disk too."""
        try:
            kept = await asyncio.to_thread(self._rewrite, place, info, not_after)
        except store.StorageAway:
            logger.warning("segment %s is cut by the finaliser: the storage is away", info.name)
            return
        self._rows.append(partial(self._replace, place, info, kept))

    def _replace(self, place: TrackPlace, info: SegmentInfo, kept: SegmentInfo | None) -> None:
        """The line first: whoever is killed between leaves a file that the finaliser deletes."""
        lines.replace_segment(place, info, kept, "withdrawn")
        (self._root / info.name).unlink(missing_ok=True)
        try:
            store.delete(info.name)
        except store.StorageAway:
            logger.warning("segment %s is deleted by the finaliser", info.name)

    def _rewrite(
        self, place: TrackPlace, info: SegmentInfo, not_after: float
    ) -> SegmentInfo | None:
        """Write what may be kept of a segment; if that fails nothing of it is kept.

        Raises StorageAway if it lies there alone: it is as it was.
        """
        people = {"recording": place.recording, "participant": place.participant}
        kept = None
        try:
            plaintext = read_segment(self._read, info, self._key, **people)
            whole = OpenSegment(info.index, info.started_at, info.ended_at, bytearray(plaintext))
            if (left := trimmed(whole, not_after)) is not None:
                left.cuts = cuts_of(info.name) + 1
                kept = write_segment(self._root, left, self._key, **people, track=place.track)
        except store.StorageAway:
            raise
        except (DiskFull, OSError, SegmentDamaged):
            logger.exception("segment %s could not be cut; it is deleted", info.name)
        return kept

    def _read(self, name: str) -> bytes:
        path = self._root / name
        return path.read_bytes() if path.exists() else store.read_bytes(name)

    async def _keep(self, place: TrackPlace, segment: OpenSegment) -> None:
        cut = self._cuts.get(place.track)
        allowed = segment if cut is None else trimmed(segment, cut)
        try:
            if allowed is None:
                return
            info = await asyncio.to_thread(
                write_segment,
                self._root,
                allowed,
                self._key,
                recording=place.recording,
                participant=place.participant,
                track=place.track,
            )
        except DiskFull:
            logger.warning("recording %s stops: the disk is full", place.recording)
            self._failed("disk_full")
        except OSError:
            logger.exception("segment %d of track %s not written", segment.index, place.track)
            self._failed("disk_failed")
        else:
            self._written.setdefault(place.track, []).append(info)
            self._rows.append(partial(lines.add_segment, place, info))
        finally:
            self._waiting_bytes -= len(segment.plaintext)

    async def _write_rows(self) -> bool:
        """Write the lines that wait; False if the database is away."""
        async with self._writing_rows:
            while self._rows:
                try:
                    await database_sync_to_async(self._rows[0])()
                except (DataError, IntegrityError, lines.TooLate):
                    logger.exception("a line of the manifest was refused")
                except DatabaseFault:
                    logger.warning("the database is away: %d lines wait", len(self._rows))
                    return False
                except Exception:
                    # Tried for ever it would keep all that follow from being written.
                    logger.exception("a line of the manifest could not be written")
                self._rows.popleft()
            return True
