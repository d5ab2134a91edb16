"""Free times of one service with 50 agents over 90 days, and what history makes of it.

Two houses that differ in nothing but their past, 1,000 appointments and 200,000, are asked in turn,
on SQLite and on PostgreSQL.
"""

from collections.abc import Callable

from bench.booking.house import House, Search
from bench.databases import KINDS, databases
from bench.report import Row, alone, less_is_better

ROUNDS = 15
FEW, MANY = 1_000, 200_000


def run() -> list[Row]:
    rows: list[Row] = []
    with databases() as make:
        for name in KINDS:
            rows += _of_database(name, make)
    return rows


def _of_database(name: str, make: Callable[[str, str], str]) -> list[Row]:
    searches: dict[int, list[Search]] = {FEW: [], MANY: []}
    urls = {count: make(name, f"bench{count}") for count in (FEW, MANY)}
    with House(urls[FEW], FEW) as small, House(urls[MANY], MANY) as large:
        for _round in range(ROUNDS):
            searches[FEW].append(small.search())
            searches[MANY].append(large.search())
    few = [search.millis for search in searches[FEW]]
    many = [search.millis for search in searches[MANY]]
    queries = {search.queries for search in [*searches[FEW], *searches[MANY]]}
    what = f"free times, 50 agents, 90 days, {name}"
    print(f"  {name}: {searches[MANY][0].starts} starts, {sorted(queries)} queries")
    return [
        alone(f"{what}, {MANY:,} appointments", "ms", ours=many, goal="ours <= 100"),
        less_is_better(
            f"{what}, {MANY:,} against {FEW:,}", "ms",
            ours=many, peer=few, peer_name=f"{FEW:,} appointments", goal="ratio >= 0.77",
        ),
        alone(f"{what}: queries", "queries", ours=sorted(queries), goal="ours <= 5"),
    ]  # fmt: skip
