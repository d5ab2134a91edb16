"""How a person of each contender joins and says things; the same socket underneath all of them."""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from bench.client import Call, WebSocket
from bench.signaling.servers import NODE, Place, Server

Message = dict[str, Any]


class Person(Protocol):
    """One end of a call. `heard` gets what the other end said."""

    heard: Callable[[Message], None]

    async def join(self) -> None:
        """Returns once this side is signed in and takes signals."""

    async def meet(self) -> None:
        """Returns once this side may signal to the other one."""

    def say(self, t: str, **fields: Any) -> None:
        """Send one signal to the other side."""

    def cut(self) -> None:
        """Lose the socket without a word; it comes back after a pause."""

    async def bye(self) -> None:
        """Hang up, and be gone."""


def people(server: Server, place: Place) -> tuple[Person, Person]:
    """The one who calls and the one who answers."""
    if server.name in NODE:
        kind = {"PeerJS": PeerJs, "socket.io": SocketIo, "ws": Bare}[server.name]
        return kind(server, place, "agent"), kind(server, place, "patient")
    if server.name.startswith("Channels"):
        return Bare(server, place, "agent"), Bare(server, place, "patient")
    return Ours(server, place, "agent"), Ours(server, place, "patient")


class Ours:
    """A person of Parlour: the client of bench/client as it is."""

    def __init__(self, server: Server, place: Place, role: str) -> None:
        self.heard: Callable[[Message], None] = lambda message: None
        self.role = role
        address = f"127.0.0.1:{server.port}"
        self.call = Call(
            f"ws://{address}/ws/calls/{place['call']}/",
            headers={"Origin": f"http://localhost:{server.port}", "Cookie": place[role]["cookie"]},
            token=place[role]["token"],
        )
        self.call.on_signal = lambda leg, signal: self.heard(signal)

    async def join(self) -> None:
        await self.call.open(secs=20)
        await self.call.command("enter")

    async def meet(self) -> None:
        await self.call.until(lambda: self.call.peers, secs=20)

    def say(self, t: str, **fields: Any) -> None:
        self.call.link(next(iter(self.call.peers))).send(t, **fields)

    def cut(self) -> None:
        self.call.cut()

    async def bye(self) -> None:
        await self.call.command("leave")
        self.call.close()


class Bare:
    """JSON over a socket that names the call in its path: the `ws` relay and stock Channels."""

    def __init__(self, server: Server, place: Place, role: str) -> None:
        self.heard: Callable[[Message], None] = lambda message: None
        self.server, self.place, self.role = server, place, role
        self.other = "patient" if role == "agent" else "agent"
        self.headers = {
            "Origin": f"http://localhost:{server.port}",
            "Cookie": place[role]["cookie"],
        }
        self.socket: WebSocket | None = None
        self.gone = False

    @property
    def path(self) -> str:
        return f"/ws/calls/{self.place['call']}/"

    async def join(self) -> None:
        self.socket = await WebSocket.open(
            f"ws://127.0.0.1:{self.server.port}{self.path}",
            headers=self.headers,
            on_text=self.take,
            on_close=self.lost,
            secs=20,
        )

    async def meet(self) -> None:
        """The other side has joined: nothing else is to be known."""

    def say(self, t: str, **fields: Any) -> None:
        self.put(msgspec.json.encode({"t": t, **fields}))

    def put(self, text: bytes) -> None:
        if self.socket is not None:
            self.socket.send(text)

    def take(self, text: bytes) -> None:
        self.heard(msgspec.json.decode(text))

    def cut(self) -> None:
        if self.socket is not None:
            self.socket.abort()

    def lost(self, code: int) -> None:
        if not self.gone:
            asyncio.get_running_loop().call_later(0.25, self.again)

    def again(self) -> None:
        self._returning = asyncio.ensure_future(self._again())

    async def _again(self) -> None:
        try:
            await self.join()
        except (OSError, TimeoutError):
            self.lost(0)

    async def bye(self) -> None:
        self.gone = True
        self.say("bye")
        if self.socket is not None:
            self.socket.close()


class PeerJs(Bare):
    """PeerJS' messages; candidates and descriptions travel as its `payload`."""

    KINDS = {"description": "OFFER", "candidate": "CANDIDATE", "bye": "LEAVE", "media": "CANDIDATE"}

    @property
    def path(self) -> str:
        name = f"{self.place['call']}-{self.role}"
        return f"/peerjs?key=peerjs&id={name}&token={self.role}&version=1.5.5"

    async def join(self) -> None:
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        await super().join()
        await asyncio.wait_for(self.opened, 20)

    def say(self, t: str, **fields: Any) -> None:
        other = f"{self.place['call']}-{self.other}"
        message = {"type": self.KINDS[t], "dst": other, "payload": {"t": t, **fields}}
        self.put(msgspec.json.encode(message))

    def take(self, text: bytes) -> None:
        message = msgspec.json.decode(text)
        if message["type"] == "OPEN" and not self.opened.done():
            self.opened.set_result(None)
        elif "payload" in message:
            self.heard(message["payload"])


class SocketIo(Bare):
    """socket.io over Engine.IO 4, by its published protocol."""

    @property
    def path(self) -> str:
        return f"/socket.io/?EIO=4&transport=websocket&room={self.place['call']}"

    async def join(self) -> None:
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        await super().join()
        self.put(b"40")
        await asyncio.wait_for(self.opened, 20)

    def say(self, t: str, **fields: Any) -> None:
        self.put(b"42" + msgspec.json.encode(["signal", {"t": t, **fields}]))

    def take(self, text: bytes) -> None:
        if text.startswith(b"42"):
            self.heard(msgspec.json.decode(text[2:])[1])
        elif text.startswith(b"40") and not self.opened.done():
            self.opened.set_result(None)
        elif text == b"2":
            self.put(b"3")
