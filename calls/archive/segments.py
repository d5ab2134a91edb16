"""What a segment holds and how it is sealed: a few seconds of one person's track, frame by frame.

A segment's plaintext is a row of length-prefixed records (encoded frames, and the sender reports
that tie their timestamps to a clock), audio and video as they came. On disk it is ciphertext
only, one AES-256-GCM seal whose associated data names recording, participant, track and index.
"""

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from calls.archive.store import ReadBytes, StorageAway
from calls.archive.vault import Altered, DataKey, segment_context

Kind = Literal["audio", "video"]
Codec = Literal["opus", "vp8", "h264"]

_MAGIC = b"PSEG1"
_KINDS: tuple[Kind, ...] = ("audio", "video")
_CODECS: tuple[Codec, ...] = ("opus", "vp8", "h264")
_FRAME = 1
_REPORT = 2
_RECORD = struct.Struct("!BI")
_FRAME_HEAD = struct.Struct("!BBBHIqd")
_FRAME_RECORD = struct.Struct("!BIBBBHIqd")  # both of them, in one
_KIND_NUMBERS = {kind: number for number, kind in enumerate(_KINDS)}
_CODEC_NUMBERS = {codec: number for number, codec in enumerate(_CODECS)}
_REPORT_BODY = struct.Struct("!BHIqdd")


@dataclass(slots=True)
class EncodedFrame:
    """One complete frame as the browser's encoder made it.

    Nobody changes one; it is not frozen because eighty are made a second for each person, and a
    frozen one takes three times as long.
    """

    kind: Kind
    codec: Codec
    data: bytes
    source: int
    """Counts the RTP sources (SSRCs) of a track; timestamps compare within one source only."""
    rtp_time: int
    """RTP timestamp in units of 1/clock_rate s, unwrapped: it never jumps back by 2**32."""
    clock_rate: int
    keyframe: bool
    arrived_at: float
    """Unix seconds of this machine."""


@dataclass(frozen=True, slots=True)
class SenderReport:
    """RFC 3550 section 6.4.1: at ntp_time (the sender's clock) the RTP clock showed rtp_time."""

    kind: Kind
    source: int
    rtp_time: int
    clock_rate: int
    ntp_time: float
    """Unix seconds of the sender's machine."""
    arrived_at: float


Record = EncodedFrame | SenderReport


Span = tuple[float, float]
"""From and until, in Unix seconds."""


@dataclass(frozen=True, slots=True)
class SegmentInfo:
    """What the manifest says of one segment on disk."""

    track: UUID
    index: int
    name: str
    """Path below the archive's root, with forward slashes."""
    sha256: str
    size_bytes: int
    started_at: float
    ended_at: float
    audio_frames: int
    video_frames: int
    audio: tuple[Span, ...] = ()
    """When sound arrived; holes of a second or more split it. Known while it is captured."""
    video: tuple[Span, ...] = ()


class SegmentDamaged(Exception):
    """A segment is missing, altered, or not the one that the manifest names."""


def segment_name(
    *, recording: UUID, participant: UUID, track: UUID, index: int, cuts: int = 0
) -> str:
    """A name is never written twice: what is left of a segment after a cut has the next one."""
    version = f"-{cuts}" if cuts else ""
    return f"{recording}/{participant}/{track}/{index:06d}{version}.seg"


def index_of(name: str) -> int:
    """The place in its track of the segment of this name."""
    return int(name.rpartition("/")[2].removesuffix(".seg").partition("-")[0])


def cuts_of(name: str) -> int:
    """How often the segment of this name was cut."""
    return int(name.rpartition("-")[2].removesuffix(".seg")) if "-" in name[-14:-4] else 0


