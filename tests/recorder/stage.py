"""A whole visit without browsers: a real web server, people with real connections, the recorder."""

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest
from aiortc import RTCPeerConnection, RTCSessionDescription
from asgiref.sync import sync_to_async
from django.conf import settings as django_settings
from django.db import connection
from pytest_django import Settings
from websockets.asyncio.client import ClientConnection, connect

from accounts.models import User
from calls import protocol, wire
from calls.models import CallSession, Recording
from calls.recorder.links import Link, Numbered
from tests.recorder.peers import PictureTrack, ToneTrack, local_configuration
from tests.support.cast import TEXT_VERSION, Cast, session_cookie
from tests.support.servers import free_port, wait_for
from tests.support.sockets import ORIGIN

ROOT = Path(__file__).resolve().parents[2]


def environment() -> dict[str, str]:
    """What a process needs to work on this test's database, Redis and files."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}",
        "DATABASE_URL": _database_url(),
        "INTERNAL_WS_URL": str(django_settings.INTERNAL_WS_URL),
    }


def _database_url() -> str:
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    query = urlencode({"host": database["HOST"], "user": database["USER"]})
    return f"postgresql:///{database['NAME']}?{query}"


class WebServer:
    """A Daphne of its own on the test's database, which may be killed and come back."""

    def __init__(self, log: Path) -> None:
        self.port = free_port()
        self.url = f"ws://127.0.0.1:{self.port}"
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(self.port)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "-v", "0", "config.asgi:application"],
                cwd=ROOT,
                env=environment(),
                stdout=log,
                stderr=log,
            )
        wait_for(lambda: _listens(self.port), "the web server listens")

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait(timeout=10)


@pytest.fixture
def web_server(cast: object, settings: Settings, tmp_path: Path) -> Iterator[WebServer]:
    """A running one, which the recorder knows of."""
    server = WebServer(tmp_path / "web.log")
    settings.INTERNAL_WS_URL = server.url
    server.start()
    try:
        yield server
    finally:
        server.kill()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def start_recorder(recording: Recording, log: Path) -> subprocess.Popen[bytes]:
    """The task `calls.record` in a process of its own, which may be killed."""
    code = (
        "import django; django.setup();"
        "from calls.recorder.worker import record;"
        f"record('{recording.pk}')"
    )
    output = log.open("ab")
    return subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, env=environment(), stdout=output, stderr=output
    )


