"""What the wallboard reads with 200 agents and 2,000 contacts a day, and what history makes of it.

Two houses that differ in nothing but their past, none and a year, are asked in turn, on SQLite and
on PostgreSQL.
"""

from collections.abc import Callable
from typing import Any

from bench.child import Child
from bench.databases import KINDS, databases
from bench.report import Row, alone, less_is_better

ROUNDS = 15
AGENTS, A_DAY, YEAR_DAYS = 200, 2_000, 365


def rows() -> list[Row]:
    found: list[Row] = []
    with databases() as make:
        for kind in KINDS:
            found += _of_database(kind, make)
    return found


def _of_database(kind: str, make: Callable[[str, str], str]) -> list[Row]:
    days: dict[int, list[dict[str, Any]]] = {1: [], YEAR_DAYS: []}
    with _house(make(kind, "day"), 1) as short, _house(make(kind, "year"), YEAR_DAYS) as long:
        for _round in range(ROUNDS):
            days[1].append(short.ask("look"))
            days[YEAR_DAYS].append(long.ask("look"))
    one, year = ([look["millis"] for look in looks] for looks in days.values())
    queries = sorted({look["queries"] for looks in days.values() for look in looks})
    print(f"  {kind}: {days[YEAR_DAYS][0]['contacts']:,} contacts, {queries} queries")
    what = f"wallboard, {AGENTS} agents, {A_DAY:,} contacts a day, {kind}"
    return [
        alone(f"{what}, a year of history", "ms", ours=year),
        # The ratio is that of the peer to ours: a third more is 0.77.
        less_is_better(
            f"{what}, a year against a day", "ms",
            ours=year, peer=one, peer_name="one day", goal="ratio >= 0.77",
        ),
        alone(f"{what}: queries", "queries", ours=[max(queries)], goal="ours <= 8"),
    ]  # fmt: skip


def _house(url: str, days: int) -> Child:
    return Child(url, "bench.desk.history", str(AGENTS), str(A_DAY), str(days))
