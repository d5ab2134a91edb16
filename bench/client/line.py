"""A socket that comes back: opened, kept alive, noticed when silent, tried again with jitter."""

import asyncio
import random
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from bench.client.socket import HandshakeRefused, WebSocket

FIRST_RETRY_SECS = 0.25
LAST_RETRY_SECS = 3.0
PING_EVERY_SECS = 10.0
SILENCE_SECS = 21.0
# After these there is nothing to come back to, or somebody has to decide first.
FINAL = {4400, 4401, 4403, 4404, 4409, 4410}
TOO_FAST = 4429

Fields = dict[str, Any]


class Line:
    """`hello` makes the first frame of each socket; `on_message` gets what comes on the newest one.

    `on_lost` gets the close code of a socket that was open; True as its second argument if the
    line is not tried again.
    """

    def __init__(
        self,
        url: str,
        *,
        headers: Mapping[str, str],
        hello: Callable[[], Fields],
        on_message: Callable[[Fields], None],
        on_lost: Callable[[int, bool], None],
    ) -> None:
        self._url = url
        self._headers = dict(headers)
        self._hello = hello
        self._on_message = on_message
        self._on_lost = on_lost
        self._socket: WebSocket | None = None
        self._opening: asyncio.Task[None] | None = None
        self._heard_at = 0.0
        self._retry_secs = FIRST_RETRY_SECS
        self._retry: asyncio.TimerHandle | None = None
        self._pulse: asyncio.TimerHandle | None = None
        self._closed = False
        self._loop = asyncio.get_running_loop()
        self.sockets = 0  # how many were tried so far

    def open(self) -> None:
        self.sockets += 1
        self._opening = self._loop.create_task(self._open(self.sockets))

    def put(self, message: Fields) -> None:
        """Send it if there is a socket; else it is lost."""
        if self._socket is not None:
            self._socket.send(msgspec.json.encode(message))

    def welcomed(self) -> None:
        """The server took the person in: the next loss starts with a short pause again."""
        self._retry_secs = FIRST_RETRY_SECS

    def cut(self) -> None:
        """Lose the socket as a bad network does; it comes back after its pause."""
        if self._socket is not None:
            self._socket.abort()

    def close(self) -> None:
        """Go for good."""
        self._closed = True
        self._drop()
        if self._opening is not None:
            self._opening.cancel()

    async def _open(self, number: int) -> None:
        try:
            self._socket = await WebSocket.open(
                self._url,
                headers=self._headers,
                on_text=lambda text: self._received(number, text),
                on_close=lambda code: self._lost(number, code),
            )
        except (OSError, TimeoutError, HandshakeRefused):
            self._try_again()
            return
        self._heard_at = self._loop.time()
        self.put(self._hello())
        self._pulse = self._loop.call_later(PING_EVERY_SECS, self._beat)

    def _received(self, number: int, text: bytes) -> None:
        if number == self.sockets and not self._closed:
            self._heard_at = self._loop.time()
            self._on_message(msgspec.json.decode(text))

    def _lost(self, number: int, code: int) -> None:
        if number != self.sockets or self._closed:
            return  # an older socket's late goodbye
        self._drop()
        self._closed = code in FINAL
        self._on_lost(code, self._closed)
        self._try_again(LAST_RETRY_SECS if code == TOO_FAST else 0)

    def _try_again(self, at_least_secs: float = 0) -> None:
        if self._closed:
            return
        pause = at_least_secs + self._retry_secs * random.uniform(0.5, 1.5)
        self._retry_secs = min(2 * self._retry_secs, LAST_RETRY_SECS)
        self._retry = self._loop.call_later(pause, self.open)

    def _beat(self) -> None:
        """A server that stays silent is lost; a ping makes it speak."""
        patience = self._heard_at + SILENCE_SECS - self._loop.time()
        if patience <= 0:
            self.cut()
            return
        self.put({"t": "ping"})
        self._pulse = self._loop.call_later(min(PING_EVERY_SECS, patience + 0.01), self._beat)

    def _drop(self) -> None:
        for timer in (self._retry, self._pulse):
            if timer is not None:
                timer.cancel()
        socket, self._socket = self._socket, None
        if socket is not None:
            socket.close()
