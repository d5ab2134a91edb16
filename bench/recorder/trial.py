"""One contender against the dump for a while: what it cost, what it lost, what it holds."""

import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bench.recorder.contender import Contender, cpu_secs, private_bytes
from bench.recorder.dump import Packet
from bench.recorder.sender import send

WARM_SECS = 2.0
ANSWER_SECS = 120.0
_context = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class Result:
    cpu_secs_per_minute: float
    """While capturing, of each stream."""
    after_secs_per_minute: float
    """To make what can be played, of each stream."""
    core_share: float
    frames: int
    lost: int
    private_mb: float
    """Of its processes, the median."""
    late_ms: float
    """How late the sender was at most: above a few milliseconds it was the limit."""

    @property
    def whole(self) -> float:
        return self.cpu_secs_per_minute + self.after_secs_per_minute


def trial(
    make: Callable[[Path], Contender], dump: list[Packet], *, streams: int, secs: float
) -> Result:
    """Start the contender and as many streams, and measure once all are sent."""
    with tempfile.TemporaryDirectory(prefix="parlour-bench-") as folder:
        contender = make(Path(folder))
        sender = _Sender(dump)
        try:
            for number in range(streams):
                sender.ask("answer", contender.answer(number, sender.ask("offer")))
            begun = time.monotonic()
            time.sleep(WARM_SECS)
            before, measured_at = cpu_secs(contender.pids()), time.monotonic()
            time.sleep(secs)
            spent = cpu_secs(contender.pids()) - before
            lasted = time.monotonic() - measured_at
            memory = statistics.median(private_bytes(pid) for pid in contender.pids())
            late_secs = sender.ask("pause")
            sent_minutes = streams * (time.monotonic() - begun) / 60
            outcome = contender.finish()
        finally:
            contender.close()
            sender.close()
    return Result(
        cpu_secs_per_minute=spent / (streams * lasted / 60),
        after_secs_per_minute=outcome.cpu_secs / sent_minutes,
        core_share=spent / lasted,
        frames=outcome.frames,
        lost=outcome.lost,
        private_mb=memory / 1e6,
        late_ms=1000 * late_secs,
    )


class _Sender:
    def __init__(self, dump: list[Packet]) -> None:
        self._pipe, theirs = _context.Pipe()
        self._process = _context.Process(target=_send, args=(dump, theirs), daemon=True)
        self._process.start()
        theirs.close()

    def ask(self, *request: str) -> Any:
        self._pipe.send(request)
        if not self._pipe.poll(ANSWER_SECS):
            raise TimeoutError("the sender gave no answer")
        return self._pipe.recv()

    def close(self) -> None:
        self._pipe.send(("stop",))
        self._pipe.close()
        self._process.join(10)
        self._process.kill()


def _send(dump: list[Packet], pipe: Connection) -> None:
    send(dump, pipe)
