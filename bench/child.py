"""A benchmark's house in a process of its own, that answers each word with one line of JSON."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

from config.child import leash

ROOT = Path(__file__).resolve().parents[1]


class Child:
    """`python -m MODULE …` over one database; it says `ready` once its house is made."""

    def __init__(self, url: str, module: str, *arguments: str) -> None:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
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

    def ask(self, word: str) -> dict[str, Any]:
        """What the process answers to the word."""
        assert self._process.stdin
        self._process.stdin.write(f"{word}\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._line())
        return answer

    def _line(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline().strip()
