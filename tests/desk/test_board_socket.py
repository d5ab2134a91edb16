"""The wallboard's socket: who may have one, and that a change at the desk wakes it."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.utils import timezone

from accounts.models import Role, User
from calls.desk.states import AgentState
from calls.models import Alert, DeskAgent, Queue, QueueEntry
from calls.services.desk import agents, alerts, offers
from config.asgi import application
from tests.desk import house
from tests.support.cast import session_cookie

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.asyncio]


async def opened(user: User | None) -> WebsocketCommunicator:
    headers = [(b"origin", settings.PUBLIC_URL.encode())]
    if user is not None:
        headers.append((b"cookie", (await sync_to_async(session_cookie)(user)).encode()))
    socket = WebsocketCommunicator(application, "/ws/wallboard/", headers=headers)
    accepted, _protocol = await socket.connect(timeout=5)
    assert accepted
    return socket


async def code_of(socket: WebsocketCommunicator) -> int:
    while (message := await socket.receive_output(timeout=15))["type"] != "websocket.close":
        pass
    code: int = message["code"]
    return code


async def told(socket: WebsocketCommunicator) -> dict[str, Any]:
    """What the board is told next."""
    said: dict[str, Any] = json.loads(await socket.receive_from(timeout=8))
    return said


@sync_to_async
def a_house() -> tuple[User, User, QueueEntry]:
    ines, ada = house.person("Ines Falk", Role.SUPERVISOR), house.person("Ada Brandt")
    return ines, ada, house.come(house.queue(ada), waited_secs=5, subject="A bill")


async def test_it_lets_only_those_in_who_lead_the_desk(redis_url: str) -> None:
    assert await code_of(await opened(None)) == 4401
    for role in (Role.PATIENT, Role.AGENT):
        who = await sync_to_async(house.person)(f"{role} Lin", role)
        assert await code_of(await opened(who)) == 4403
    for role in (Role.SUPERVISOR, Role.ADMINISTRATOR):
        socket = await opened(await sync_to_async(house.person)(f"{role} Falk", role))
        assert (await told(socket))["t"] == "board"
        await socket.disconnect()


async def test_it_is_told_of_each_change_and_of_nobody(redis_url: str) -> None:
    ines, ada, entry = await a_house()
    socket = await opened(ines)
    first = await told(socket)
    assert first.keys() == {"t", "now", "mark"}
    marks = [first["mark"]]

    @sync_to_async
    def rings() -> None:
        house.sit_down(ada)

    @sync_to_async
    def answers() -> None:
        offers.accept(ada, house.offered(entry).pk)

    @sync_to_async
    def breaks() -> None:
        agents.choose(ada, AgentState.BREAK, by=ada)

    @sync_to_async
    def an_alert() -> None:
        raised = Alert.objects.create(key="1", kind="waiting", queue=Queue.objects.get())
        alerts.acknowledge(raised, by=ines)

    for change in (rings, answers, breaks, an_alert):
        await change()
        marks.append((await told(socket))["mark"])
        while not await socket.receive_nothing(timeout=1.5):
            marks.append((await told(socket))["mark"])
    assert len(set(marks)) >= 5
    # Time alone tells nobody anything, and nobody is at a desk by looking at the board.
    assert await socket.receive_nothing(timeout=2.5)
    assert not await sync_to_async(DeskAgent.objects.filter(user=ines).exists)()
    await socket.disconnect()


async def test_it_is_told_when_a_wait_passes_the_target(redis_url: str) -> None:
    ines, _ada, entry = await a_house()
    await sync_to_async(Queue.objects.update)(target_secs=30)
    arrived = timezone.now() - timedelta(seconds=28)
    await sync_to_async(QueueEntry.objects.filter(pk=entry.pk).update)(arrived_at=arrived)
    socket = await opened(ines)
    before = await told(socket)
    assert (await told(socket))["mark"] != before["mark"]
    assert timezone.now() - arrived > timedelta(seconds=30)
    await socket.disconnect()


async def test_who_leads_no_more_is_sent_away(redis_url: str) -> None:
    ines, _ada, _entry = await a_house()
    socket = await opened(ines)
    await told(socket)
    await sync_to_async(User.objects.filter(pk=ines.pk).update)(role=Role.AGENT)
    async with asyncio.timeout(15):
        assert await code_of(socket) == 4403
