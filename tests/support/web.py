"""Real web processes on the test's own database and Redis, and a client that speaks to them."""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from accounts.models import User
from config.web import PING_SECS, web_command
from tests.support.cast import session_cookie
from tests.support.servers import free_port, wait_for

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def web_process(
    port: int = 0, *, server: str = "daphne", ping_secs: str = PING_SECS
) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """A web process: its WebSocket address and the process itself, ended afterwards.

    `port` is where it listens; a free one is found if that is 0.
    """
    port = port or free_port()
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}",
        "DATABASE_URL": database_url(),
        "REDIS_URL": settings.REDIS_URL,
        "DATA_DIR": str(settings.DATA_DIR),
    }
    command = web_command(server, host="127.0.0.1", port=port, ping_secs=ping_secs)
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL)
    try:
        wait_for(lambda: _listens(port), "the web process listens")
        yield f"ws://127.0.0.1:{port}", process
    finally:
        process.kill()
        process.wait(timeout=10)


def database_url() -> str:
    """The address of the test database, for another process."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    before, _, _ = os.environ["PARLOUR_TEST_DATABASE_URL"].rpartition("/")
    return f"{before}/{name}"


class Line:
    """One person's socket to a real web process. Messages of other kinds are kept for later."""

    def __init__(self, url: str, call_id: UUID, user: User, *, leg: str | None = None) -> None:
        headers = {"Cookie": session_cookie(user)}
        address = f"{url}/ws/calls/{call_id}/"
        # Entered and never left: the server or the end of the test closes it. The queue has no
        # bound, since a full one would also stop the reading of the server's goodbye.
        opening = connect(
            address,
            additional_headers=headers,
            origin=Origin(settings.PUBLIC_URL),
            open_timeout=10,
            max_queue=None,
        )
        self.socket: ClientConnection = opening.__enter__()
        self.kept: list[dict[str, Any]] = []
        self.say(t="hello", leg=leg, last_seq=0)
        welcome = self.expect("welcome")
        self.leg: str = welcome["leg"]
        self.you: str = welcome["you"]

    def say(self, **message: Any) -> None:
        self.socket.send(json.dumps(message))

    def do(self, t: str, **fields: Any) -> dict[str, Any]:
        self.say(t=t, ref=uuid4().hex[:12], **fields)
        return self.expect("ok", "error")

    def expect(self, *kinds: str, secs: float = 10) -> dict[str, Any]:
        """The next message of one of `kinds` that nobody has asked for yet."""
        for message in self.kept:
            if message["t"] in kinds:
                self.kept.remove(message)
                return message
        while True:
            message = json.loads(self.socket.recv(timeout=secs))
            if message["t"] in kinds:
                return dict(message)
            self.kept.append(message)

    def fact(self, kind: str, *, secs: float = 10) -> dict[str, Any]:
        """The next fact of this kind."""
        while (fact := self.expect("fact", secs=secs))["kind"] != kind:
            continue
        return fact

    def peered_with(self, other: "Line") -> None:
        while other.leg not in [peer["leg"] for peer in self.expect("peers")["peers"]]:
            continue

    def close_code(self) -> int:
        """The code that the server closes with."""
        try:
            while True:
                self.socket.recv(timeout=15)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
