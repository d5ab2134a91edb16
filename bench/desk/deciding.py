"""A round of the desk with 1,000 people in line and 200 free agents: read, decide, write.

One house on SQLite and one on PostgreSQL; after each round its offers are taken back, so that all
rounds decide the same.
"""

from collections.abc import Callable

from bench.child import Child
from bench.databases import KINDS, databases
from bench.report import Row, alone

ROUNDS = 15
WAITING, AGENTS = 1_000, 200
MOST_MILLIS = 50


def rows() -> list[Row]:
    found: list[Row] = []
    with databases() as make:
        for name in KINDS:
            found += _of_database(name, make)
    return found


def _of_database(name: str, make: Callable[[str, str], str]) -> list[Row]:
    url = make(name, "desk")
    with Child(url, "bench.desk.rounds", str(WAITING), str(AGENTS)) as house:
        took = [house.ask("round") for _round in range(ROUNDS)]
    print(f"  {name}: {took[0]['offers']} offers, {took[0]['needs']} kinds of need")
    what = f"{WAITING:,} in line, {AGENTS} agents, {name}"

    def row(part: str, unit: str, key: str, goal: str = "") -> Row:
        return alone(f"{what}: {part}", unit, ours=[one[key] for one in took], goal=goal)

    return [
        row("reading", "ms", "read"),
        row("reading", "queries", "read_queries", "ours <= 12"),
        row("deciding", "ms", "route", f"ours <= {MOST_MILLIS}"),
        row("writing the offers", "ms", "write"),
        row("writing the offers", "queries", "write_queries"),
    ]
