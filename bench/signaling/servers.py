"""The servers of one run: ours and its rivals, each started on the core that is not the load's.

All share one folder with Parlour's database (SQLite, as `make run` has it) and one Redis on a
private Unix socket; everything is on loopback, is ended by its process id, and does not outlive
this process.
"""

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from config.child import leash
from config.devgroup import environment
from config.devredis import redis_command, socket_path_for
from config.web import web_command

ROOT = Path(__file__).resolve().parents[2]
RIVALS = ROOT / "bench" / "rivals"
SERVER_CORE, LOAD_CORE = 0, 1
START_SECS = 90.0
NODE = {"PeerJS": "peerjs.js", "socket.io": "socketio.js", "ws": "relay.js"}
STOCK = {"Channels, in memory": "memory", "Channels, Redis": "redis"}
OURS = ("Daphne", "uvicorn")

Place = dict[str, Any]


class Ground:
    """Database, Redis and people; `server()` starts a contender on it."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self.folder = Path(tempfile.mkdtemp(prefix="parlour-bench-"))
        self._redis: subprocess.Popen[bytes] | None = None
        self._house: subprocess.Popen[str] | None = None

    def __enter__(self) -> "Ground":
        self._stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        (self.folder / "run").mkdir()
        self.start_redis()
        self._stack.callback(self.stop_redis)
        self._house = subprocess.Popen(
            [sys.executable, "-m", "bench.signaling.house"],
            cwd=ROOT, env=self.env(1), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            preexec_fn=leash(os.getpid()),
        )  # fmt: skip
        self._stack.callback(_end, self._house)
        assert self._house.stdout
        if self._house.stdout.readline() != "ready\n":
            raise RuntimeError("the bench's database was not made")
        return self

    def __exit__(self, *exc: object) -> None:
        self._stack.close()

    def env(self, port: int) -> dict[str, str]:
        kept = ("PATH", "HOME", "LANG", "TMPDIR")
        given = {name: os.environ[name] for name in kept if name in os.environ}
        given["DEMO"] = "false"
        return environment(data_dir=self.folder, port=port, given=given)

    def places(self, name: str, count: int) -> list[Place]:
        """So many calls for the contender `name`: those of Node need no database."""
        if name not in NODE:
            return self.calls(count)
        nobody = {"cookie": "", "token": ""}
        return [{"call": uuid4().hex, "agent": nobody, "patient": nobody} for _ in range(count)]

    async def restart_redis(self) -> None:
        """Gone for a second, and back with nothing of what it knew."""
        self.stop_redis()
        await asyncio.sleep(1)
        self.start_redis()

    def calls(self, count: int) -> list[Place]:
        """New calls whose join tokens are good for a minute from now."""
        assert self._house is not None
        assert self._house.stdin is not None
        assert self._house.stdout is not None
        self._house.stdin.write(f"{count}\n")
        self._house.stdin.flush()
        made: list[Place] = json.loads(self._house.stdout.readline())
        return made

    def start_redis(self) -> None:
        command = redis_command(socket_path_for(self.folder))
        if command is None:
            raise LookupError("there is no redis-server here")
        self._redis = subprocess.Popen(
            _on_core(LOAD_CORE, command), stdout=subprocess.DEVNULL, preexec_fn=leash(os.getpid())
        )
        _wait(lambda: socket_path_for(self.folder).exists(), "Redis")

    def stop_redis(self) -> None:
        if self._redis is not None:
            _end(self._redis)

    @contextmanager
    def server(self, name: str) -> Iterator["Server"]:
        """The contender `name`, listening."""
        port = _free_port()
        env = self.env(port)
        if name in STOCK:
            env["BENCH_LAYER"] = STOCK[name]
        with (self.folder / f"{name.split()[-1]}.log").open("ab") as log:
            process = subprocess.Popen(
                _on_core(SERVER_CORE, self._command(name, port)),
                cwd=ROOT, env=env, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                preexec_fn=leash(os.getpid()),
            )  # fmt: skip
        try:
            _wait(lambda: _listens(port) or process.poll() is not None, name)
            if process.poll() is not None:
                raise RuntimeError(f"{name} ended at its start: {self.log(name)}")
            yield Server(name, port, process.pid)
        finally:
            _end(process)

    def log(self, name: str) -> str:
        return (self.folder / f"{name.split()[-1]}.log").read_text(errors="replace")[-2000:]

    def _command(self, name: str, port: int) -> list[str]:
        if name in NODE:
            return ["node", str(RIVALS / NODE[name]), str(port)]
        if name in STOCK:
            command = web_command("daphne", host="127.0.0.1", port=port)
            return [*command[:-1], "bench.signaling.stock:application"]
        return web_command(name.lower(), host="127.0.0.1", port=port)


class Server:
    """A contender that listens."""

    def __init__(self, name: str, port: int, pid: int) -> None:
        self.name = name
        self.port = port
        self.pid = pid

    @property
    def cpu_secs(self) -> float:
        """User and system time that the process has used so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def memory_bytes(self) -> int:
        """Resident memory."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")


def install_rivals() -> None:
    """What bench/rivals/package-lock.json names, once; raises CalledProcessError."""
    stamp = RIVALS / "node_modules" / ".package-lock.json"
    lock = RIVALS / "package-lock.json"
    if not stamp.exists() or stamp.stat().st_mtime < lock.stat().st_mtime:
        print("Installing the rivals: PeerJS, socket.io, ws")
        subprocess.run(["npm", "ci", "--silent"], cwd=RIVALS, check=True)
        stamp.touch()


def _on_core(core: int, command: Sequence[str]) -> list[str]:
    return ["taskset", "--cpu-list", str(core), *command]


def _end(process: "subprocess.Popen[Any]") -> None:
    process.terminate()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _wait(condition: Any, what: str) -> None:
    deadline = time.monotonic() + START_SECS
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not start within {START_SECS:.0f} s")
        time.sleep(0.05)
