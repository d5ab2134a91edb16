"""Segments as files: sealed, and brought to the disk whole or not at all.

A segment lies under its name only when it is whole: written to a temporary name, fsynced,
renamed, and the folder fsynced.
"""

import errno
import hashlib
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from calls.archive.durable import write_whole
from calls.archive.segments import (
    EncodedFrame,
    Record,
    SegmentInfo,
    Span,
    append,
    seal_segment,
    segment_name,
    unpack,
)
from calls.archive.vault import DataKey

# Frames further apart than this leave a hole between them.
HOLE_SECS = 1.0


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
    audio: list[Span] = field(default_factory=list)
    video: list[Span] = field(default_factory=list)

    def add(self, record: Record) -> None:
        append(self.plaintext, record)
        if record.arrived_at > self.ended_at:
            self.ended_at = record.arrived_at
        if not isinstance(record, EncodedFrame):
            return
        if record.kind == "audio":
            self.audio_frames += 1
            _extend(self.audio, record.arrived_at)
        else:
            self.video_frames += 1
            _extend(self.video, record.arrived_at)


def _extend(spans: list[Span], at: float) -> None:
    """Frames come in order, but for a few that waited for a lost packet."""
    if not spans:
        spans.append((at, at))
        return
    begun, until = spans[-1]
    if at - until >= HOLE_SECS:
        spans.append((at, at))
    elif at > until:
        spans[-1] = (begun, at)


def trimmed(segment: OpenSegment, not_after: float) -> OpenSegment | None:
    """Return the segment without what came after that time; None if nothing is left."""
    if segment.ended_at <= not_after:
        return segment
    records = unpack(bytes(segment.plaintext))
    return only(segment, [record.arrived_at <= not_after for record in records])


def only(segment: OpenSegment, wanted: Iterable[bool]) -> OpenSegment | None:
    """Return the segment with those of its records that are wanted; None if none is."""
    kept: OpenSegment | None = None
    for record, is_wanted in zip(unpack(bytes(segment.plaintext)), wanted, strict=True):
        if not is_wanted:
            continue
        if kept is None:
            begun = record.arrived_at
            kept = OpenSegment(segment.index, begun, begun, cuts=segment.cuts)
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
    return info_of_sealed(segment, sealed, track=track, name=name)


def info_of_sealed(segment: OpenSegment, sealed: bytes, *, track: UUID, name: str) -> SegmentInfo:
    """What the manifest is to say of a segment that lies under `name` as `sealed`."""
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
        audio=tuple(segment.audio),
        video=tuple(segment.video),
    )


def require_free_space(root: Path, *, least_bytes: int) -> None:
    """Raise DiskFull if fewer than least_bytes are free where root lies."""
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    free_bytes = shutil.disk_usage(root).free
    if free_bytes < least_bytes:
        raise DiskFull(f"{free_bytes} bytes are free; {least_bytes} are needed to record.")
