"""Sockets that only stay: memory for each, whether it grows, whether any is dropped.

A thousand sockets for a minute, or as long as BENCH_IDLE_SECS says (600 for the lab), then ten
thousand at once. Both ends answer pings meanwhile, as browsers do.
"""

import asyncio
import os
import resource
from collections.abc import Sequence
from dataclasses import dataclass

from bench.client import Call
from bench.report import Row, alone
from bench.signaling.people import Ours, people
from bench.signaling.servers import LOAD_CORE, Ground, Place, Server

SECS = float(os.environ.get("BENCH_IDLE_SECS", "60"))
IDLE, MANY = 1000, 10_000
AT_A_TIME = 16
SPARE_FILES = 500


@dataclass
class Stay:
    """`first` and `last` are bytes a socket, once all are open and at the end."""

    first: float
    last: float
    opened: int
    dropped: int


def run() -> list[Row]:
    os.sched_setaffinity(0, {LOAD_CORE})
    _allow_files(MANY + SPARE_FILES)
    with Ground() as ground:
        with ground.server("Daphne") as server:
            stay = asyncio.run(_stay(server, ground.calls(IDLE // 2), secs=SECS))
        print(f"  {stay}")
        with ground.server("Daphne") as server:
            many = asyncio.run(_stay(server, ground.calls(MANY // 2), secs=15, enter=False))
        print(f"  {many}")
    what = f"{IDLE} sockets for {SECS:.0f} s"
    return [
        alone(f"{what}: dropped", "sockets", ours=[stay.dropped], goal="ours <= 0"),
        alone(f"{what}: memory", "KB a socket", ours=[stay.first / 1000], goal="ours <= 30"),
        alone(
            f"{what}: growth", "KB a socket, over that time",
            ours=[(stay.last - stay.first) / 1000], goal="ours <= 1",
        ),
        alone("open at once", "sockets", ours=[many.opened], goal=f"ours >= {MANY}"),
        alone("of these dropped", "sockets", ours=[many.dropped], goal="ours <= 0"),
        alone("with them: memory", "KB a socket", ours=[many.first / 1000]),
    ]  # fmt: skip


async def _stay(
    server: Server, places: Sequence[Place], *, secs: float, enter: bool = True
) -> Stay:
    # One call warms up what the process makes only once.
    await _open(server, places[:1], enter=enter)
    empty = server.memory_bytes
    calls = await _open(server, places[1:], enter=enter)
    await asyncio.sleep(5)
    first = server.memory_bytes - empty
    await asyncio.sleep(secs)
    last = server.memory_bytes - empty
    opened = sum(call.is_connected for call in calls)
    dropped = sum(call.sockets > 1 for call in calls)
    for call in calls:
        call.close()
    return Stay(first / len(calls), last / len(calls), opened + 2, dropped)


async def _open(server: Server, places: Sequence[Place], *, enter: bool) -> list[Call]:
    calls: list[Call] = []
    left = list(places)

    async def go_on() -> None:
        while left:
            for person in people(server, left.pop()):
                assert isinstance(person, Ours)
                await person.call.open(secs=60)
                if enter:
                    await person.call.command("enter")
                calls.append(person.call)

    await asyncio.gather(*(go_on() for _ in range(AT_A_TIME)))
    return calls


def _allow_files(count: int) -> None:
    """Let this process and its children open so many files; raises ValueError if it may not."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, max(hard, count)))
