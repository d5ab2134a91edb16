"""RTP packets of one stream put in order and together into whole frames; no sockets, no aiortc.

A frame is the packets of one timestamp up to the marker bit (RFC 7741 section 4.2 for VP8,
RFC 6184 section 5.1 for H.264). What is missing can be asked for again (missing()); what stays
missing too long is given up, and for video everything up to the next keyframe with it, because
frames that refer to a lost one decode to garbage.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

_SEQUENCES = 1 << 16
_TIMESTAMPS = 1 << 32
_H264_IDR = 5
_H264_SPS = 7


@dataclass(frozen=True, slots=True)
class AssembledFrame:
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
        self._packets: dict[int, _Packet] = {}
        self._sequences = Unwrapper(_SEQUENCES)
        self._timestamps = timestamp_unwrapper()
        self._next: int | None = None
        self._scan = 0
        self._highest = 0
        self._gap_since: float | None = None
        self.needs_keyframe = True
        self.lost_packets = 0
        self.dropped_frames = 0

    def unwrap_timestamp(self, timestamp: int) -> int:
        return self._timestamps.unwrap(timestamp)

    def add(
        self, *, sequence: int, timestamp: int, marker: bool, payload: bytes, arrived_at: float
    ) -> list[AssembledFrame]:
        """Take a packet (payload without its RTP payload header); return the frames it completes.

        A repeated or too late packet is ignored.
        """
        number = self._sequences.unwrap(sequence)
        rtp_time = self._timestamps.unwrap(timestamp)
        if self._next is None:
            self._next = self._scan = self._highest = number
        if number < self._next or number in self._packets:
            return []
        if number - self._next >= _SEQUENCES // 2 or len(self._packets) >= self._capacity:
            self._give_up(number)
        self._packets[number] = _Packet(rtp_time, marker, payload, arrived_at)
        self._highest = max(self._highest, number)
        return self._collect()

    def expire(self, now: float) -> list[AssembledFrame]:
        """Give up what has been missing for longer than the patience; call it now and then."""
        frames = []
        while self._gap_since is not None and now - self._gap_since >= self._patience_secs:
            self._give_up(None)
            frames += self._collect()
        return frames

    @property
    def has_gap(self) -> bool:
        """Whether something is missing now."""
        return self._gap_since is not None

    def missing(self, limit: int = 64) -> list[int]:
        """Sequence numbers (as on the wire) to ask for again, oldest first."""
        if self._gap_since is None or self._next is None:
            return []
        numbers = (n for n in range(self._scan, self._highest) if n not in self._packets)
        return [n % _SEQUENCES for n, _ in zip(numbers, range(limit), strict=False)]

    def _collect(self) -> list[AssembledFrame]:
        frames = []
        while (end := self._frame_end()) is not None:
            frame = self._take(end)
            if frame is not None:
                frames.append(frame)
        if not self._packets or not self._is_waiting():
            self._gap_since = None
        elif frames or self._gap_since is None:
            # A gap is as old as the oldest packet behind it, however late it is found.
            behind = (packet.arrived_at for n, packet in self._packets.items() if n > self._scan)
            self._gap_since = min(behind)
        return frames

    def _is_waiting(self) -> bool:
        return self._scan not in self._packets and self._highest > self._scan

    def _frame_end(self) -> int | None:
        """The first number after the next frame if all of it is here, else None."""
        assert self._next is not None
        while (packet := self._packets.get(self._scan)) is not None:
            if packet.timestamp != self._packets[self._next].timestamp:
                return self._scan
            self._scan += 1
            if packet.marker:
                return self._scan
        return None

    def _take(self, end: int) -> AssembledFrame | None:
        assert self._next is not None
        packets = [self._packets.pop(number) for number in range(self._next, end)]
        self._next = self._scan = end
        data = b"".join(packet.payload for packet in packets)
        if not data:
            return None
        keyframe = self._is_keyframe(data)
        if self.needs_keyframe and not keyframe:
            self.dropped_frames += 1
            return None
        self.needs_keyframe = False
        return AssembledFrame(data, packets[0].timestamp, keyframe, packets[-1].arrived_at)

    def _give_up(self, number: int | None) -> None:
        """Jump over the gap: to the first packet behind it, or to number if nothing is left."""
        assert self._next is not None
        behind = [n for n in self._packets if n > self._scan]
        target = min(behind) if behind and number is None else number
        if target is None:
            return
        self.lost_packets += sum(n not in self._packets for n in range(self._next, target))
        for old in [n for n in self._packets if n < target]:
            del self._packets[old]
        self._next = self._scan = target
        self._gap_since = None
        self.needs_keyframe = True
