"""Counts: what of the cues is in the archive, and how far apart what belongs together is."""

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.content.clapper import ADA_HERTZ, BITS, MEI_HERTZ
from tests.content.reading import Reading, read

HERTZ = {"patient": MEI_HERTZ, "agent": ADA_HERTZ}
# What comes further from its second than this is another second's.
NEAR_SECS = 0.5
START_SECS = 3.0


@dataclass
class Shown:
    """One person's file on the wall clock: the second of each cue, and where it lies."""

    role: str
    begins_at: float
    flashes: dict[int, float]
    beeps: dict[int, float]
    reading: Reading


@dataclass
class Evidence:
    """One recording: when all had agreed, when it was stopped, and what each file shows."""

    agreed_at: float
    stopped_at: float
    people: dict[str, Shown]
    archive: dict[str, Any]

    def expected(self, *, but: Iterable[tuple[float, float]] = ()) -> list[int]:
        """Seconds that must be there, whole, but those of the spans `but`, a second around them."""
        first, last = int(self.agreed_at + START_SECS) + 1, int(self.stopped_at - 0.5)
        spans = list(but)
        return [
            second
            for second in range(first, last + 1)
            if all(second < start - 1 or second > end + 1 for start, end in spans)
        ]

    def start_lags(self) -> dict[str, float]:
        return {role: shown.begins_at - self.agreed_at for role, shown in self.people.items()}


def gather(archive: dict[str, Any]) -> Evidence:
    media = {file["role"]: file for file in archive["files"] if file["kind"] == "media"}
    people = {role: _shown(role, file, archive["started_at"]) for role, file in media.items()}
    return Evidence(archive["queued_at"], archive["stopped_at"], people, archive)


def _shown(role: str, file: dict[str, Any], started_at: float) -> Shown:
    reading = read(file["path"], hertz=HERTZ[role])
    zero = started_at + file["offset_secs"]
    flashes: dict[int, float] = {}
    for number, at in reading.flashes:
        second = _whole(number, near=zero + at)
        if abs(zero + at - second) < NEAR_SECS:
            flashes.setdefault(second, zero + at)
    beeps: dict[int, float] = {}
    for at in reading.beeps:
        beeps.setdefault(round(zero + at), zero + at)
    return Shown(role, zero, flashes, beeps, reading)


def _whole(number: int, *, near: float) -> int:
    """The second of the wall clock whose last bits are `number`, next to `near`."""
    turn = 1 << BITS
    return number + turn * round((near - number) / turn)


# --- Figures --------------------------------------------------------------------------------------
def share(found: dict[int, float], seconds: Sequence[int]) -> float:
    return sum(second in found for second in seconds) / len(seconds)


def lags(one: dict[int, float], other: dict[int, float]) -> list[float]:
    """For each second that both have, how much later the first is."""
    return [one[second] - other[second] for second in sorted(one.keys() & other.keys())]


def p95(values: Iterable[float]) -> float:
    """Of the absolute values."""
    ordered = sorted(abs(value) for value in values)
    return ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]


def drift(found: dict[int, float], *, window: int = 30) -> float:
    """How much further from its second the last half minute is than the first one."""
    off = [found[second] - second for second in sorted(found)]
    size = min(window, len(off) // 2)
    return statistics.median(off[-size:]) - statistics.median(off[:size])


def table(evidence: Evidence, seconds: Sequence[int], *, heard: Sequence[int] | None = None,
          seen: Sequence[int] | None = None) -> dict[str, float]:  # fmt: skip
    """All figures of a run by name; `heard` and `seen` narrow what is expected of each kind."""
    heard, seen = heard or seconds, seen or seconds
    figures: dict[str, float] = {}
    for role, shown in evidence.people.items():
        apart = lags(shown.beeps, shown.flashes)
        figures[f"{role} beeps"] = share(shown.beeps, heard)
        figures[f"{role} flashes"] = share(shown.flashes, seen)
        figures[f"{role} sound after picture, median"] = statistics.median(apart)
        figures[f"{role} sound after picture, p95"] = p95(apart)
        figures[f"{role} start lag"] = evidence.start_lags()[role]
        figures[f"{role} drift of the picture"] = drift(shown.flashes)
        figures[f"{role} drift of the sound"] = drift(shown.beeps)
    mei, ada = evidence.people["patient"], evidence.people["agent"]
    between: dict[str, Callable[[Shown], dict[int, float]]] = {
        "pictures": lambda shown: shown.flashes,
        "sounds": lambda shown: shown.beeps,
    }
    for name, of in between.items():
        apart = lags(of(mei), of(ada))
        figures[f"{name} of the two apart, median"] = statistics.median(apart)
        figures[f"{name} of the two apart, p95"] = p95(apart)
    return figures
