"""Whole call set-ups and joins alone, so many at a time, as fast as the server lets them."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from bench.signaling.people import Message, Ours, people
from bench.signaling.script import CANDIDATES, candidate, sdp
from bench.signaling.servers import Place, Server

AT_A_TIME = 16
# Sixteen at a time, the Redis layer drops so much that no call ever sets up.
FEWER = {"Channels, Redis": 4}
PATIENCE_SECS = 12.0


@dataclass
class Pace:
    """What one server managed: how many a second, and of its own CPU seconds, and faults.

    `load_share` is how much of its core the load took: far below 1, or it was the bottleneck.
    """

    per_second: float
    per_cpu_second: float
    load_share: float
    faults: int


async def set_ups(server: Server, places: list[Place], *, secs: float) -> Pace:
    """Two join and are told of each other, offer, answer, 24 candidates, bye."""
    return await _pace(server, _set_up, places, secs=secs)


async def joins(server: Server, places: list[Place], *, secs: float) -> Pace:
    """Open a socket, be known by one's token, be welcome; then go without a word."""
    pace = await _pace(server, _join_twice, places, secs=secs)
    return replace(pace, per_second=2 * pace.per_second, per_cpu_second=2 * pace.per_cpu_second)


async def _pace(
    server: Server,
    work: Callable[[Server, Place], Awaitable[None]],
    places: list[Place],
    *,
    secs: float,
) -> Pace:
    done = faults = 0
    left = list(places)
    begun, spent, served = time.monotonic(), time.process_time(), server.cpu_secs

    async def go_on() -> None:
        nonlocal done, faults
        while left and time.monotonic() < begun + secs:
            place = left.pop()
            try:
                async with asyncio.timeout(PATIENCE_SECS):
                    await work(server, place)
                done += 1
            except Exception as fault:
                faults += 1
                if faults == 1:
                    print(f"    first fault: {type(fault).__name__} {fault}")

    await asyncio.gather(*(go_on() for _ in range(FEWER.get(server.name, AT_A_TIME))))
    took = time.monotonic() - begun
    load_share = (time.process_time() - spent) / took
    return Pace(done / took, done / max(server.cpu_secs - served, 0.01), load_share, faults)


async def _set_up(server: Server, place: Place) -> None:
    caller, callee = people(server, place)
    await asyncio.gather(caller.join(), callee.join())
    await asyncio.gather(caller.meet(), callee.meet())
    heard = asyncio.get_running_loop().create_future()
    counts = [0, 0]

    def at_caller(message: Message) -> None:
        counts[0] += 1
        _look()

    def at_callee(message: Message) -> None:
        counts[1] += 1
        if message["t"] == "description":
            callee.say("description", type="answer", sdp=sdp(), to=message.get("n", 1))
            for number in range(CANDIDATES):
                callee.say("candidate", candidate=candidate(number), sdp_mid="0")
        _look()

    def _look() -> None:
        if min(counts) > CANDIDATES and not heard.done():
            heard.set_result(None)

    caller.heard, callee.heard = at_caller, at_callee
    caller.say("description", type="offer", sdp=sdp())
    for number in range(CANDIDATES):
        caller.say("candidate", candidate=candidate(number), sdp_mid="0")
    await heard
    await asyncio.gather(caller.bye(), callee.bye())


async def _join_twice(server: Server, place: Place) -> None:
    for person in people(server, place):
        assert isinstance(person, Ours)
        await person.call.open(secs=PATIENCE_SECS)
        person.call.close()
