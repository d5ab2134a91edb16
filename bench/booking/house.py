"""A house with a past in a process of its own, and how long a search for free times takes in it."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from config.child import leash

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Search:
    """One search: how long it took, how many queries it made, how many starts it found."""

    millis: float
    queries: int
    starts: int


class House:
    """Started with a database and a number of appointments; `search()` asks it once."""

    def __init__(self, url: str, appointments: int) -> None:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.booking.searching", str(appointments)],
            cwd=ROOT,
            env=kept | {
                "DATABASE_URL": url,
                "DJANGO_SETTINGS_MODULE": "config.settings",
                "SECRET_KEY": "bench",
                "RECORDING_KEYS": "",
                "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=leash(os.getpid()),
        )  # fmt: skip

    def __enter__(self) -> Self:
        if self._line() != "ready":
            raise RuntimeError("the bench's house was not made")
        return self

    def __exit__(self, *exc: object) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(timeout=30)

    def search(self) -> Search:
        assert self._process.stdin
        self._process.stdin.write("search\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._line())
        return Search(**answer)

    def _line(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline().strip()
