"""The real server group, as `make run` starts it, with a data folder and a port of its own."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.servers import free_port, wait_for

ROOT = Path(__file__).resolve().parents[2]
KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "SSL_CERT_FILE")
START_SECS = 240.0
STOP_SECS = 10.0


class ServerGroup:
    """A supervisor and its children. `url` is the portal's address, `data_dir` holds its files."""

    def __init__(self, **extra: str) -> None:
        self.data_dir = Path(tempfile.mkdtemp(prefix="parlour-group-"))
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.ws_url = f"ws://localhost:{self.port}"
        self.redis_url = f"unix://{self.data_dir}/run/redis.sock?db=0"
        self.log_dir = self.data_dir / "log"
        # Not os.environ: the tests' settings have left their own values there.
        self.env = {name: os.environ[name] for name in KEPT if name in os.environ}
        # Another site on this machine, whose pages may show the button of a queue.
        self.site_port = free_port()
        self.env |= {
            "DATA_DIR": str(self.data_dir),
            "PORT": str(self.port),
            "BUTTON_ORIGINS": f"http://localhost:{self.site_port}",
            **extra,
        }
        # What the supervisor is started with; a test may put it on another host.
        self.command = [sys.executable, "-m", "config.supervisor"]
        self._output = self.data_dir / "output"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The supervisor's own process id; raises RuntimeError before the start."""
        if self._process is None:
            raise RuntimeError("the group is not started")
        return self._process.pid

    def start(self) -> None:
        """Returns when the portal answers and the sign-ins are printed."""
        self.launch()
        wait_for(self._is_ready_or_dead, "the group is ready", secs=START_SECS)
        if self.status() is not None:
            pytest.fail(f"the group ended at its start:\n{self.output()[-4000:]}")

    def launch(self) -> None:
        with self._output.open("ab") as output:
            self._process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def status(self) -> int | None:
        """The supervisor's exit status; None while it runs."""
        return self._process.poll() if self._process else None

    def output(self) -> str:
        return self._output.read_text(errors="replace")

    def manage(self, *words: str) -> str:
        """What a Django command prints on this group's data; raises CalledProcessError."""
        command = [sys.executable, "-m", "config.devgroup", *words]
        done = subprocess.run(
            command, cwd=ROOT, env=self.env, capture_output=True, text=True, check=True
        )
        return done.stdout

    def start_command(self, *words: str) -> "subprocess.Popen[str]":
        """A Django command that goes on, to be written to and read from; ends with the group."""
        return subprocess.Popen(
            [sys.executable, "-m", "config.devgroup", *words],
            cwd=ROOT,
            env=self.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def processes(self) -> set[int]:
        """Every living process that was started with this group's data folder (Linux)."""
        marker = f"DATA_DIR={self.data_dir}".encode()
        return {int(path.parent.name) for path in Path("/proc").glob("[0-9]*/environ")
                if marker in _read(path).split(b"\0")}  # fmt: skip

    def wait(self, secs: float = STOP_SECS) -> int:
        if self._process is None:
            raise RuntimeError("the group is not started")
        return self._process.wait(timeout=secs)

    def stop(self) -> None:
        """End the group as Ctrl-C does, and remove its files."""
        try:
            if self._process is not None and self._process.poll() is None:
                self._process.send_signal(signal.SIGINT)
                self._process.wait(timeout=STOP_SECS)
        finally:
            for pid in self.processes():
                os.kill(pid, signal.SIGKILL)
            shutil.rmtree(self.data_dir, ignore_errors=True)

    def _is_ready_or_dead(self) -> bool:
        return self.status() is not None or "Parlour is ready" in self.output()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # gone, or somebody else's
        return b""


@pytest.fixture(scope="session")
def server_group() -> Iterator[ServerGroup]:
    """One group with demo data for the whole session: leave the demo people as they are."""
    # A visit that a test books may be joined at once, whatever the time of day.
    group = ServerGroup(JOIN_EARLY_MINUTES="1440")
    try:
        group.start()
        yield group
    finally:
        group.stop()
