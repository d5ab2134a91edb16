"""The WebSocket addresses."""

from channels.generic.websocket import AsyncWebsocketConsumer
from django.urls import path, re_path

from calls.consumers.board import BoardConsumer
from calls.consumers.call import CallConsumer
from calls.consumers.desk import DeskConsumer
from calls.consumers.echo import EchoConsumer
from calls.protocol import CloseCode


class NoSuchAddress(AsyncWebsocketConsumer):
    """Any other address: accepted, so that a browser can read why it is closed."""

    channel_layer_alias = "none"

    async def connect(self) -> None:
        await self.accept()
        await self.close(code=CloseCode.NO_SUCH_CALL)


websocket_urlpatterns = [
    path("ws/calls/<uuid:call_id>/", CallConsumer.as_asgi()),
    path("ws/desk/", DeskConsumer.as_asgi()),
    path("ws/wallboard/", BoardConsumer.as_asgi()),
    path("ws/echo/", EchoConsumer.as_asgi()),
    re_path(r"", NoSuchAddress.as_asgi()),
]
