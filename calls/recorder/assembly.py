"""RTP packets of one stream put in order and together into whole frames; no sockets, no aiortc.

A frame is the packets of one timestamp up to the marker bit (RFC 7741 section 4.2 for VP8,
RFC 6184 section 5.1 for H.264). What is missing can be asked for again (missing()); what stays
missing too long is given up, and for video everything up to the next keyframe with it, because
frames that refer to a lost one decode to garbage.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

_SEQUENCES = 1 << 16
_SEQUENCE_MASK = _SEQUENCES - 1
_TIMESTAMPS = 1 << 32
_H264_IDR = 5
_H264_SPS = 7


class AssembledFrame(NamedTuple):
    data: bytes
    rtp_time: int
    keyframe: bool
    arrived_at: float


class _Packet(NamedTuple):
    timestamp: int
    marker: bool
    payload: bytes
    arrived_at: float


class Unwrapper:
    """Makes a counter that wraps at a power of two one that does not."""

    def __init__(self, modulus: int) -> None:
        self._modulus = modulus
        self._last: int | None = None

    def unwrap(self, value: int) -> int:
        """Return the unwrapped value nearest to the latest one."""
        if self._last is None:
            self._last = value
            return value
        half = self._modulus // 2
        step = (value - self._last + half) % self._modulus - half
        unwrapped = self._last + step
        self._last = max(self._last, unwrapped)
        return unwrapped


def timestamp_unwrapper() -> Unwrapper:
    return Unwrapper(_TIMESTAMPS)


def is_keyframe_vp8(data: bytes) -> bool:
    """RFC 6386 section 9.1: bit 0 clear is a key frame, whose start code follows."""
    return len(data) >= 10 and not data[0] & 1 and data[3:6] == b"\x9d\x01\x2a"


def is_keyframe_h264(data: bytes) -> bool:
    """True for an access unit (Annex B) that brings its parameter set and an IDR picture."""
    types = {part[0] & 0x1F for part in data.split(b"\x00\x00\x01") if part}
    return _H264_IDR in types and _H264_SPS in types


def is_keyframe_audio(data: bytes) -> bool:
    """Every Opus packet can be decoded by itself."""
    return True


class FrameAssembler:
    """The reorder buffer of one RTP source."""

    def __init__(
        self,
        is_keyframe: Callable[[bytes], bool],
        *,
        patience_secs: float,
        capacity: int = 2048,
    ) -> None:
        self._is_keyframe = is_keyframe
        self._patience_secs = patience_secs
        self._capacity = capacity
        self._timestamps = timestamp_unwrapper()
        self._wanted: int | None = None
        self._latest = -1
        self._begun: list[bytes] = []
        self._begun_time = 0
        self._behind: dict[int, _Packet] = {}
        self._gap_since = 0.0
        self.needs_keyframe = True
        self.lost_packets = 0
        self.dropped_frames = 0

    def unwrap_timestamp(self, timestamp: int) -> int:
        return self._timestamps.unwrap(timestamp)

    def add(
        self, sequence: int, timestamp: int, marker: bool, payload: bytes, arrived_at: float
    ) -> Sequence[AssembledFrame]:
        """Take a packet (payload without its RTP payload header); return the frames it completes.

        A repeated or too late packet is ignored.
        """
        wanted = self._wanted
        if wanted is None:
            wanted = self._wanted = sequence
        if sequence == wanted & _SEQUENCE_MASK and not self._behind:
            # By far the most packets: in order, and in the middle of their frame.
            if not marker and timestamp == self._begun_time and self._begun:
                self._wanted = wanted + 1
                self._begun.append(payload)
                return () if len(self._begun) <= self._capacity else self._drop()
            return self._follow(timestamp, marker, payload, arrived_at)
        number = self._unwrap(sequence)
        if number < wanted or number in self._behind:
            return ()
        if number - wanted >= _SEQUENCES // 2 or len(self._behind) >= self._capacity:
            self._give_up(number)
        if not self._behind:
            self._gap_since = arrived_at
        self._latest = max(self._latest, number)
        self._behind[number] = _Packet(timestamp, marker, payload, arrived_at)
        return self._catch_up()

    def expire(self, now: float) -> Sequence[AssembledFrame]:
        """Give up what has been missing for longer than the patience; call it now and then."""
        frames: list[AssembledFrame] = []
        while self._behind and now - self._gap_since >= self._patience_secs:
            self._give_up(min(self._behind))
            frames += self._catch_up()
        return frames

    @property
    def highest(self) -> int:
        """The number of the latest packet; it counts on where the sequence numbers wrap."""
        return self._latest if self._wanted is None else max(self._latest, self._wanted - 1)

    @property
    def has_gap(self) -> bool:
        """Whether something is missing now."""
        return bool(self._behind)

    def missing(self, limit: int = 64) -> list[int]:
        """Sequence numbers (as on the wire) to ask for again, oldest first."""
        if not self._behind or self._wanted is None:
            return []
        numbers = (n for n in range(self._wanted, self.highest) if n not in self._behind)
        return [n & _SEQUENCE_MASK for n, _ in zip(numbers, range(limit), strict=False)]

    def _unwrap(self, sequence: int) -> int:
        """The number nearest to the latest one."""
        latest = self.highest
        half = _SEQUENCES // 2
        return latest + (sequence - latest + half) % _SEQUENCES - half

    def _follow(
        self, timestamp: int, marker: bool, payload: bytes, arrived_at: float
    ) -> Sequence[AssembledFrame]:
        """Take the packet that is next; return the frames that it ends, seldom more than one."""
        assert self._wanted is not None
        self._wanted += 1
        ended: tuple[AssembledFrame, ...] = ()
        if self._begun and timestamp != self._begun_time:
            ended = self._end(arrived_at)
        self._begun.append(payload)
        self._begun_time = timestamp
        if marker:
            return ended + self._end(arrived_at) if ended else self._end(arrived_at)
        return ended or (() if len(self._begun) <= self._capacity else self._drop())

    def _drop(self) -> tuple[AssembledFrame, ...]:
        """Nobody's frame is this long."""
        self._begun = []
        self.needs_keyframe = True
        return ()

    def _catch_up(self) -> list[AssembledFrame]:
        """Take what waited behind a gap that is closed."""
        assert self._wanted is not None
        frames: list[AssembledFrame] = []
        before = self._wanted
        while (packet := self._behind.pop(self._wanted, None)) is not None:
            frames += self._follow(*packet)
        if self._behind and self._wanted != before:
            # A gap is as old as the oldest packet behind it, however late it is found.
            self._gap_since = min(packet.arrived_at for packet in self._behind.values())
        return frames

    def _end(self, arrived_at: float) -> tuple[AssembledFrame, ...]:
        """The frame that was begun, if it holds anything and can be decoded."""
        parts = self._begun
        data = parts[0] if len(parts) == 1 else b"".join(parts)
        self._begun = []
        if not data:
            return ()
        rtp_time = self._timestamps.unwrap(self._begun_time)
        keyframe = self._is_keyframe(data)
        if self.needs_keyframe:
            if not keyframe:
                self.dropped_frames += 1
                return ()
            self.needs_keyframe = False
        return (AssembledFrame(data, rtp_time, keyframe, arrived_at),)

    def _give_up(self, number: int) -> None:
        """Go on with that number, without what is missing before it."""
        assert self._wanted is not None
        self.lost_packets += sum(n not in self._behind for n in range(self._wanted, number))
        for old in [n for n in self._behind if n < number]:
            del self._behind[old]
        self._wanted = number
        self._begun = []
        self.needs_keyframe = True
