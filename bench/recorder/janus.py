"""Janus recording the same streams to .mjr files (Debian's packages janus and janus-tools).

Its record-play plugin over its HTTP transport, both on loopback only, in one process as it is
meant to be; afterwards janus-pp-rec makes what can be played, on its side of the account.
"""

import json
import os
import resource
import shutil
import socket
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any

from bench.recorder.contender import CORE, Outcome
from bench.recorder.rivals import frames_of

CONVERTER = "janus-pp-rec"
START_SECS = 20.0
_LIBRARIES = "/usr/lib/x86_64-linux-gnu/janus"
_CONFIGURATION = {
    "janus.jcfg": """
general: {{
  configs_folder = "{folder}"
  plugins_folder = "{libraries}/plugins"
  transports_folder = "{libraries}/transports"
  debug_level = 3
  interface = "127.0.0.1"
}}
media: {{ }}
plugins: {{ disable = "{plugins}" }}
transports: {{ disable = "{transports}" }}
""",
    "janus.transport.http.jcfg": """
general: {{ base_path = "/janus"  http = true  port = {port}  ip = "127.0.0.1"  https = false }}
admin: {{ admin_http = false  admin_https = false }}
""",
    "janus.plugin.recordplay.jcfg": 'general: {{ path = "{folder}/recordings" }}\n',
}


def is_installed() -> bool:
    return shutil.which("janus") is not None and shutil.which(CONVERTER) is not None


class Janus:
    """A contender; see bench/recorder/contender.py."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "recordings").mkdir(parents=True)
        self._port = _free_port()
        self._sessions: list[tuple[str, str]] = []
        _configure(folder, self._port)
        self._log = (folder / "janus.log").open("wb")
        self._process = subprocess.Popen(
            ["janus", "-F", str(folder), "-C", str(folder / "janus.jcfg")],
            stdout=self._log,
            stderr=self._log,
            preexec_fn=lambda: os.sched_setaffinity(0, {CORE}),
        )
        self._await_start()

    def answer(self, number: int, offer: str) -> str:
        session = f"/{self._ask('', janus='create')['data']['id']}"
        attach = self._ask(session, janus="attach", plugin="janus.plugin.recordplay")
        handle = f"{session}/{attach['data']['id']}"
        self._sessions.append((session, handle))
        body = {"request": "record", "name": f"person {number}", "video-bitrate-max": 10_000_000}
        jsep = {"type": "offer", "sdp": offer}
        self._ask(handle, janus="message", body=body, jsep=jsep)
        while True:
            event = self._get(f"{session}?maxev=1")
            if "jsep" in event:
                return str(event["jsep"]["sdp"])
            if event.get("janus") not in ("keepalive", "ack"):
                raise RuntimeError(f"Janus does not record: {event}")

    def pids(self) -> list[int]:
        return [self._process.pid]

    def finish(self) -> Outcome:
        for session, handle in self._sessions:
            self._ask(handle, janus="message", body={"request": "stop"})
            self._ask(session, janus="destroy")
        recordings = sorted((self._folder / "recordings").glob("*.mjr"))
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        made = [_convert(path) for path in recordings]
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        counts = [frames_of(path) for path in made if path.suffix == ".webm"]
        return Outcome(sum(kept for kept, _ in counts), sum(lost for _, lost in counts), spent)

    def close(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def _await_start(self) -> None:
        end = time.monotonic() + START_SECS
        while True:
            try:
                self._get("/info")
            except OSError as exc:
                if time.monotonic() > end or self._process.poll() is not None:
                    log = (self._folder / "janus.log").read_text(errors="replace")
                    raise RuntimeError(f"Janus does not start: {log[-2000:]}") from exc
                time.sleep(0.1)
            else:
                return

    def _ask(self, path: str, **fields: Any) -> dict[str, Any]:
        message = json.dumps({"transaction": os.urandom(6).hex(), **fields}).encode()
        reply = self._get(path, message)
        if reply.get("janus") == "error":
            raise RuntimeError(f"Janus refused: {reply['error']}")
        return reply

    def _get(self, path: str, message: bytes | None = None) -> dict[str, Any]:
        address = f"http://127.0.0.1:{self._port}/janus{path}"
        with urllib.request.urlopen(address, message, timeout=35) as reply:
            return dict(json.load(reply))


def _configure(folder: Path, port: int) -> None:
    words = {
        "folder": folder,
        "libraries": _LIBRARIES,
        "port": port,
        "plugins": _others("plugins", "recordplay"),
        "transports": _others("transports", "http"),
    }
    for name, text in _CONFIGURATION.items():
        (folder / name).write_text(text.format(**words))


def _others(kind: str, wanted: str) -> str:
    libraries = Path(_LIBRARIES, kind).glob("*.so")
    return ",".join(sorted(each.name for each in libraries if wanted not in each.name))


def _convert(recording: Path) -> Path:
    suffix = ".webm" if "-video" in recording.name else ".opus"
    made = recording.with_suffix(suffix)
    subprocess.run(
        [CONVERTER, str(recording), str(made)], check=True, capture_output=True, timeout=60
    )
    return made


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
