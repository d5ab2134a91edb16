"""Free times of one service with 50 agents over 90 days, and what history makes of it.

Two houses that differ in nothing but their past, 1,000 appointments and 200,000, are asked in turn,
on SQLite and on PostgreSQL.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.booking.house import House, Search
from bench.report import Row, alone, less_is_better
from tests.support.postgres import PostgresCluster

ROUNDS = 15
FEW, MANY = 1_000, 200_000


def run() -> list[Row]:
    rows: list[Row] = []
    with _ground() as (folder, cluster):
        for name in ("SQLite", "PostgreSQL"):
            rows += _of_database(name, folder, cluster)
    return rows


def _of_database(name: str, folder: Path, cluster: PostgresCluster) -> list[Row]:
    searches: dict[int, list[Search]] = {FEW: [], MANY: []}
    urls = {count: _url(name, count, folder, cluster) for count in (FEW, MANY)}
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


@contextmanager
def _ground() -> Iterator[tuple[Path, PostgresCluster]]:
    folder, cluster = Path(tempfile.mkdtemp(prefix="parlour-bench-")), PostgresCluster()
    cluster.start()
    try:
        yield folder, cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _url(name: str, count: int, folder: Path, cluster: PostgresCluster) -> str:
    if name == "SQLite":
        return f"sqlite:///{folder / f'{count}.sqlite3'}"
    cluster.make_database(f"bench{count}")
    return cluster.url.replace("/postgres", f"/bench{count}")
