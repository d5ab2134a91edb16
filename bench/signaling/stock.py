"""Signaling as one writes it with Channels by its tutorial: a group a call, a JSON consumer.

Served by Daphne like ours, with the same database and sessions; BENCH_LAYER names the layer.
"""

import os
from typing import Any

from django.core.asgi import get_asgi_application

http = get_asgi_application()

from channels.auth import AuthMiddlewareStack  # noqa: E402  the models need the line above
from channels.db import database_sync_to_async  # noqa: E402
from channels.generic.websocket import AsyncJsonWebsocketConsumer  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.conf import settings  # noqa: E402
from django.urls import path  # noqa: E402

from calls.models import Participant  # noqa: E402

LAYERS: dict[str, dict[str, Any]] = {
    "memory": {"BACKEND": "channels.layers.InMemoryChannelLayer"},
    "redis": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {"hosts": [settings.REDIS_URL]},
    },
}
settings.CHANNEL_LAYERS = {"default": LAYERS[os.environ["BENCH_LAYER"]]}


class StockConsumer(AsyncJsonWebsocketConsumer):  # type: ignore[misc]
    """Passes what one person of a call says to the others."""

    async def connect(self) -> None:
        user, call = self.scope["user"], self.scope["url_route"]["kwargs"]["call_id"]
        if not user.is_authenticated or not await _takes_part(user.pk, call):
            await self.close()
            return
        self.group = f"call_{call}"
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        if hasattr(self, "group"):
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive_json(self, content: dict[str, Any], **kwargs: Any) -> None:
        message = {"type": "signal", "sender": self.channel_name, "content": content}
        await self.channel_layer.group_send(self.group, message)

    async def signal(self, event: dict[str, Any]) -> None:
        if event["sender"] != self.channel_name:
            await self.send_json(event["content"])


@database_sync_to_async  # type: ignore[untyped-decorator]
def _takes_part(user_id: Any, call_id: Any) -> bool:
    return Participant.objects.filter(call_id=call_id, user_id=user_id).exists()


sockets = URLRouter([path("ws/calls/<uuid:call_id>/", StockConsumer.as_asgi())])
application = ProtocolTypeRouter({"http": http, "websocket": AuthMiddlewareStack(sockets)})
