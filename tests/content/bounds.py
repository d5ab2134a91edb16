"""The bounds that every content check asserts, and its figures on paper."""

import os
from collections.abc import Iterable

from tests.content.figures import START_SECS, Evidence, table

IN_STEP_SECS = 0.100
APART_SECS = 0.150


def holds(
    what: str,
    evidence: Evidence,
    *,
    share: float,
    drift: float | None = None,
    silent: Iterable[tuple[float, float]] = (),
    dark: Iterable[tuple[float, float]] = (),
) -> None:
    """Print the figures of a run, then assert that they are within the bounds.

    `silent` and `dark` are spans in which Mei's microphone or camera was off.
    """
    seconds = evidence.expected()
    heard, seen = evidence.expected(but=silent), evidence.expected(but=dark)
    figures = table(evidence, seconds, heard=heard, seen=seen)
    print(f"\n{what}: {len(seconds)} seconds expected, load {os.getloadavg()[0]:.1f}")
    for name, value in figures.items():
        print(f"  {name}: {value:.3f}")
    for account in evidence.archive["accounts"]:
        print(f"  ledger: {account}")
    assert evidence.archive["verified"], evidence.archive["check"]
    for name, value in figures.items():
        if name.endswith(("beeps", "flashes")):
            assert value >= share, name
        elif name.endswith("p95"):
            assert value <= (APART_SECS if "apart" in name else IN_STEP_SECS), name
        elif name.endswith("start lag"):
            assert value <= START_SECS, name
        elif drift is not None and "drift" in name:
            assert abs(value) <= drift, name
