"""Finding the programs that tests need, and saying so where one is missing."""

import os
import shutil
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest


def missing(what: str) -> NoReturn:
    """Skip the test for want of `what`; with CI set that is a failure."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} is missing; `make test` installs it.", pytrace=False)
    pytest.skip(f"{what} is missing")


def program(*names: str, folders: tuple[str, ...] = ()) -> str:
    """The path of the first of `names` on PATH or in `folders`; skips or fails if there is none."""
    for name in names:
        for candidate in (shutil.which(name), *(str(Path(folder) / name) for folder in folders)):
            if candidate and os.access(candidate, os.X_OK):
                return candidate
    missing(" or ".join(names))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(condition: Callable[[], object], what: str, *, secs: float = 20.0) -> None:
    """Poll until `condition()` is true; fails the test with `what` after `secs`."""
    deadline = time.monotonic() + secs
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"not within {secs:.0f} s: {what}")
        time.sleep(0.02)
