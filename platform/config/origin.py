"""Refuses WebSockets that another site's page opened."""

from collections.abc import Awaitable
from typing import Any
from urllib.parse import urlsplit

from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings


class RefuseOrigin(AsyncWebsocketConsumer):
    """Answers the handshake with 403."""

    channel_layer_alias = "none"

    async def connect(self) -> None:
        await self.close()


class OwnOriginOnly:
    """ASGI middleware: a browser's socket must come from this deployment's own pages.

    A missing Origin passes only with a bearer token, as the recorder sends: no browser can add one.
    """

    def __init__(self, application: Any) -> None:
        self.application = application
        self.refuse = RefuseOrigin.as_asgi()
        public = urlsplit(settings.PUBLIC_URL)
        self.allowed = {f"{public.scheme}://{public.netloc}".lower()}

    # Not a coroutine itself: each would keep a frame for as long as its socket is open.
    def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Awaitable[Any]:
        headers = dict(scope["headers"])
        origin = headers.get(b"origin", b"").decode("latin-1").lower()
        trusted = origin in self.allowed or (not origin and b"authorization" in headers)
        answer: Awaitable[Any] = (self.application if trusted else self.refuse)(
            scope, receive, send
        )
        return answer
