"""A recorder in processes of its own: how each is started, asked, charged and ended.

Processes are forked from the benchmark, which has imported everything, as Celery forks its pool:
they share what they do not change. Each is charged what the kernel says all its threads ran.
"""

import asyncio
import gc
import multiprocessing
import os
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Protocol

CORE = 0
ANSWER_SECS = 120.0
_context = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class Outcome:
    """What a contender kept."""

    frames: int
    """Pictures in its recordings."""
    lost: int
    """Pictures missing between its first and its last ones."""
    cpu_secs: float
    """For what comes after the capture, until it can be played."""


class Recorder(Protocol):
    """What runs in a contender's process."""

    async def answer(self, offer: str) -> str: ...

    async def finish(self) -> Outcome: ...


class Contender(Protocol):
    """What a trial runs: answers are asked one after the other."""

    def answer(self, number: int, offer: str) -> str: ...

    def pids(self) -> list[int]: ...

    def finish(self) -> Outcome: ...

    def close(self) -> None: ...


class Forked:
    """A contender of ours or of aiortc: so many people in each process."""

    def __init__(self, make: Callable[[Path], Recorder], folder: Path, *, each: int) -> None:
        self._make = make
        self._folder = folder
        self._each = each
        self._children: list[tuple[multiprocessing.process.BaseProcess, Connection]] = []

    def answer(self, number: int, offer: str) -> str:
        if number // self._each == len(self._children):
            self._start()
        pipe = self._children[-1][1]
        pipe.send(offer)
        return str(_reply(pipe))

    def pids(self) -> list[int]:
        return [process.pid or 0 for process, _ in self._children]

    def finish(self) -> Outcome:
        outcomes = []
        for _, pipe in self._children:
            pipe.send(None)
            outcomes.append(_reply(pipe))
        return Outcome(
            frames=sum(each.frames for each in outcomes),
            lost=sum(each.lost for each in outcomes),
            cpu_secs=sum(each.cpu_secs for each in outcomes),
        )

    def close(self) -> None:
        for process, pipe in self._children:
            pipe.close()
            process.join(10)
            process.kill()

    def _start(self) -> None:
        ours, theirs = _context.Pipe()
        folder = self._folder / str(len(self._children))
        folder.mkdir(parents=True)
        process = _context.Process(target=_serve, args=(self._make, folder, theirs), daemon=True)
        process.start()
        theirs.close()
        self._children.append((process, ours))


def _reply(pipe: Connection) -> Any:
    if not pipe.poll(ANSWER_SECS):
        raise TimeoutError("a recorder gave no answer")
    return pipe.recv()


def _serve(make: Callable[[Path], Recorder], folder: Path, pipe: Connection) -> None:
    # As a worker's pool does: the parent's encoder, collected here, would wait for its threads.
    gc.freeze()
    os.sched_setaffinity(0, {CORE})
    asyncio.run(_answer_all(make(folder), pipe))


async def _answer_all(recorder: Recorder, pipe: Connection) -> None:
    asked: asyncio.Queue[str | None] = asyncio.Queue()
    asyncio.get_running_loop().add_reader(pipe.fileno(), lambda: asked.put_nowait(pipe.recv()))
    while (offer := await asked.get()) is not None:
        pipe.send(await recorder.answer(offer))
    pipe.send(await recorder.finish())
    asyncio.get_running_loop().remove_reader(pipe.fileno())


def cpu_secs(pids: list[int]) -> float:
    """What all threads of these processes have run, user and system, to the nanosecond."""
    tasks = [task for pid in pids for task in Path(f"/proc/{pid}/task").iterdir()]
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def private_bytes(pid: int) -> int:
    """What a process holds beyond what it shares with others."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    sizes = dict(line.split(":", 1) for line in rollup if ":" in line)
    private = sizes["Private_Clean"], sizes["Private_Dirty"]
    return sum(int(size.split()[0]) for size in private) * 1024
