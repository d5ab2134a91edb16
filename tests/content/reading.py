"""Which flashes and beeps a finished file holds, and when: all of it is decoded."""

from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np

from tests.content.clapper import BITS

BRIGHT, DARK = 150, 100
LOUD = 0.1
# Windows of the sound, each looked at for the person's own frequency.
WINDOWS_PER_SEC = 200


@dataclass
class Reading:
    """`flashes` and `beeps` are seconds of the file; a flash names the number that it shows."""

    flashes: list[tuple[int, float]] = field(default_factory=list)
    beeps: list[float] = field(default_factory=list)
    sizes: set[tuple[int, int]] = field(default_factory=set)
    pictures: list[float] = field(default_factory=list)
    first_secs: float = 0.0
    last_secs: float = 0.0


def read(path: Path, *, hertz: int) -> Reading:
    """Raises av.error.FFmpegError where something does not decode."""
    reading = Reading()
    _read_pictures(path, reading)
    _read_sound(path, reading, hertz)
    return reading


def _read_pictures(path: Path, reading: Reading) -> None:
    """A flash is read off all its pictures: what the first one blurs, a later one shows."""
    begun: float | None = None
    numbers: list[int] = []
    with av.open(str(path)) as file:
        for frame in file.decode(video=0):
            at = float(frame.time or 0)
            reading.pictures.append(at)
            reading.sizes.add((frame.width, frame.height))
            luma = frame.to_ndarray(format="gray")
            if luma[: frame.height * 7 // 16].mean() > BRIGHT:
                begun = at if begun is None else begun
                number = _number(luma)
                if number is not None:
                    numbers.append(number)
            elif begun is not None:
                _keep(reading, begun, numbers)
                begun, numbers = None, []
    if begun is not None:
        _keep(reading, begun, numbers)
    reading.first_secs, reading.last_secs = reading.pictures[0], reading.pictures[-1]


def _keep(reading: Reading, begun: float, numbers: list[int]) -> None:
    if numbers:
        reading.flashes.append((max(numbers, key=numbers.count), begun))


def _number(luma: np.ndarray) -> int | None:
    """The number in the lowest quarter; None where the two rows do not say the same."""
    height, width = luma.shape
    value = 0
    for bit in range(BITS):
        left, right = (int(width * (bit + part) / BITS) for part in (0.25, 0.75))
        upper = luma[int(height * 0.78) : int(height * 0.85), left:right].mean()
        lower = luma[int(height * 0.90) : int(height * 0.97), left:right].mean()
        if abs(upper - lower) < BRIGHT - DARK:
            return None
        value |= int(upper > lower) << bit
    return value


def _read_sound(path: Path, reading: Reading, hertz: int) -> None:
    quiet_since = -1.0
    with av.open(str(path)) as file:
        stream = file.streams.audio[0]
        for frame in file.decode(stream):
            start = float(frame.time or 0)
            reading.last_secs = max(reading.last_secs, start)
            for at, level in _levels(frame, hertz):
                if level < LOUD:
                    continue
                if start + at - quiet_since > 0.3:
                    reading.beeps.append(start + at)
                quiet_since = start + at


def _levels(frame: av.AudioFrame, hertz: int) -> list[tuple[float, float]]:
    """For each window its begin in the frame and how strong the frequency is in it."""
    samples = frame.to_ndarray()[0].astype(np.float32)
    if frame.format.is_packed:
        samples = samples[:: frame.layout.nb_channels]
    if frame.format.name.startswith("s16"):
        samples = samples / 32768
    size = frame.sample_rate // WINDOWS_PER_SEC
    count = len(samples) // size
    turn = np.exp(-2j * np.pi * hertz * np.arange(size) / frame.sample_rate)
    strengths = 2 * np.abs(samples[: count * size].reshape(count, size) @ turn) / size
    return [(n / WINDOWS_PER_SEC, float(level)) for n, level in enumerate(strengths)]
