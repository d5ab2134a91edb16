"""A WebSocket client (RFC 6455) of callbacks only: no task, no queue, so a core carries thousands.

Text frames, pings and closes; no extensions. What is sent within one turn of the loop leaves in
one write.
"""

import asyncio
import base64
import hashlib
import os
import random
import ssl
import struct
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, section 1.3
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
ABNORMAL = 1006  # no close frame came (RFC 6455, section 7.1.5)


class HandshakeRefused(Exception):
    """The server answered the upgrade with the HTTP status `status`."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status


class WebSocket(asyncio.Protocol):
    """One socket; `on_text` gets each message, `on_close` the close code, once."""

    def __init__(
        self, *, request: bytes, accept: bytes, opened: "asyncio.Future[None]",
        on_text: Callable[[bytes], None], on_close: Callable[[int], None],
    ) -> None:  # fmt: skip
        self._request = request
        self._accept = accept
        self._opened = opened
        self._on_text = on_text
        self._on_close = on_close
        self._transport: asyncio.Transport | None = None
        self._in = bytearray()
        self._out: list[bytes] = []
        self._fragments = bytearray()
        self._code = ABNORMAL
        self._loop = asyncio.get_running_loop()
        self.is_open = False

    @classmethod
    async def open(
        cls,
        url: str,
        *,
        on_text: Callable[[bytes], None],
        on_close: Callable[[int], None],
        headers: Mapping[str, str] | None = None,
        secs: float = 10,
    ) -> "WebSocket":
        """The open socket to `url` (ws or wss).

        Raises HandshakeRefused, OSError or TimeoutError; `on_close` is not called then.
        """
        parts = urlsplit(url)
        secure = parts.scheme == "wss"
        key = base64.b64encode(os.urandom(16))
        opened = asyncio.get_running_loop().create_future()
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        lines = [
            f"GET {path} HTTP/1.1", f"Host: {parts.netloc}", "Upgrade: websocket",
            "Connection: Upgrade", "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {key.decode()}",
            *(f"{name}: {value}" for name, value in (headers or {}).items()),
        ]  # fmt: skip
        request = "\r\n".join([*lines, "", ""]).encode()
        accept = base64.b64encode(hashlib.sha1(key + GUID, usedforsecurity=False).digest())

        def make() -> "WebSocket":
            return cls(
                request=request, accept=accept, opened=opened, on_text=on_text, on_close=on_close
            )

        async with asyncio.timeout(secs):
            transport, socket = await asyncio.get_running_loop().create_connection(
                make, parts.hostname or "localhost", parts.port or (443 if secure else 80),
                ssl=ssl.create_default_context() if secure else None,
            )  # fmt: skip
            try:
                await opened
            except BaseException:
                transport.abort()
                raise
        return socket

    def send(self, text: bytes) -> None:
        """Put a text message on its way; nothing happens on a socket that is closed."""
        if self.is_open:
            self._put(TEXT, text)

    def close(self, code: int = 1000) -> None:
        """Say goodbye; `on_close` follows with the code that the server answers."""
        if self.is_open:
            self._put(CLOSE, struct.pack(">H", code))
            self._flush()
            self.is_open = False

    def abort(self) -> None:
        """Be gone without a word, as when the network is cut."""
        self._out.clear()
        if self._transport is not None:
            self._transport.abort()

    # --- asyncio.Protocol -------------------------------------------------------------------------
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._in += data
        if not self._opened.done() and not self._shake_hands():
            return
        while self._take_frame():
            pass

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        if not self._opened.done():
            self._opened.set_exception(exc or ConnectionResetError("closed in the handshake"))
        elif not self._opened.cancelled() and self._opened.exception() is None:
            self._on_close(self._code)

    # --- What comes in ----------------------------------------------------------------------------
    def _shake_hands(self) -> bool:
        """Whether the answer to the upgrade is here and agrees."""
        end = self._in.find(b"\r\n\r\n")
        if end < 0:
            return False
        first, *lines = bytes(self._in[:end]).split(b"\r\n")
        del self._in[: end + 4]
        headers = dict(line.lower().partition(b":")[::2] for line in lines)
        status = int(first.split()[1])
        accepted = headers.get(b"sec-websocket-accept", b"").strip() == self._accept.lower()
        if status != 101 or not accepted:
            self._opened.set_exception(HandshakeRefused(status))
            self.abort()
            return False
        self.is_open = True
        self._opened.set_result(None)
        return True

    def _take_frame(self) -> bool:
        """Handle the first frame of what has come; False if it is not whole yet."""
        data = self._in
        if len(data) < 2:
            return False
        size, begin = data[1] & 0x7F, 2
        if size == 126:
            size, begin = int.from_bytes(data[2:4]), 4
        elif size == 127:
            size, begin = int.from_bytes(data[2:10]), 10
        if len(data) < begin + size:
            return False
        first, payload = data[0], bytes(data[begin : begin + size])
        del data[: begin + size]
        if first == 0x80 | TEXT:
            self._on_text(payload)
        else:
            self._take_rare(first & 0x0F, payload, final=bool(first & 0x80))
        return True

    def _take_rare(self, opcode: int, payload: bytes, *, final: bool) -> None:
        """Fragments, pings and the goodbye."""
        if opcode == PING:
            self._put(PONG, payload)
        elif opcode == CLOSE:
            self._code = int.from_bytes(payload[:2]) if payload else 1005
            if self.is_open:
                self.close(self._code)
            if self._transport is not None:
                self._transport.close()
        elif opcode <= BINARY:
            self._fragments += payload
            if final:
                whole, self._fragments = bytes(self._fragments), bytearray()
                self._on_text(whole)

    # --- What goes out ----------------------------------------------------------------------------
    def _put(self, opcode: int, payload: bytes) -> None:
        if not self._out:
            self._loop.call_soon(self._flush)
        self._out.append(frame(opcode, payload))

    def _flush(self) -> None:
        if self._out and self._transport is not None and not self._transport.is_closing():
            self._transport.write(b"".join(self._out))
        self._out.clear()


def frame(opcode: int, payload: bytes) -> bytes:
    """One whole frame from a client: masked (RFC 6455, section 5.3)."""
    size = len(payload)
    if size < 126:
        head = struct.pack(">BB", 0x80 | opcode, 0x80 | size)
    elif size < 65536:
        head = struct.pack(">BBH", 0x80 | opcode, 0x80 | 126, size)
    else:
        head = struct.pack(">BBQ", 0x80 | opcode, 0x80 | 127, size)
    key = random.getrandbits(32).to_bytes(4)
    mask = int.from_bytes((key * (size // 4 + 1))[:size])
    return b"".join((head, key, (int.from_bytes(payload) ^ mask).to_bytes(size)))
