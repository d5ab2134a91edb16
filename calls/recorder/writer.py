"""Segments: a few seconds of one track collected in memory, sealed, and brought to the disk.

A segment is cut at a keyframe once it is three seconds old (the recorder asks for one then, so
each segment can be decoded by itself) and at four seconds whatever comes. It lies on disk under
its name only when it is whole: written to a temporary name, fsynced, renamed, and the folder
fsynced. So a recorder that is killed loses the open segment and nothing else.
"""

import errno
import hashlib
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from calls.archive.segments import (
    EncodedFrame,
    Record,
    SegmentInfo,
    pack,
    seal_segment,
    segment_name,
    unpack,
)
from calls.archive.store import PART, sync_folder
from calls.archive.vault import DataKey

SEGMENT_SECS = 4.0
CUT_AT_KEYFRAME_SECS = 3.0
SEGMENT_BYTES = 8 * 1024 * 1024


class DiskFull(Exception):
    """There is no room for (more of) a recording."""


@dataclass(slots=True)
class OpenSegment:
    """The plaintext being collected: in memory only."""

    index: int
    started_at: float
    ended_at: float
    plaintext: bytearray = field(default_factory=bytearray)
    audio_frames: int = 0
    video_frames: int = 0
    cuts: int = 0
    """How often it was cut after it was written; each time it gets a new name."""

    def add(self, record: Record) -> None:
        self.plaintext += pack(record)
        self.ended_at = max(self.ended_at, record.arrived_at)
        if isinstance(record, EncodedFrame):
            self.audio_frames += record.kind == "audio"
            self.video_frames += record.kind == "video"


class SegmentBuffer:
    """Cuts the records of one track into segments; does no input or output."""

    def __init__(self) -> None:
        self._index = 0
        self._open: OpenSegment | None = None

    def add(self, record: Record) -> OpenSegment | None:
        """Take a record; return the segment that it ended, if it did."""
        finished = self.cut() if self._must_cut(record) else None
        if self._open is None:
            self._open = OpenSegment(
                index=self._index, started_at=record.arrived_at, ended_at=record.arrived_at
            )
        self._open.add(record)
        return finished

    def cut_if_due(self, now: float) -> OpenSegment | None:
        """Return the open segment if it is four seconds old: for a track that went quiet."""
        if self._open is None or now - self._open.started_at < SEGMENT_SECS:
            return None
        return self.cut()

    def cut(self, *, not_after: float | None = None) -> OpenSegment | None:
        """Return the open segment, if any, without what came after that time.

        The next record opens another one.
        """
        finished, self._open = self._open, None
        if finished is not None and not_after is not None:
            finished = trimmed(finished, not_after)
        if finished is not None:
            self._index += 1
        return finished

    def wants_keyframe(self, now: float) -> bool:
        """True while a keyframe would end the open segment."""
        return self._open is not None and now - self._open.started_at >= CUT_AT_KEYFRAME_SECS

    def _must_cut(self, record: Record) -> bool:
        if self._open is None:
            return False
        age_secs = record.arrived_at - self._open.started_at
        if age_secs >= SEGMENT_SECS or len(self._open.plaintext) >= SEGMENT_BYTES:
            return True
        keyframe = isinstance(record, EncodedFrame) and record.kind == "video" and record.keyframe
        return keyframe and age_secs >= CUT_AT_KEYFRAME_SECS


def trimmed(segment: OpenSegment, not_after: float) -> OpenSegment | None:
    """Return the segment without what came after that time; None if nothing is left."""
    if segment.ended_at <= not_after:
        return segment
    if segment.started_at > not_after:
        return None
    kept = OpenSegment(segment.index, started_at=segment.started_at, ended_at=segment.started_at)
    for record in unpack(bytes(segment.plaintext)):
        if record.arrived_at <= not_after:
            kept.add(record)
    return kept


def write_segment(
    root: Path,
    segment: OpenSegment,
    key: DataKey,
    *,
    recording: UUID,
    participant: UUID,
    track: UUID,
) -> SegmentInfo:
    """Seal a segment and bring it to the disk; blocking. Raises DiskFull, or OSError."""
    place = {"recording": recording, "participant": participant, "track": track}
    sealed = seal_segment(bytes(segment.plaintext), key, **place, index=segment.index)
    name = segment_name(**place, index=segment.index, cuts=segment.cuts)
    try:
        write_whole(root / name, sealed)
    except OSError as exc:
        if exc.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull("The disk is full.") from exc
        raise
    return SegmentInfo(
        track=track,
        index=segment.index,
        name=name,
        sha256=hashlib.sha256(sealed).hexdigest(),
        size_bytes=len(sealed),
        started_at=segment.started_at,
        ended_at=segment.ended_at,
        audio_frames=segment.audio_frames,
        video_frames=segment.video_frames,
    )


def require_free_space(root: Path, *, least_bytes: int) -> None:
    """Raise DiskFull if fewer than least_bytes are free where root lies."""
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    free_bytes = shutil.disk_usage(root).free
    if free_bytes < least_bytes:
        raise DiskFull(f"{free_bytes} bytes are free; {least_bytes} are needed to record.")


def write_whole(path: Path, data: bytes) -> None:
    """Write a file that is there whole or not at all, also after a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(path.name + PART)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb", buffering=0) as file:
            view = memoryview(data)
            while view:
                view = view[file.write(view) :]
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