class Caller:
    """Somebody's browser, as far as the recorder meets it."""

    def __init__(self, connection_: ClientConnection) -> None:
        self._socket = connection_
        self._links: dict[str, Link] = {}
        self._connections: dict[str, RTCPeerConnection] = {}
        self._task = asyncio.create_task(self._listen())
        self._resender = asyncio.create_task(self._resend())
        self.you = ""
        self.facts: list[dict[str, Any]] = []
        self.answers: dict[str, dict[str, Any]] = {}
        self.sends = True

    @classmethod
    async def arrive(cls, url: str, call: CallSession, user: User) -> "Caller":
        cookie = await sync_to_async(session_cookie)(user)
        headers = {"Cookie": cookie, "Origin": ORIGIN}
        caller = cls(await connect(f"{url}/ws/calls/{call.pk}/", additional_headers=headers))
        await caller.say(t="hello", leg=None, last_seq=0)
        await caller.do("enter")
        return caller

    async def say(self, **message: Any) -> None:
        await self._socket.send(json.dumps(message))

    async def do(self, t: str, **fields: Any) -> dict[str, Any]:
        ref = uuid4().hex[:12]
        await self.say(t=t, ref=ref, **fields)
        await self._until(lambda: ref in self.answers)
        assert self.answers[ref]["t"] == "ok", self.answers[ref]
        return self.answers[ref]

    async def fact(self, kind: str) -> dict[str, Any]:
        await self._until(lambda: any(fact["kind"] == kind for fact in self.facts))
        return next(fact for fact in self.facts if fact["kind"] == kind)

    async def go(self) -> None:
        self._task.cancel()
        self._resender.cancel()
        await asyncio.gather(self._task, self._resender, return_exceptions=True)
        for connection_ in self._connections.values():
            await connection_.close()
        await self._socket.close()

    async def _until(self, condition: Any, *, secs: float = 40) -> None:
        end = time.monotonic() + secs
        while not condition():
            assert time.monotonic() < end, "not told in time"
            if self._task.done():
                self._task.result()
            await asyncio.sleep(0.02)

    async def _listen(self) -> None:
        async for raw in self._socket:
            message = json.loads(raw)
            match message["t"]:
                case "welcome":
                    self.you = message["you"]
                case "fact":
                    self.facts.append(message)
                case "ok" | "error":
                    self.answers[message.get("ref") or ""] = message
                case "peers":
                    await self._take_peers(message["peers"])
                case "description":
                    answer = wire.parse_server(raw)
                    assert isinstance(answer, protocol.Description)
                    await self._take_answer(answer)
                case "ack" if message["leg"] in self._links:
                    ack = protocol.Ack(leg=UUID(message["leg"]), n=message["n"])
                    self._links[message["leg"]].acknowledged(ack, now=time.monotonic())

    async def _take_answer(self, message: protocol.Description) -> None:
        link = self._links[str(message.leg)]
        for answer in link.receive(message):
            assert isinstance(answer, protocol.Description)
            connection_ = self._connections[str(message.leg)]
            await connection_.setRemoteDescription(RTCSessionDescription(answer.sdp, "answer"))
        await self._socket.send(wire.encode(protocol.Ack(leg=message.leg, n=link.delivered)))

    async def _resend(self) -> None:
        while True:
            await asyncio.sleep(0.1)
            for link in self._links.values():
                for signal in link.due(time.monotonic()):
                    await self._socket.send(wire.encode(signal))

    async def _take_peers(self, peers: list[dict[str, Any]]) -> None:
        recorders = {peer["leg"] for peer in peers if peer["role"] == "recorder"}
        for leg in set(self._connections) - recorders:
            await self._connections.pop(leg).close()
        for leg in recorders - set(self._connections):
            if self.sends:
                await self._offer(leg)

    async def _offer(self, leg: str) -> None:
        sender = self._connections[leg] = RTCPeerConnection(local_configuration())
        for track in (ToneTrack(), PictureTrack()):
            sender.addTransceiver(track, direction="sendonly")
        await sender.setLocalDescription(await sender.createOffer())
        await self._trickle(leg, sender.localDescription.sdp)

    async def _trickle(self, leg: str, sdp: str) -> None:
        """Send an offer as a browser does: its candidates follow it, one by one."""
        lines = sdp.splitlines()
        bare = [line for line in lines if not line.startswith(("a=candidate:", "a=end-of-"))]
        to = UUID(leg)
        offer = "\r\n".join(bare) + "\r\n"
        await self._signal(protocol.Description(leg=to, n=1, type="offer", sdp=offer))
        first = sdp.split("m=")[1].splitlines()
        mid = next(line.removeprefix("a=mid:") for line in lines if line.startswith("a=mid:"))
        for line in (line for line in first if line.startswith("a=candidate:")):
            text = line.removeprefix("a=")
            await self._signal(protocol.Candidate(leg=to, n=1, candidate=text, sdp_mid=mid))

    async def _signal(self, signal: Numbered) -> None:
        link = self._links.setdefault(str(signal.leg), Link())
        for one in link.send(signal, now=time.monotonic()):
            await self._socket.send(wire.encode(one))


AgreedVisit = tuple[Caller, Caller, Recording]


@contextlib.asynccontextmanager
async def agreed_visit(server: WebServer, cast: Cast) -> AsyncIterator[AgreedVisit]:
    """Mei and Dr. Ada in a visit that both agreed to have recorded; yields them and the row."""
    doctor = await Caller.arrive(server.url, cast.call, cast.ada)
    guest = await Caller.arrive(server.url, cast.call, cast.mei)
    try:
        await doctor.do("admit", participant=guest.you)
        await doctor.do("record_ask", text_version=TEXT_VERSION)
        await guest.do("record_consent", granted=True, text_version=TEXT_VERSION)
        fact = await guest.fact("recording_queued")
        recording = await Recording.objects.aget(pk=UUID(fact["data"]["recording"]))
        yield guest, doctor, recording
    finally:
        # A test that failed must not leave a recorder waiting in its thread.
        running = Recording.objects.filter(state__in=("queued", "recording"))
        await running.aupdate(state="stopping")
        await guest.go()
        await doctor.go()
