"""How much a request may carry, and where it is kept until it is read: in memory, never in a file.

What people add to a visit is sealed before it touches a disk (calls/archive/attachments.py), so
nothing in front of that may write it to one. Daphne takes a whole request before the application
hears of it; from 100,000 bytes on Twisted would put it into a temporary file in the clear.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from io import BytesIO
from typing import Any

from daphne.http_protocol import WebRequest
from django.conf import settings

TOO_LARGE = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

Message = MutableMapping[str, Any]
Application = Callable[[Any, Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]], Any]
_take = WebRequest.handleContentChunk


def most_bytes() -> int:
    """Of what is larger Django would put the rest into a file."""
    return int(settings.FILE_UPLOAD_MAX_MEMORY_SIZE)


def bounded(application: Application) -> Application:
    """`application`, which gets no larger request: whoever sends one gets 413."""

    async def call(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        if _said(scope) > most_bytes():
            await _send_too_large(send)
            return
        taken, has_answered = 0, False

        async def counted() -> Message:
            nonlocal taken
            message: Message = await receive()
            taken += len(message.get("body", b""))
            return {"type": "http.disconnect"} if taken > most_bytes() else message

        async def answered(message: Message) -> None:
            nonlocal has_answered
            has_answered = True
            await send(message)

        await application(scope, counted, answered)
        if taken > most_bytes() and not has_answered:
            await _send_too_large(send)

    return call


async def _send_too_large(send: Any) -> None:
    headers = [(b"content-length", b"0"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def keep_in_memory() -> None:
    """Make Daphne do so too, before it has the whole of a request."""
    WebRequest.gotLength = _got_length
    WebRequest.handleContentChunk = _take_if_small


def _said(scope: Any) -> int:
    lengths = [value for name, value in scope["headers"] if name == b"content-length"]
    return int(lengths[0]) if lengths and lengths[0].isdigit() else 0


def _got_length(request: Any, length: int | None) -> None:
    request.content = BytesIO()
    if length is not None and length > most_bytes():
        _refuse(request)


def _take_if_small(request: Any, data: bytes) -> None:
    if request.content.tell() + len(data) > most_bytes():
        _refuse(request)
    if not getattr(request, "is_refused", False):
        _take(request, data)


def _refuse(request: Any) -> None:
    """Answer at once, take nothing more, and let nothing come of what was taken."""
    if getattr(request, "is_refused", False):
        return
    request.is_refused = True
    request.content = BytesIO()
    request.requestReceived = lambda *_line: None
    request.channel.transport.write(TOO_LARGE)
    request.channel.loseConnection()
