"""The parts of the benchmark, and which figures go into the report."""

import statistics
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from bench.recorder import finalising, received
from bench.recorder.contender import Contender, Forked
from bench.recorder.dump import Packet, make_dump
from bench.recorder.janus import Janus, is_installed
from bench.recorder.ours import Ours
from bench.recorder.rivals import Floor, PlainFloor, Stock
from bench.recorder.trial import Result, trial
from bench.report import Row, alone, less_is_better

ROUNDS = 3
PERSON_SECS = 10.0
CALL_SECS = 10.0
CALLS_SECS = 10.0
CROWD_SECS = 20.0
CROWD_CALLS = 25
UNIT = "CPU seconds per recorded stream-minute"
NO_JANUS = "Janus: not installed (apt install janus janus-tools)"

Make = Callable[[Path], Contender]


def capture() -> list[Row]:
    """One person: ours beside aiortc's recorder and the floors."""
    results = _rounds(
        {
            "ours": _forked(Ours, 1),
            "stock": _forked(Stock, 1),
            "floor": _forked(PlainFloor, 1),
            "least": _forked(Floor, 1),
        },
        streams=1,
        secs=PERSON_SECS,
    )
    return [
        _less("one person, captured", results, "stock", "aiortc MediaRecorder", "ratio >= 40"),
        _less("one person, captured ", results, "floor", FLOOR, "ratio >= 0.5"),
        _less("one person, captured  ", results, "least", LEAST, "ratio >= 0.5"),
        *_kept("one person", results, "stock", "aiortc MediaRecorder"),
    ]


FLOOR = "floor: recvfrom and pylibsrtp's unprotect ten times a second"
LEAST = "floor with our way of reading: recvmmsg and unprotect in place"


def call() -> list[Row]:
    """Two people in one process, and Janus with the same."""
    results = _rounds(
        {"ours": _forked(Ours, 2), "floor": _forked(PlainFloor, 2), **_janus()},
        streams=2,
        secs=CALL_SECS,
    )
    return [
        _less("one call, captured", results, "floor", FLOOR, "ratio >= 0.5"),
        *_beside_janus("one call", results, "ratio >= 1"),
    ]


def calls() -> list[Row]:
    """Eight calls: eight processes of ours, one Janus."""
    results = _rounds(
        {"ours": _forked(Ours, 2), "floor": _forked(PlainFloor, 2), **_janus()},
        streams=16,
        secs=CALLS_SECS,
        rounds=2,
    )
    return [
        _less("eight calls, captured", results, "floor", FLOOR, "ratio >= 0.5"),
        *_beside_janus("eight calls", results, "ratio >= 0.77"),
    ]


def crowd() -> list[Row]:
    """Twenty-five calls, a process each, on one core; and the growth from one stream to 64."""
    found = [trial(_forked(Ours, 2), _dump(), streams=2 * CROWD_CALLS, secs=CROWD_SECS)]
    print(f"  {CROWD_CALLS} calls: {found[0]}")
    what = f"{CROWD_CALLS} calls on one core"
    rows = [
        alone(what, "share of the core", ours=[found[0].core_share], goal="ours <= 0.4"),
        alone(f"{what}: pictures lost", "pictures", ours=[found[0].lost], goal="ours <= 0"),
        alone(
            f"{what}: memory of a call",
            "MB beyond what the processes share",
            ours=[found[0].private_mb],
            goal="ours <= 60",
        ),
    ]
    for streams in (1, 4, 16, 64):
        result = trial(_forked(Ours, 2), _dump(), streams=streams, secs=6)
        print(f"  {streams} streams: {result}")
        many = f"{streams} stream{'s' if streams > 1 else ''}"
        rows += [
            alone(f"captured, {many}", UNIT, ours=[result.cpu_secs_per_minute]),
            alone(f"memory, {many}, MB a process", "MB", ours=[result.private_mb]),
            alone(f"lost, {many}", "pictures", ours=[result.lost], goal="ours <= 0"),
        ]
    together = trial(_forked(Ours, 64), _dump(), streams=64, secs=6)
    print(f"  64 streams in one process: {together}")
    rows.append(
        alone("captured, 64 streams in one process", UNIT, ours=[together.cpu_secs_per_minute])
    )
    return rows


PARTS: dict[str, Callable[[], list[Row]]] = {
    "capture": capture,
    "call": call,
    "calls": calls,
    "crowd": crowd,
    "received": received.run,
    "finalise": finalising.run,
}


def run(names: Sequence[str] = ()) -> list[Row]:
    rows = []
    for name in names or PARTS:
        print(f"{name}:", flush=True)
        rows += PARTS[name]()
    return rows


def _rounds(
    contenders: dict[str, Make], *, streams: int, secs: float, rounds: int = ROUNDS
) -> dict[str, list[Result]]:
    results: dict[str, list[Result]] = {name: [] for name in contenders}
    for number in range(1, rounds + 1):
        for name, make in contenders.items():
            result = trial(make, _dump(), streams=streams, secs=secs)
            results[name].append(result)
            print(f"  round {number}, {name}: {result}", flush=True)
    return results


def _less(what: str, results: dict[str, list[Result]], peer: str, peer_name: str, goal: str) -> Row:
    return less_is_better(
        what,
        UNIT,
        ours=[each.cpu_secs_per_minute for each in results["ours"]],
        peer=[each.cpu_secs_per_minute for each in results[peer]],
        peer_name=peer_name,
        goal=goal,
    )


def _kept(what: str, results: dict[str, list[Result]], peer: str, peer_name: str) -> list[Row]:
    ours, theirs = (
        statistics.median(each.lost / max(1, each.frames + each.lost) for each in results[name])
        for name in ("ours", peer)
    )
    return [
        Row(
            what=f"{what}: pictures lost",
            unit="share of those sent",
            ours=round(ours, 4),
            peer=round(theirs, 4),
            peer_name=peer_name,
            ratio=None,
            goal="ours <= 0",
            holds=ours <= 0,
        )
    ]


def _beside_janus(what: str, results: dict[str, list[Result]], goal: str) -> list[Row]:
    """Ours with seal, fsync and the finished files, Janus with its post-processing; and without."""
    if "janus" not in results:
        return [alone(f"{what}: {NO_JANUS}", "", ours=[0])]
    whole = less_is_better(
        f"{what}, captured and made playable",
        UNIT,
        ours=[each.whole for each in results["ours"]],
        peer=[each.whole for each in results["janus"]],
        peer_name="Janus 1.1.2 and janus-pp-rec",
        goal=goal,
    )
    captured = _less(f"{what}, captured ", results, "janus", "Janus 1.1.2 to .mjr", goal)
    return [whole, captured, *_kept(what, results, "janus", "Janus 1.1.2")]


def _janus() -> dict[str, Make]:
    return {"janus": Janus} if is_installed() else {}


def _forked(recorder: type[Ours | Stock | Floor | PlainFloor], each: int) -> Make:
    return lambda folder: Forked(recorder, folder, each=each)


@cache
def _dump() -> list[Packet]:
    return make_dump()
