"""What uvicorn's sockets have to do differently here: its option `--ws` names `Sockets`.

Tried with uvicorn 0.54; tests with a real server fail first if that changes.

1. Every socket has a pipe (calls/consumers/outbox.py) and is cut when its close cannot go out.
2. A peer that answers no ping is gone: the line is cut, as Daphne does, without a close of 1011.
"""

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from calls.consumers.outbox import PIPE
from config.frames import text_frame

CLOSE_WITHIN_SECS = 1.0


class UvicornPipe:
    """Writes to one socket's transport."""

    __slots__ = ("_protocol",)

    def __init__(self, protocol: "Sockets") -> None:
        self._protocol = protocol

    def write(self, text: str) -> None:
        protocol = self._protocol
        if not protocol.close_sent and not protocol.transport.is_closing():
            protocol.transport.write(text_frame(text))

    def waiting_bytes(self) -> int:
        return self._protocol.transport.get_write_buffer_size()

    def close(self, code: int) -> None:
        """As uvicorn's own `send` does, but without waiting for a reader who has stopped."""
        protocol = self._protocol
        if protocol.close_sent or protocol.transport.is_closing():
            return
        protocol.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": ""})
        protocol.conn.send_close(code)
        protocol.transport.write(b"".join(protocol.conn.data_to_send()))
        protocol.close_sent = True
        if protocol.read_paused:
            protocol.read_paused = False
            protocol.transport.resume_reading()
        protocol.close_timer = protocol.loop.call_later(CLOSE_WITHIN_SECS, protocol.transport.abort)


class Sockets(WebSocketsSansIOProtocol):
    """uvicorn's protocol over the websockets library's sans-I/O core."""

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        scope: dict[str, Any] | None = getattr(self, "scope", None)
        if scope is not None:
            scope["extensions"][PIPE] = UvicornPipe(self)

    def keepalive_timeout(self) -> None:
        self.pong_timer = None
        self.pending_ping_payload = None
        self.transport.abort()
