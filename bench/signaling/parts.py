"""The parts of the benchmark and their goals."""

import asyncio
import gc
import os
from collections import defaultdict
from collections.abc import Callable, Coroutine, Sequence
from contextlib import ExitStack
from typing import Any

from bench.report import Row, alone, less_is_better, more_is_better
from bench.signaling import losses, relays, setups
from bench.signaling.losses import Toll
from bench.signaling.servers import LOAD_CORE, NODE, OURS, STOCK, Ground, install_rivals

ROUNDS = 3
SECS = 2.5
# Enough for a fast machine; what is left over was free.
PLACES = {**dict.fromkeys(NODE, 6000), **dict.fromkeys(OURS, 1500), **dict.fromkeys(STOCK, 300)}
# Where the search for the highest rate begins, and over how many calls.
FIRST_RATE = {"Daphne": 4000, "uvicorn": 6000, "PeerJS": 4000, **dict.fromkeys(STOCK, 50)}
CALLS = {"Daphne": 750, "uvicorn": 750, "PeerJS": 750, **dict.fromkeys(STOCK, 100)}
LISTENED = ("Daphne", "PeerJS", *STOCK)
BROKEN = ("Daphne", "PeerJS", "ws", *STOCK)

Figures = dict[str, list[float]]


def run(wanted: Sequence[str] = ()) -> list[Row]:
    install_rivals()
    os.sched_setaffinity(0, {LOAD_CORE})
    rows: list[Row] = []
    with Ground() as ground:
        for name in wanted or PARTS:
            print(f"{name}:", flush=True)
            rows += PARTS[name](ground)
    return rows


def _set_ups(ground: Ground) -> list[Row]:
    speed, thrift, load = _figures(), _figures(), _figures()
    for name, _round in _turns([*OURS, *NODE, *STOCK]):
        with ground.server(name) as server:
            pace = _do(setups.set_ups(server, ground.places(name, PLACES[name]), secs=SECS))
        _tell(name, pace)
        speed[name].append(pace.per_second)
        thrift[name].append(pace.per_cpu_second)
        load[name].append(pace.load_share)
    goals = {
        ("Daphne", "Channels, in memory"): "ratio >= 8",
        ("Daphne", "Channels, Redis"): "ratio >= 8",
        ("Daphne", "PeerJS"): "ratio >= 0.27",
        ("uvicorn", "PeerJS"): "ratio >= 0.65",
        ("uvicorn", "socket.io"): "ratio >= 1",
    }
    rows = [
        more_is_better(
            f"set-ups, {ours}", f"a second, {setups.AT_A_TIME} at a time{_fewer(peer)}",
            ours=speed[ours], peer=speed[peer], peer_name=peer, goal=goals.get((ours, peer), ""),
        )
        for ours in OURS for peer in (*NODE, *STOCK)
    ]  # fmt: skip
    rows += [
        more_is_better(
            f"set-ups, {ours}", "per CPU second of the server",
            ours=thrift[ours], peer=thrift["PeerJS"], peer_name="PeerJS", goal="",
        )
        for ours in OURS
    ]  # fmt: skip
    busiest = [max(shares[turn] for shares in load.values()) for turn in range(ROUNDS)]
    return [*rows, alone("the load's share of its core", "1 is all", ours=busiest, goal="ours < 1")]


def _joins(ground: Ground) -> list[Row]:
    speed = _figures()
    for name, _round in _turns(OURS):
        with ground.server(name) as server:
            pace = _do(setups.joins(server, ground.places(name, 2 * PLACES[name]), secs=SECS))
        _tell(name, pace)
        speed[name].append(pace.per_second)
    what = "open, hello with token, welcome; a second"
    return [
        alone("joins, Daphne", what, ours=speed["Daphne"], goal="ours >= 1200"),
        alone("joins, uvicorn", what, ours=speed["uvicorn"]),
    ]


