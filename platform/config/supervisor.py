"""`make run`: prepares the demo, starts its processes, keeps them alive and ends them together.

One thread, one loop. Each child has a process group of its own and, on Linux, dies with this
process whatever ends it.
"""

import fcntl
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType
from typing import IO, NoReturn

from config.child import Child, leash
from config.devgroup import (
    DEMO_TEXT,
    ROOT,
    commands,
    environment,
    redis_child,
)

READY_SECS = 180.0
POLITE_SECS = 6.5  # then SIGKILL: all of it stays under ten seconds
REDIS_SECS = 1.5
COLOURS = {"redis": 35, "web": 32, "worker": 36, "recorder": 33, "beat": 34}
TAKES_TASKS = "takes tasks"  # the last words of config.celery's line
WORKERS = {"worker", "recorder"}
QUIET = {"redis"}  # its banner is for its log file


def main() -> None:
    port = _port(os.environ.get("PORT", "8000"))
    data_dir = Path(os.environ.get("DATA_DIR") or ROOT / "var").resolve()
    for name in ("run", "log"):
        (data_dir / name).mkdir(parents=True, exist_ok=True)
    lock = _lock(data_dir / "run" / "supervisor.lock")
    _refuse_taken_port(port)
    Supervisor(data_dir=data_dir, port=port).run()
    lock.close()


class Supervisor:
    """The running group. `run()` returns after SIGINT, SIGTERM or SIGHUP ended everything."""

    def __init__(self, *, data_dir: Path, port: int) -> None:
        self._data_dir = data_dir
        self._port = port
        self._env = environment(data_dir=data_dir, port=port, given=os.environ)
        self._children: list[Child] = []
        self._ready: set[str] = set()
        self._started_at = time.monotonic()
        self._stopping = False
        self._colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ

    def run(self) -> None:
        """1. Redis. 2. Database, demo data, static files. 3. The rest. 4. Watch until the end."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        try:
            self._start_redis()
            self._prepare()
            for name, command in commands(data_dir=self._data_dir, port=self._port).items():
                self._start(name, command)
            self._watch()
        finally:
            self._stop()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self._stopping:  # asked twice
            for child in self._children:
                child.kill()
        self._stopping = True

    def _start(self, name: str, command: list[str]) -> None:
        if self._stopping:
            return
        child = Child(name, command, env=self._env, cwd=ROOT, log_dir=self._data_dir / "log")
        child.start()
        self._children.append(child)

    def _start_redis(self) -> None:
        try:
            command = redis_child(self._env, self._data_dir)
        except LookupError as error:
            refuse(f"{error}.")
        if command is not None:
            self._start("redis", command)

    def _prepare(self) -> None:
        say("Preparing")
        step = subprocess.Popen(
            [sys.executable, "-m", "config.prepare"],
            env=self._env,
            cwd=ROOT,
            start_new_session=True,  # a Ctrl-C reaches it through us
            preexec_fn=leash(os.getpid()),
        )
        while step.poll() is None:
            if self._stopping:
                step.kill()
            self._relay(timeout=0.1)
        if step.returncode and not self._stopping:
            self._stop()
            refuse("the step above failed.")

    def _watch(self) -> None:
        welcomed = False
        while not self._stopping:
            self._relay(timeout=0.1)
            for child in self._children:
                sentence = child.revive()
                if sentence:
                    say(sentence)
            if not welcomed and self._ready >= WORKERS and self._answers():
                welcomed = True
                self._welcome()
            if not welcomed and time.monotonic() - self._started_at > READY_SECS:
                self._stop()
                refuse(f"not ready after {READY_SECS:.0f} s; see {self._data_dir / 'log'}.")

    def _relay(self, timeout: float) -> None:
        """Print what the children wrote; waits up to `timeout` seconds for the first of it."""
        with selectors.DefaultSelector() as selector:
            for child in self._children:
                if child.is_alive:
                    selector.register(child.output, selectors.EVENT_READ)
            if selector.get_map():
                selector.select(timeout)
            else:
                time.sleep(timeout)
        for child in self._children:
            for line in child.read_lines():
                if line.endswith(TAKES_TASKS):
                    self._ready.add(child.name)
                elif child.name not in QUIET:
                    self._print_line(child.name, line)

    def _print_line(self, name: str, line: str) -> None:
        prefix = f"{name:<8} |"
        if self._colour:
            prefix = f"\033[{COLOURS.get(name, 37)}m{prefix}\033[0m"
        print(prefix, line, flush=True)

    def _answers(self) -> bool:
        try:
            address = f"http://127.0.0.1:{self._port}/readyz"
            with urllib.request.urlopen(address, timeout=1) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False

    def _welcome(self) -> None:
        secs = time.monotonic() - self._started_at
        print(
            f"\n{(self._data_dir / DEMO_TEXT).read_text().strip()}\n\n"
            f"Parlour is ready after {secs:.0f} s: {self._env['PUBLIC_URL']}\n"
            "Ctrl-C ends it. The data stays in var/ until `make clean`.\n",
            flush=True,
        )

    def _stop(self) -> None:
        """Everybody but Redis first, for they still talk to it; whoever lingers is killed."""
        self._stopping = True
        if not self._children:
            return
        say("Ending")
        others = [child for child in self._children if child.name != "redis"]
        self._end(others, POLITE_SECS)
        self._end([child for child in self._children if child.name == "redis"], REDIS_SECS)
        for child in self._children:
            child.kill()
            child.close()
        self._children = []

    def _end(self, children: list[Child], secs: float) -> None:
        for child in children:
            child.terminate()
        deadline = time.monotonic() + secs
        while any(child.is_alive for child in children) and time.monotonic() < deadline:
            self._relay(timeout=0.05)
        for child in children:
            if child.is_alive:
                say(f"{child.name} took too long and is killed")
            child.kill()


def say(sentence: str) -> None:
    print(f"==> {sentence}", flush=True)


def refuse(sentence: str) -> NoReturn:
    sys.exit(f"Parlour cannot start: {sentence}")


def _port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        refuse(f"PORT must be a number between 1 and 65535, not {text!r}.")
    return int(text)


def _refuse_taken_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            refuse(f"port {port} needs rights that you lack; choose another with PORT=8001.")
        except OSError:
            refuse(f"port {port} is in use; choose another, as in: make run PORT={port + 1}")


def _lock(path: Path) -> IO[str]:
    """One group for each data folder; the lock goes with the process."""
    file = path.open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        refuse("it already runs from this folder; end that one first.")
    return file


if __name__ == "__main__":
    main()
