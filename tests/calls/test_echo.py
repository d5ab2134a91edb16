"""The socket that the device test measures with: it says back, and is good for nothing else."""

import pytest
from channels.testing import WebsocketCommunicator
from django.conf import settings

from calls.consumers.echo import LONGEST_TEXT, MOST_MESSAGES
from config.asgi import application


async def opened() -> WebsocketCommunicator:
    headers = [(b"origin", settings.PUBLIC_URL.encode())]
    socket = WebsocketCommunicator(application, "/ws/echo/", headers=headers)
    accepted, _protocol = await socket.connect()
    assert accepted
    return socket


@pytest.mark.asyncio
async def test_it_says_back_ten_times_and_no_more() -> None:
    socket = await opened()
    for number in range(MOST_MESSAGES):
        await socket.send_to(text_data=f"ping {number}")
        assert await socket.receive_from() == f"ping {number}"
    await socket.send_to(text_data="one more")
    assert (await socket.receive_output())["code"] == 4429


@pytest.mark.asyncio
@pytest.mark.parametrize("sent", [{"text_data": "x" * (LONGEST_TEXT + 1)}, {"bytes_data": b"ping"}])
async def test_it_says_back_nothing_long_or_binary(sent: dict[str, object]) -> None:
    socket = await opened()
    await socket.send_to(**sent)
    assert (await socket.receive_output())["code"] == 4429
