"""A process beside a server group that makes visits in its database and opens its archive.

`python -m tests.support.registry` reads one JSON object a line, `{"do": NAME, ...}`, and answers
with one line of JSON: what the function of that name returned, or `{"fault": ...}`.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import pytest

from config.devgroup import environment
from tests.support.group import ROOT, ServerGroup
from tests.support.servers import wait_for

OVER = ("ready", "refused", "failed")


class RegistryFault(Exception):
    """The other process could not do it: its exception in words."""


class Registry:
    """Speaks to the process; every method returns plain JSON."""

    def __init__(self, group: ServerGroup) -> None:
        env = environment(data_dir=group.data_dir, port=group.port, given=group.env)
        self._folder = TemporaryDirectory(prefix="parlour-opened-")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.registry"],
            cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def ask(self, do: str, **fields: Any) -> Any:
        """Raises RegistryFault, for instance while the database is away."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": do, **fields}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "fault" in answer:
            raise RegistryFault(answer["fault"])
        return answer["is"]

    def visits(self, count: int, *, name: str = "") -> list[dict[str, Any]]:
        """Live visits of two admitted people each: `call`, and a `cookie` of `agent`, `patient`."""
        made: list[dict[str, Any]] = self.ask("visits", count=count, name=name)
        return made

    def recording(self, call: str) -> dict[str, Any]:
        """The newest recording of a call: id, state, reason, lease_owner, times; {} before it."""
        row: dict[str, Any] = self.ask("recording", call=call)
        return row

    def archive(self, recording: str) -> dict[str, Any]:
        """Times, files (`path` is in the clear), accounts, facts, and what the check says."""
        found: dict[str, Any] = self.ask("archive", recording=recording, folder=self._folder.name)
        return found

    def when_over(self, call: str, *, secs: float = 60) -> dict[str, Any]:
        """The recording of a call once nobody works on it any more."""
        row: dict[str, Any] = {}

        def is_over() -> bool:
            row.update(self.recording(call))
            return row.get("state") in OVER

        try:
            wait_for(is_over, f"the recording of {call} is over", secs=secs)
        except pytest.fail.Exception as fault:
            pytest.fail(f"{fault}: {row}")
        return row

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()
        self._folder.cleanup()


@contextmanager
def registry(group: ServerGroup) -> Iterator[Registry]:
    made = Registry(group)
    try:
        yield made
    finally:
        made.close()


# --- In the other process -------------------------------------------------------------------------
def main() -> None:
    import django

    django.setup()
    from django.db import close_old_connections

    from tests.support import opened

    known: dict[str, Callable[..., Any]] = {
        "visits": opened.visits,
        "recording": lambda call: opened.recording(UUID(call)),
        "archive": lambda recording, folder: opened.archive(UUID(recording), folder),
        "hint": opened.hint,
        "mixed": lambda recording, form: opened.mixed(UUID(recording), form),
        "keys": lambda recording: opened.keys(UUID(recording)),
    }
    for line in sys.stdin:
        asked = json.loads(line)
        close_old_connections()
        try:
            answer = {"is": known[asked.pop("do")](**asked)}
        except Exception as fault:
            answer = {"fault": f"{type(fault).__name__}: {fault}"}
        print(json.dumps(answer, default=str), flush=True)


if __name__ == "__main__":
    main()
