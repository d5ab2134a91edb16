"""Jobs in processes of their own, also where the process that asks is one of a worker's pool."""

import os
import signal
from functools import partial
from pathlib import Path

import pytest
from billiard.pool import Pool

from calls.archive.side_by_side import JobDied, side_by_side
from tests.support.servers import wait_for


def squares() -> list[int]:
    return side_by_side([partial(pow, n, 2) for n in range(5)])


def fail() -> int:
    raise KeyError("no such thing")


def pause(path: Path) -> int:
    path.write_text(str(os.getpid()))
    signal.pause()
    return 0


def fail_after(path: Path) -> int:
    wait_for(lambda: path.exists() and path.read_text(), "the other job has begun")
    return fail()


def test_it_answers_in_order() -> None:
    assert squares() == [0, 1, 4, 9, 16]


def test_it_says_what_failed() -> None:
    with pytest.raises(KeyError, match="no such thing"):
        side_by_side([lambda: 1, fail])
    with pytest.raises(JobDied):
        side_by_side([lambda: 1, lambda: os._exit(3)])


def test_it_ends_what_began_when_no_more_can_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    path, fork, begun = tmp_path / "pid", os.fork, list[int]()

    def fork_once() -> int:
        if begun:
            wait_for(lambda: path.exists() and path.read_text(), "the other job has begun")
            raise BlockingIOError("no more processes")
        begun.append(1)
        return fork()

    monkeypatch.setattr(os, "fork", fork_once)
    with pytest.raises(BlockingIOError):
        side_by_side([partial(pow, 1, 2), partial(pause, path), partial(pow, 3, 2)])
    with pytest.raises(ProcessLookupError):
        os.kill(int(path.read_text()), 0)


def test_it_leaves_no_process_behind(tmp_path: Path) -> None:
    path = tmp_path / "pid"
    with pytest.raises(KeyError, match="no such thing"):
        side_by_side([partial(fail_after, path), partial(pause, path)])
    with pytest.raises(ProcessLookupError):
        os.kill(int(path.read_text()), 0)


def test_it_works_in_a_process_of_a_workers_pool() -> None:
    pool = Pool(processes=1)
    try:
        assert pool.apply_async(squares).get(timeout=30) == [0, 1, 4, 9, 16]
    finally:
        pool.terminate()
        pool.join()
