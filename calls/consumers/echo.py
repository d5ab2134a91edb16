"""What the device test measures the way to the server with: says back what it hears, for a moment.

It knows nobody and touches neither database nor channel layer.
"""

import asyncio

from channels.generic.websocket import AsyncWebsocketConsumer

from calls.protocol import CloseCode

MOST_MESSAGES = 10
LONGEST_TEXT = 64
OPEN_FOR_SECS = 15.0


class EchoConsumer(AsyncWebsocketConsumer):
    """Says back up to ten texts of up to 64 characters; more, or silence, closes it."""

    channel_layer_alias = "none"

    async def connect(self) -> None:
        self._said = 0
        await self.accept()
        loop = asyncio.get_running_loop()
        self._end = loop.call_later(
            OPEN_FOR_SECS, lambda: loop.create_task(self.close(CloseCode.SILENT))
        )

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        self._said += 1
        if text_data is None or len(text_data) > LONGEST_TEXT or self._said > MOST_MESSAGES:
            await self.close(code=CloseCode.TOO_FAST)
            return
        await self.send(text_data=text_data)

    async def disconnect(self, code: int) -> None:
        self._end.cancel()
