"""Work that needs a processor each, done at once in processes of their own.

Made for muxing: the jobs share what was there when they began (keys, lists of segments), touch no
database, and hand back something small that can be pickled.
"""

import multiprocessing
import os
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import TypeVar

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
        forks = [_Fork(job) for job in others]
        try:
            results.append(here())
            results += [fork.result() for fork in forks]
        finally:
            for fork in forks:
                fork.end()
    return results


class _Fork:
    def __init__(self, job: Callable[[], object]) -> None:
        context = multiprocessing.get_context("fork")
        self._pipe, theirs = context.Pipe(duplex=False)
        # A daemon: it ends with this process, unless that is killed; then its file is nobody's.
        self._process = context.Process(target=_work, args=(job, theirs), daemon=True)
        self._process.start()
        theirs.close()

    def result(self) -> T:  # type: ignore[type-var]
        try:
            done, value = self._pipe.recv()
        except EOFError:
            raise JobDied(f"exit code {self._process.exitcode}") from None
        if not done:
            raise value
        return value  # type: ignore[no-any-return]

    def end(self) -> None:
        if self._process.is_alive():
            self._process.terminate()
        self._process.join()
        self._pipe.close()


def _work(job: Callable[[], object], pipe: Connection) -> None:
    try:
        answer = (True, job())
    except Exception as exc:
        answer = (False, exc)
    pipe.send(answer)
    pipe.close()