def append(plaintext: bytearray, record: Record) -> None:
    """Add one record in its length-prefixed form."""
    if isinstance(record, EncodedFrame):
        plaintext += _FRAME_RECORD.pack(
            _FRAME,
            _FRAME_HEAD.size + len(record.data),
            _KIND_NUMBERS[record.kind],
            _CODEC_NUMBERS[record.codec],
            record.keyframe,
            record.source,
            record.clock_rate,
            record.rtp_time,
            record.arrived_at,
        )
        plaintext += record.data
        return
    plaintext += _RECORD.pack(_REPORT, _REPORT_BODY.size)
    plaintext += _REPORT_BODY.pack(
        _KIND_NUMBERS[record.kind],
        record.source,
        record.clock_rate,
        record.rtp_time,
        record.ntp_time,
        record.arrived_at,
    )


def unpack(plaintext: bytes) -> Iterator[Record]:
    """Yield the records; raise SegmentDamaged where they stop making sense."""
    position, end = 0, len(plaintext)
    try:
        while position < end:
            start = position
            _, length = _RECORD.unpack_from(plaintext, start)
            position += _RECORD.size + length
            if position > end:
                raise SegmentDamaged("A record is cut short.")
            if plaintext[start] == _FRAME:
                yield _unpack_frame(plaintext, start, position)
            else:
                yield _unpack_report(plaintext, start)
    except (struct.error, IndexError) as exc:
        raise SegmentDamaged("A record cannot be read.") from exc


def seal_segment(
    plaintext: bytes, key: DataKey, *, recording: UUID, participant: UUID, track: UUID, index: int
) -> bytes:
    """Return the bytes that go to disk."""
    context = segment_context(
        recording=recording, participant=participant, track=track, index=index
    )
    return _MAGIC + key.seal(plaintext, context=context)


def read_segment(
    read: ReadBytes,
    info: SegmentInfo,
    key: DataKey,
    *,
    recording: UUID,
    participant: UUID,
) -> bytes:
    """Return a segment's plaintext, checked against the manifest.

    Raises SegmentDamaged, and StorageAway if nobody can say now.
    """
    try:
        sealed = read(info.name)
    except FileNotFoundError as exc:
        raise SegmentDamaged("The file is missing.") from exc
    except StorageAway:
        raise
    except OSError as exc:
        raise SegmentDamaged("The file cannot be read.") from exc
    if len(sealed) != info.size_bytes or hashlib.sha256(sealed).hexdigest() != info.sha256:
        raise SegmentDamaged("The file is not the one that was recorded.")
    return open_segment(
        sealed,
        key,
        recording=recording,
        participant=participant,
        track=info.track,
        index=info.index,
    )


def open_segment(
    sealed: bytes, key: DataKey, *, recording: UUID, participant: UUID, track: UUID, index: int
) -> bytes:
    """Return what was sealed for this very place; raise SegmentDamaged."""
    context = segment_context(
        recording=recording, participant=participant, track=track, index=index
    )
    try:
        return key.open(sealed[len(_MAGIC) :], context=context)
    except Altered as exc:
        raise SegmentDamaged("The file belongs to another place in a recording.") from exc


def _unpack_frame(plaintext: bytes, start: int, end: int) -> EncodedFrame:
    # By place, and in one: an hour of one person has three hundred thousand of them.
    fields = _FRAME_RECORD.unpack_from(plaintext, start)
    _, _, kind, codec, keyframe, source, clock_rate, rtp_time, arrived_at = fields
    return EncodedFrame(
        _KINDS[kind],
        _CODECS[codec],
        plaintext[start + _FRAME_RECORD.size : end],
        source,
        rtp_time,
        clock_rate,
        keyframe != 0,
        arrived_at,
    )


def _unpack_report(plaintext: bytes, start: int) -> SenderReport:
    fields = _REPORT_BODY.unpack_from(plaintext, start + _RECORD.size)
    kind, source, clock_rate, rtp_time, ntp_time, arrived_at = fields
    return SenderReport(
        kind=_KINDS[kind],
        source=source,
        rtp_time=rtp_time,
        clock_rate=clock_rate,
        ntp_time=ntp_time,
        arrived_at=arrived_at,
    )
