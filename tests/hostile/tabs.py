"""A socket to the application in this process, and all that came on it."""

import asyncio
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from channels.testing import WebsocketCommunicator

from config.asgi import application

ORIGIN = (b"origin", b"http://testserver")
PATIENCE_SECS = 10.0

Message = dict[str, Any]


class Tab:
    """`who` sits in front of it; `closed` is the close code once it is.

    Whoever drives it says in `has_left` that its person has left the visit by it.
    """

    def __init__(self, who: str, call: UUID, credential: tuple[bytes, bytes]) -> None:
        self.who = who
        self.call = call
        self.leg = ""
        self.you = ""
        self.closed: int | None = None
        self.has_left = False
        self.facts: list[Message] = []
        self.peers: dict[str, Message] = {}
        self.heard: list[tuple[str, int]] = []
        self.errors: list[Message] = []
        self._answers: dict[str, Message] = {}
        self._welcomes = 0
        self._pongs = 0
        headers = [ORIGIN, credential]
        self._socket = WebsocketCommunicator(application, f"/ws/calls/{call}/", headers=headers)

    async def open(self) -> None:
        accepted, _ = await self._socket.connect(timeout=PATIENCE_SECS)
        assert accepted

    async def hello(self, leg: str | None) -> None:
        """Returns after the welcome, or once the socket is closed."""
        before = self._welcomes
        await self.say(t="hello", leg=leg, last_seq=0)
        await self.until(lambda: self._welcomes > before or self.closed, "a welcome")

    async def do(self, t: str, **fields: Any) -> Message:
        """The answer to a command; `{"t": "closed"}` if the socket closes instead."""
        ref = uuid4().hex[:12]
        await self.say(t=t, ref=ref, **fields)
        await self.until(lambda: ref in self._answers or self.closed, f"an answer to {t}")
        return self._answers.get(ref, {"t": "closed"})

    async def attend(self) -> None:
        """Returns once all that was said on this socket has been handled."""
        before = self._pongs
        await self.say(t="ping")
        await self.until(lambda: self._pongs > before or self.closed, "a pong")

    async def say(self, **message: Any) -> None:
        if self.closed is None:
            await self._socket.send_to(text_data=json.dumps(message))

    async def until(self, condition: Callable[[], object], what: str) -> None:
        """Take what comes until `condition()` holds; fails with `what` if it never does."""
        self.take()
        try:
            async with asyncio.timeout(PATIENCE_SECS):
                while not condition():
                    self._take(await self._socket.output_queue.get())
        except TimeoutError:
            if self._socket.future.done():
                self._socket.future.result()
            raise AssertionError(f"{self.who} waited in vain for {what}") from None

    def take(self) -> None:
        """Take what has come already."""
        while not self._socket.output_queue.empty():
            self._take(self._socket.output_queue.get_nowait())

    async def hang_up(self) -> None:
        await self._socket.disconnect(timeout=PATIENCE_SECS)

    def _take(self, output: Message) -> None:
        if output["type"] == "websocket.close":
            self.closed = int(output["code"])
            return
        message = json.loads(output["text"])
        match message["t"]:
            case "welcome":
                self._take_welcome(message)
            case "fact":
                self.facts.append(message)
            case "peers":
                self.peers = {peer["leg"]: peer for peer in message["peers"]}
            case "pong":
                self._pongs += 1
            case "description" | "candidate" | "media" | "ack" | "blank":
                self.heard.append((message["leg"], message["n"]))
            case "ok" | "error":
                if message.get("ref"):
                    self._answers[message["ref"]] = message
                elif message["t"] == "error":
                    self.errors.append(message)

    def _take_welcome(self, message: Message) -> None:
        if message["leg"] != self.leg:
            self.heard.clear()  # that was said to another leg
        self.leg, self.you = message["leg"], message["you"]
        self._welcomes += 1
