"""A first reading of one track: its clocks, codecs and first pictures.

Of a long track it reads the beginning and then every so many segments, which tell its clocks as
well as all of them would. What turns up in the others and was not foreseen is `Unforeseen`: then
everything is read.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from calls.archive.media import TrackReader
from calls.archive.segments import Codec, EncodedFrame, unpack
from calls.recorder.poster import POSTER_CHOICE
from calls.recorder.timeline import ClockLine, TrackClock

MOST_SEGMENTS = 300


# A clock that is further off than frames can be late is none: then the time of arrival counts.
FAR_SECS = 10.0


class Unforeseen(Exception):
    """A source or codec that a reading of some segments did not come upon."""


@dataclass(slots=True)
class Survey:
    """What is known of a track before it is written."""

    reader: TrackReader
    lines: dict[int, ClockLine]
    codecs: set[Codec]
    keyframes: list[EncodedFrame]
    start: float = 0.0
    end: float = float("inf")

    def time_of(self, frame: EncodedFrame) -> float:
        """Unix seconds of this machine; raises Unforeseen."""
        line = self.lines.get(frame.source)
        if line is None or frame.codec not in self.codecs:
            raise Unforeseen
        at = line.at(frame.rtp_time)
        return at if abs(at - frame.arrived_at) <= FAR_SECS else frame.arrived_at


def survey(reader: TrackReader, *, thorough: bool) -> Survey | None:
    """Read what tells of the track; None if it holds no frame that could be played."""
    clock = TrackClock()
    codecs: set[Codec] = set()
    keyframes: list[EncodedFrame] = []
    firsts: list[EncodedFrame] = []
    for plaintext in reader.segments(_everything if thorough else _some_of(reader.count)):
        if plaintext is None:
            continue
        records = list(unpack(plaintext))
        clock.learn(records)
        for frame in records:
            if not isinstance(frame, EncodedFrame) or not frame.keyframe:
                continue
            if frame.codec not in codecs:
                codecs.add(frame.codec)
                firsts.append(frame)
            if frame.kind == "video" and len(keyframes) < POSTER_CHOICE:
                keyframes.append(frame)
    if not firsts:
        return None
    found = Survey(reader, clock.lines(), codecs, keyframes)
    found.start = min(found.time_of(frame) for frame in firsts)
    return found


def _everything(place: int) -> bool:
    return True


def _some_of(count: int) -> Callable[[int], bool]:
    step = max(1, math.ceil(count / MOST_SEGMENTS))
    return lambda place: place < POSTER_CHOICE or place % step == 0
