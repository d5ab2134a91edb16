"""How long many people waited, summed up; those who gave up waited as well."""

from collections.abc import Collection
from dataclasses import dataclass
from math import ceil

# Who goes sooner has hardly come; they are left out.
SHORT_SECS = 10.0


@dataclass(frozen=True, slots=True)
class Wait:
    """Of one person, in seconds; `target_secs` is their queue's."""

    secs: float
    is_answered: bool
    target_secs: float


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds, and shares from 0 to 1; everything but `people` is None where nobody came.

    `in_target`: answered within the target, of those answered and those who gave up after it.
    `gave_up`: of all who came.
    """

    people: int
    median_secs: float | None = None
    ninetieth_secs: float | None = None
    longest_secs: float | None = None
    in_target: float | None = None
    gave_up: float | None = None


def summed_up(waits: Collection[Wait]) -> Waits:
    """The figures of these people, percentiles by the nearest rank."""
    counted = [one for one in waits if one.is_answered or one.secs >= SHORT_SECS]
    if not counted:
        return Waits(people=0)
    secs = sorted(one.secs for one in counted)
    answered = [one for one in counted if one.is_answered]
    is_late = [one for one in counted if not one.is_answered and one.secs > one.target_secs]
    in_target = sum(one.secs <= one.target_secs for one in answered)
    asked = len(answered) + len(is_late)
    return Waits(
        people=len(counted),
        median_secs=_percentile(secs, 50),
        ninetieth_secs=_percentile(secs, 90),
        longest_secs=secs[-1],
        in_target=in_target / asked if asked else None,
        gave_up=1 - len(answered) / len(counted),
    )


def _percentile(ordered: list[float], percent: int) -> float:
    return ordered[ceil(len(ordered) * percent / 100) - 1]
