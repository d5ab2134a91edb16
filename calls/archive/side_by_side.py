"""Work that needs a processor each, done at once in processes of their own.

Made for muxing: the jobs share what was there when they began (keys, lists of segments), touch no
database, and hand back something small that can be pickled. They are plain forks: multiprocessing
lets the processes of a worker's pool, which are daemons to it, start none.
"""

import gc
import os
import pickle
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, NoReturn, TypeVar

T = TypeVar("T")


class JobDied(Exception):
    """A process ended without handing anything back."""


def side_by_side(jobs: Sequence[Callable[[], T]]) -> list[T]:
    """What each job returns, in their order; the first one's exception if any raises.

    The first job of each round is done here, the others in forks, as many as there are processors.
    """
    results: list[T] = []
    width = max(1, os.cpu_count() or 1)
    for start in range(0, len(jobs), width):
        here, *others = jobs[start : start + width]
        forks: list[_Fork] = []
        try:
            forks.extend(map(_Fork, others))  # one by one: those that began are ended
            results.append(here())
            results += [fork.result() for fork in forks]
        finally:
            for fork in forks:
                fork.end()
    return results


class _Fork:
    """One job in a child. If this process is killed meanwhile, the child's work is nobody's."""

    def __init__(self, job: Callable[[], object]) -> None:
        theirs, ours = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            os.close(theirs)
            _work(job, ours)
        os.close(ours)
        self._pipe = os.fdopen(theirs, "rb")

    def result(self) -> Any:
        answer = self._pipe.read()
        if not answer:
            raise JobDied(f"process {self._pid}")
        # From a child of this process alone.
        done, value = pickle.loads(answer)  # noqa: S301
        if not done:
            raise value
        return value

    def end(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        self._pipe.close()


def _work(job: Callable[[], object], pipe: int) -> NoReturn:
    """Nothing of what the parent has in hand is finished twice: the child leaves by the back.

    Nor is it collected here: a decoder that lies about would wait for threads that were not forked.
    """
    try:
        gc.freeze()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        try:
            answer = (True, job())
        except Exception as exc:
            answer = (False, exc)
        with os.fdopen(pipe, "wb") as told:
            told.write(pickle.dumps(answer))
    finally:
        os._exit(0)