def _latency(ground: Ground) -> list[Row]:
    rates = (100, 1000)
    p95: dict[int, Figures] = {rate: _figures() for rate in rates}
    p99: dict[int, Figures] = {rate: _figures() for rate in rates}
    for name, _round in _turns(LISTENED):
        with ground.server(name) as server:
            for rate, delays in _do(relays.at_rates(server, ground.places(name, 100), rates)):
                _tell(f"{name} at {rate}", delays)
                p95[rate][name].append(delays.p95)
                p99[rate][name].append(delays.p99)
    rows = []
    for rate in rates:
        rows += [
            less_is_better(
                f"relay p95 at {rate} a second, Daphne", "ms", ours=p95[rate]["Daphne"],
                peer=p95[rate][peer], peer_name=peer, goal=goal,
            )
            for peer, goal in (("PeerJS", "ratio >= 0.5"), *((peer, "") for peer in STOCK))
        ]  # fmt: skip
        rows.append(
            less_is_better(
                f"relay p99 at {rate} a second, Daphne", "ms", ours=p99[rate]["Daphne"],
                peer=p99[rate]["PeerJS"], peer_name="PeerJS", goal="ours <= 5",
            )
        )  # fmt: skip
    return rows


def _most(ground: Ground) -> list[Row]:
    most = _figures()
    for name, _round in _turns([*OURS, "PeerJS", *STOCK]):
        with ground.server(name) as server:
            places = ground.places(name, CALLS[name])
            best = _do(relays.most(server, places, first=FIRST_RATE[name], secs=1))
        _tell(name, best)
        most[name].append(best.per_second)
    goals = {"Daphne": "ours >= 20000"}
    return [
        more_is_better(
            f"relays, {ours}", "a second before p99 > 50 ms",
            ours=most[ours], peer=most[peer], peer_name=peer, goal=goals.get(ours, ""),
        )
        for ours in OURS for peer in ("PeerJS", *STOCK)
    ]  # fmt: skip


def _losses(ground: Ground) -> list[Row]:
    tolls: dict[str, list[Toll]] = defaultdict(list)
    for name, _round in _turns(BROKEN):
        with ground.server(name) as server:
            tolls[name].append(_do(losses.toll([server], ground.places(name, 20))))
        _tell(name, tolls[name][-1])
    for _turn in range(ROUNDS):
        for what, servers, midway in (
            ("two processes", 2, None),
            ("one process, Redis restarted", 1, ground.restart_redis),
            ("two processes, Redis restarted", 2, ground.restart_redis),
        ):
            with ExitStack() as stack:
                started = [stack.enter_context(ground.server("Daphne")) for _ in range(servers)]
                found = _do(losses.toll(started, ground.calls(20), midway=midway))
            _tell(what, found)
            tolls[what].append(found)
    rows = [
        less_is_better(
            "lost while sockets break, Daphne", "share of the messages",
            ours=_shares(tolls["Daphne"]), peer=_shares(tolls[peer]), peer_name=peer, goal="",
        )
        for peer in BROKEN[1:]
    ]  # fmt: skip
    return rows + [
        alone(f"lost, doubled, reordered: {what}", "messages of all rounds",
              ours=[sum(one.faults for one in tolls[name])], goal="ours <= 0")
        for name, what in (("Daphne", "one process"), *((key, key) for key in list(tolls)[-3:]))
    ]  # fmt: skip


def _fewer(peer: str) -> str:
    return f"; the peer's {setups.FEWER[peer]}" if peer in setups.FEWER else ""


def _shares(tolls: list[Toll]) -> list[float]:
    return [toll.lost_share for toll in tolls]


def _figures() -> Figures:
    return defaultdict(list)


def _turns(names: Sequence[str]) -> list[tuple[str, int]]:
    return [(name, number) for number in range(ROUNDS) for name in names]


def _do(work: Coroutine[Any, Any, Any]) -> Any:
    """Run it with the garbage collector off, which would count as somebody's latency."""
    gc.collect()
    gc.disable()
    try:
        return asyncio.run(work)
    finally:
        gc.enable()


def _tell(name: str, found: object) -> None:
    print(f"  {name}: {found}", flush=True)


PARTS: dict[str, Callable[[Ground], list[Row]]] = {
    "set-ups": _set_ups,
    "joins": _joins,
    "latency": _latency,
    "most": _most,
    "losses": _losses,
}
