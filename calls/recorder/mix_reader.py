"""One person's finished file, read along the recording's timeline: the picture and the sound of
each moment, decoded when it is due and not before."""

import logging
from collections import deque
from collections.abc import Iterator
from typing import Any

import av
from av import AudioFrame, AudioResampler, Packet, VideoFrame

from calls.archive.mixing import MixSource
from calls.archive.vault import Altered

logger = logging.getLogger(__name__)

RATE = 48000
SAMPLE_BYTES = 2
# What lies further apart in a file than sound and picture of one moment do.
_AHEAD_SECS = 1.5
# A picture is held so long: a still scene sends few frames, a camera that is off sends none.
HELD_SECS = 2.0
# Sound is moved by less than this rather than cut or stretched: what a late packet makes.
_SLACK_SAMPLES = RATE * 60 // 1000


class MixReader:
    """All times are seconds of the recording; a file that breaks off is silent from there on."""

    def __init__(self, source: MixSource) -> None:
        self._offset = source.offset_secs
        self._container = av.open(source.file, "r")
        self._packets: Iterator[Packet[Any]] = self._container.demux()
        self._reached = float("-inf")
        self._pictures: deque[tuple[float, Packet[Any]]] = deque()
        self._sounds: deque[tuple[float, Packet[Any]]] = deque()
        self._resampler = AudioResampler(format="s16", layout="mono", rate=RATE)
        self._heard = bytearray()
        self._heard_from = 0
        self._shown_at: float | None = None
        self.damaged = False

    def close(self) -> None:
        self._container.close()

    def picture(self, at: float) -> VideoFrame | None:
        """The newest picture up to `at` that has not been given yet."""
        self._read(at)
        newest = None
        while self._pictures and self._pictures[0][0] <= at:
            time, packet = self._pictures.popleft()
            for frame in _decoded(packet):
                if isinstance(frame, VideoFrame):
                    newest, self._shown_at = frame, time
        return newest

    def has_picture(self, at: float) -> bool:
        """Whether the picture that was given last still stands."""
        return self._shown_at is not None and at - self._shown_at < HELD_SECS

    def sound(self, start: int, samples: int) -> bytes:
        """So many samples (16 bit, one channel) from sample number `start`, silence included."""
        stop = start + samples
        self._read(stop / RATE)
        while self._sounds and self._sounds[0][0] * RATE < stop:
            time, packet = self._sounds.popleft()
            for frame in _decoded(packet):
                if isinstance(frame, AudioFrame):
                    self._hear(round(time * RATE), frame)
        self._drop_before(start)
        silent = max(0, self._heard_from - start) if self._heard else samples
        data = bytes(min(silent, samples) * SAMPLE_BYTES)
        rest = samples * SAMPLE_BYTES - len(data)
        if rest:
            data += bytes(self._heard[:rest])
            del self._heard[:rest]
            self._heard_from = stop
        return data.ljust(samples * SAMPLE_BYTES, b"\0")

    def _hear(self, at: int, frame: AudioFrame) -> None:
        frame.pts = None
        data = b"".join(
            bytes(part.planes[0])[: part.samples * SAMPLE_BYTES]
            for part in self._resampler.resample(frame)
        )
        end = self._heard_from + len(self._heard) // SAMPLE_BYTES
        if not self._heard:
            if abs(at - self._heard_from) > _SLACK_SAMPLES:
                self._heard_from = at
        elif at - end > _SLACK_SAMPLES:
            self._heard += bytes((at - end) * SAMPLE_BYTES)
        elif end - at > _SLACK_SAMPLES:
            data = data[(end - at) * SAMPLE_BYTES :]
        self._heard += data

    def _drop_before(self, start: int) -> None:
        late = min((start - self._heard_from) * SAMPLE_BYTES, len(self._heard))
        if late > 0:
            del self._heard[:late]
            self._heard_from += late // SAMPLE_BYTES

    def _read(self, until: float) -> None:
        while self._reached < until + _AHEAD_SECS:
            try:
                packet = next(self._packets, None)
            except (av.FFmpegError, Altered):
                logger.exception("a file that is mixed breaks off")
                self.damaged, packet = True, None
            if packet is None:
                self._reached = float("inf")
            elif packet.pts is not None and packet.size:
                at = float(packet.pts * packet.time_base) + self._offset
                self._reached = at
                queue = self._pictures if packet.stream.type == "video" else self._sounds
                queue.append((at, packet))


def _decoded(packet: "Packet[Any]") -> list[object]:
    """What a packet holds; nothing if it cannot be decoded: the next keyframe can."""
    try:
        return list(packet.decode())
    except av.FFmpegError:
        return []
