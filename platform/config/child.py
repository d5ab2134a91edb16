"""One supervised process: its own process group, its output with a name before each line."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO

FIRST_DELAY_SECS = 0.5
LONGEST_DELAY_SECS = 10.0
STEADY_SECS = 30.0
LOG_LIMIT_BYTES = 5 * 1024 * 1024
PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def leash(parent: int) -> Callable[[], None]:
    """What a child does before its program starts: ask to be killed when `parent` dies.

    Linux only (prctl(2)). The supervisor has one thread, so running Python after fork is safe.
    """

    def bind() -> None:
        if _libc is not None:
            _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != parent:  # it died between fork and prctl
                os._exit(1)

    return bind


def describe(status: int) -> str:
    """`exit status 1` or `killed by SIGKILL`, from subprocess's return code."""
    if status < 0:
        return f"killed by {signal.Signals(-status).name}"
    return f"exit status {status}"


class Child:
    """A command that is kept running: `start()`, then `revive()` often, at the end `stop()`."""

    def __init__(
        self, name: str, command: list[str], *, env: Mapping[str, str], cwd: Path, log_dir: Path
    ) -> None:
        self.name = name
        self._command = command
        self._env = dict(env)
        self._cwd = cwd
        self._log = self._open_log(log_dir / f"{name}.log")
        self._process: subprocess.Popen[bytes] | None = None
        self._delay = FIRST_DELAY_SECS
        self._started_at = 0.0
        self._due_at: float | None = None
        self._rest = b""

    def start(self) -> None:
        self._started_at = time.monotonic()
        self._due_at = None
        self._rest = b""
        self._process = subprocess.Popen(
            self._command,
            env=self._env,
            cwd=self._cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=leash(os.getpid()),
        )
        os.set_blocking(self.output.fileno(), False)

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def output(self) -> IO[bytes]:
        """The pipe that carries what the process writes; raises RuntimeError before the start."""
        if self._process is None or self._process.stdout is None:
            raise RuntimeError(f"{self.name} is not started")
        return self._process.stdout

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def revive(self) -> str | None:
        """Start a dead process again when its pause is over; returns a sentence when it died."""
        if self.is_alive or self._process is None:
            return None
        now = time.monotonic()
        if self._due_at is None:
            self.kill()  # whatever it had forked
            if now - self._started_at > STEADY_SECS:
                self._delay = FIRST_DELAY_SECS
            self._due_at = now + self._delay
            why = describe(self._process.returncode)
            sentence = f"{self.name} ended ({why}); starting it again in {self._delay:g} s"
            self._delay = min(self._delay * 2, LONGEST_DELAY_SECS)
            return sentence
        if now >= self._due_at:
            self.output.close()
            self.start()
        return None

    def read_lines(self) -> list[str]:
        """The whole lines written since the last call, kept in the log file as well."""
        try:
            data = self.output.read() or b""
        except ValueError:  # closed between two starts
            return []
        *lines, self._rest = (self._rest + data).split(b"\n")
        if lines:
            self._log.write(b"\n".join(lines) + b"\n")
            self._log.flush()
        return [line.decode("utf-8", "replace").rstrip() for line in lines]

    def terminate(self) -> None:
        """Ask the process alone to end: Celery's pool is ended by its own parent, in order."""
        if self._process is not None and self.is_alive:
            self._process.terminate()

    def kill(self) -> None:
        """End the whole process group at once."""
        if self._process is None:
            return
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):  # nobody left (macOS says it the second way)
            return

    def close(self) -> None:
        if self._process is not None:
            self._process.wait()
            self.read_lines()
            self.output.close()
        self._log.close()

    @staticmethod
    def _open_log(path: Path) -> IO[bytes]:
        if path.exists() and path.stat().st_size > LOG_LIMIT_BYTES:
            path.replace(path.with_suffix(".log.1"))
        return path.open("ab")
