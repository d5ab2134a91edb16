"""The desk's socket: who may have one, what it tells, and what a closed browser means."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.utils import timezone

from accounts.models import Role, User
from calls.consumers import desk_watch
from calls.desk.states import AgentState, RingState
from calls.models import DeskAgent, QueueEntry, QueueOffer
from calls.services.desk import agents, offers
from config.asgi import application
from tests.desk import house
from tests.support.cast import session_cookie

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.asyncio]


async def opened(user: User | None) -> WebsocketCommunicator:
    headers = [(b"origin", settings.PUBLIC_URL.encode())]
    if user is not None:
        headers.append((b"cookie", (await sync_to_async(session_cookie)(user)).encode()))
    socket = WebsocketCommunicator(application, "/ws/desk/", headers=headers)
    accepted, _protocol = await socket.connect(timeout=5)
    assert accepted
    return socket


async def code_of(socket: WebsocketCommunicator) -> int:
    while (message := await socket.receive_output(timeout=5))["type"] != "websocket.close":
        pass
    code: int = message["code"]
    return code


async def told(
    socket: WebsocketCommunicator, is_it: Callable[[dict[str, Any]], bool]
) -> dict[str, Any]:
    """The next thing that the page is told for which `is_it` holds."""
    while True:
        desk: dict[str, Any] = json.loads(await socket.receive_from(timeout=8))
        if desk["t"] == "desk" and is_it(desk):
            return desk


@sync_to_async
def a_house() -> tuple[User, QueueEntry]:
    ada = house.person("Ada Brandt")
    return ada, house.come(house.queue(ada), waited_secs=5, subject="A bill")


async def test_it_lets_nobody_in_but_agents(redis_url: str) -> None:
    mei = await sync_to_async(house.person)("Mei Lin", Role.PATIENT)
    assert await code_of(await opened(None)) == 4401
    assert await code_of(await opened(mei)) == 4403


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"bytes_data": b"ping"}, 1003),
        ({"text_data": "x" * 1025}, 1009),
        ({"text_data": "{"}, 4400),
        ({"text_data": '{"t":"desk"}'}, 4400),
        ({"text_data": "[" * 1000}, 4400),
    ],
)
async def test_it_takes_nothing_but_ping(
    redis_url: str, sent: dict[str, object], code: int
) -> None:
    ada = await sync_to_async(house.person)("Ada Brandt")
    socket = await opened(ada)
    await socket.send_to(text_data='{"t":"ping"}')
    await socket.send_to(**sent)
    assert await code_of(socket) == code


async def test_who_becomes_available_is_told_what_rings(redis_url: str) -> None:
    ada, entry = await a_house()
    socket = await opened(ada)
    first = await told(socket, lambda desk: True)
    assert (first["state"], first["ringing"], first["talks"]) == ("offline", None, [])
    assert first["line"][0]["waiting"] == 1

    await sync_to_async(agents.choose)(ada, AgentState.AVAILABLE, by=ada)

    rings = (await told(socket, lambda desk: desk["ringing"]))["ringing"]
    assert (rings["name"], rings["subject"], rings["queue"]) == ("Mei Lin", "A bill", "Billing")
    assert rings["why"] == "only_one"
    await sync_to_async(offers.accept)(ada, rings["offer"])
    busy = await told(socket, lambda desk: desk["state"] == "busy")
    assert busy["ringing"] is None
    assert busy["talks"][0]["call"] == str(entry.call_id)
    await socket.disconnect()


async def test_a_closed_browser_gives_back_what_rings_and_goes_offline(redis_url: str) -> None:
    ada, _entry = await a_house()
    socket = await opened(ada)
    await sync_to_async(agents.choose)(ada, AgentState.AVAILABLE, by=ada)
    await told(socket, lambda desk: desk["ringing"])
    await socket.disconnect()

    @sync_to_async
    def is_unseen() -> bool:
        return DeskAgent.objects.filter(user=ada, is_connected=False).exists()

    async with asyncio.timeout(5):
        while not await is_unseen():
            await asyncio.sleep(0.05)

    @sync_to_async
    def much_later() -> tuple[str, str, str]:
        gone = timezone.now() - timedelta(seconds=30)
        DeskAgent.objects.filter(user=ada).update(seen_at=gone)
        agents.sweep()
        return (
            DeskAgent.objects.get(user=ada).state,
            QueueOffer.objects.get().state,
            QueueEntry.objects.get().state,
        )

    assert await much_later() == (AgentState.OFFLINE, RingState.WITHDRAWN, "waiting")


async def test_signing_out_closes_the_desk(redis_url: str) -> None:
    ada = await sync_to_async(house.person)("Ada Brandt")
    socket = await opened(ada)
    await told(socket, lambda desk: True)
    await sync_to_async(User.objects.filter(pk=ada.pk).update)(is_active=False)
    async with asyncio.timeout(15):
        assert await code_of(socket) == 4401


async def test_agents_are_seen_at_a_desk_that_is_never_quiet(redis_url: str) -> None:
    ada = await sync_to_async(house.person)("Ada Brandt")
    socket = await opened(ada)
    await told(socket, lambda desk: True)
    long_ago = timezone.now() - timedelta(minutes=1)
    desks = DeskAgent.objects.filter(user=ada)
    await sync_to_async(desks.update)(seen_at=long_ago)
    async with asyncio.timeout(15):
        while await sync_to_async(desks.filter(seen_at=long_ago).exists)():
            desk_watch.watch().stir(routes=False)
            await asyncio.sleep(0.05)
    await socket.disconnect()
