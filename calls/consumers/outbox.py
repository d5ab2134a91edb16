"""What waits to be sent on one socket, counted: a slow reader is closed and slows nobody.

Where the server gives its sockets a pipe (platform/config/daphne_sockets.py, uvicorn_sockets.py),
a message goes straight into the transport, whose buffer is what waits. Elsewhere the outbox keeps
it, and one task at a time awaits the server's `send`.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Protocol

from calls.protocol import CloseCode

PIPE = "parlour.pipe"
# Far below the 1 MiB that a socket may hold: the largest message and the transport's own share
# come on top.
MOST_WAITING_BYTES = 512 * 1024
# Above this, more of a long history waits until some of it has gone.
PLENTY_BYTES = 128 * 1024

Send = Callable[[dict[str, Any]], Awaitable[None]]


class Pipe(Protocol):
    """A server's socket, written to at once and without waiting."""

    def write(self, text: str) -> None:
        """Send a text frame; nothing happens if the socket is closing."""

    def waiting_bytes(self) -> int:
        """What the network has not taken yet."""

    def close(self, code: int) -> None:
        """Send the close frame; the connection is cut if that cannot be done soon."""


class TaskPipe:
    """The pipe of a server that has none of its own: its `send`, awaited in a task."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._queue: deque[str] = deque()
        self._bytes = 0
        self._close_code: int | None = None
        self._task: asyncio.Task[None] | None = None

    def write(self, text: str) -> None:
        self._queue.append(text)
        self._bytes += len(text)
        self._start()

    def waiting_bytes(self) -> int:
        return self._bytes

    def close(self, code: int) -> None:
        self._close_code = code
        self._start()

    def _start(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._write())

    async def _write(self) -> None:
        # The server raises what it likes on a socket that is gone.
        with suppress(Exception):
            while self._queue:
                text = self._queue[0]
                await self._send({"type": "websocket.send", "text": text})
                self._queue.popleft()
                self._bytes -= len(text)
            if self._close_code is not None:
                code, self._close_code = self._close_code, None
                await self._send({"type": "websocket.close", "code": code})


class Outbox:
    """`put` never waits; once too much does, the socket is closed as a slow reader's."""

    __slots__ = ("_pipe", "closed")

    def __init__(self, scope: dict[str, Any], send: Send) -> None:
        pipe = scope.get("extensions", {}).get(PIPE)
        self._pipe: Pipe = TaskPipe(send) if pipe is None else pipe
        self.closed = False

    def put(self, text: str) -> None:
        if self.closed:
            return
        self._pipe.write(text)
        if self._pipe.waiting_bytes() > MOST_WAITING_BYTES:
            self.close(CloseCode.SLOW_READER)

    @property
    def has_plenty(self) -> bool:
        """Whether a long history should wait before more of it is put in."""
        return self._pipe.waiting_bytes() > PLENTY_BYTES

    def close(self, code: int) -> None:
        """Close the socket with `code`; said once, nothing is sent after it."""
        if not self.closed:
            self.closed = True
            self._pipe.close(code)
