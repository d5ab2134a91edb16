"""What a benchmark hands back, and its two forms: bench/results/NAME.json and a table."""

import json
import math
import operator
import os
import platform
import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

RESULTS = Path(__file__).parent / "results"
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}


@dataclass(frozen=True)
class Row:
    """One figure against its peer; `goal` compares `ratio` or `ours`, empty for none."""

    what: str
    unit: str
    ours: float
    peer: float | None
    peer_name: str
    ratio: float | None
    goal: str
    holds: bool


class Benchmark(Protocol):
    def run(self) -> list[Row]: ...


def less_is_better(
    what: str, unit: str, *, ours: Sequence[float], peer: Sequence[float], peer_name: str, goal: str
) -> Row:
    """A row of medians whose ratio says how many times less ours takes."""
    our_median, peer_median = statistics.median(ours), statistics.median(peer)
    ratio = peer_median / our_median if our_median else None
    return Row(
        what=what,
        unit=unit,
        ours=round(our_median, 3),
        peer=round(peer_median, 3),
        peer_name=peer_name,
        ratio=None if ratio is None else round(ratio, 2),
        goal=goal,
        holds=_holds(goal, {"ratio": math.inf if ratio is None else ratio, "ours": our_median}),
    )


def more_is_better(
    what: str, unit: str, *, ours: Sequence[float], peer: Sequence[float], peer_name: str, goal: str
) -> Row:
    """A row of medians whose ratio says how many times more ours gives; None if the peer failed."""
    our_median, peer_median = statistics.median(ours), statistics.median(peer)
    ratio = our_median / peer_median if peer_median else None
    return Row(
        what=what,
        unit=unit,
        ours=round(our_median, 3),
        peer=round(peer_median, 3),
        peer_name=peer_name,
        ratio=None if ratio is None else round(ratio, 2),
        goal=goal,
        holds=_holds(goal, {"ratio": math.inf if ratio is None else ratio, "ours": our_median}),
    )


def alone(what: str, unit: str, *, ours: Sequence[float], goal: str = "") -> Row:
    """A row of a median that stands beside nothing."""
    median = statistics.median(ours)
    return Row(
        what=what,
        unit=unit,
        ours=round(median, 3),
        peer=None,
        peer_name="none",
        ratio=None,
        goal=goal,
        holds=_holds(goal, {"ours": median}),
    )


def write_report(name: str, rows: Sequence[Row]) -> bool:
    """Write and print the rows; True if every goal holds."""
    RESULTS.mkdir(exist_ok=True)
    report = {"machine": _machine(), "rows": [asdict(row) for row in rows]}
    (RESULTS / f"{name}.json").write_text(json.dumps(report, indent=2) + "\n")
    print(f"\n{name} on {report['machine']}")
    print(f"{'what':<52}{'ours':>9}{'peer':>9}{'ratio':>8}  goal")
    for row in rows:
        peer = "-" if row.peer is None else f"{row.peer:.3f}"
        ratio = "-" if row.ratio is None else f"{row.ratio:.1f}"
        verdict = "" if not row.goal else "holds" if row.holds else "FAILS"
        print(f"{row.what:<52}{row.ours:>9.3f}{peer:>9}{ratio:>8}  {row.goal} {verdict}")
        print(f"  {row.unit}; peer: {row.peer_name}")
    return all(row.holds for row in rows)


def _holds(goal: str, figures: dict[str, float]) -> bool:
    if not goal:
        return True
    name, comparison, bound = goal.split()
    return _COMPARISONS[comparison](figures[name], float(bound))


def _machine() -> str:
    system = f"{platform.system()} {platform.machine()}"
    return f"{system}, {os.cpu_count()} cores, Python {platform.python_version()}"
