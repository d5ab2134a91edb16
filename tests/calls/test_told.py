"""What a socket holds back for its turn, and what it never hears of."""

import asyncio
from typing import Any
from uuid import uuid4

from channels.layers import get_channel_layer

from calls.consumers.telling import MOST_HELD, Told
from calls.protocol import Peer
from calls.services.news import News
from calls.signaling import SHARDS
from tests.support.cast import Cast
from tests.support.sockets import in_visit


async def test_it_holds_no_more_signals_of_an_unknown_leg_than_a_few() -> None:
    sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    told = Told()
    told.begin({"url_route": {"kwargs": {"call_id": uuid4()}}}, sent.put)
    leg = uuid4()
    for n in range(3 * MOST_HELD):
        told.deliver(leg, f"signal {n}", None)
    peer = Peer(leg=leg, participant=uuid4(), role="agent", name="Ada", polite=True)
    told.tell_news(
        News([peer], leg_open=True, replaced=False, removed=False, ended=False, entered=False)
    )
    told.shut(1012)
    texts = []
    while (message := await asyncio.wait_for(sent.get(), 5))["type"] != "websocket.close":
        texts.append(message["text"])
    assert texts[1:] == [f"signal {n}" for n in range(MOST_HELD)]


async def test_it_goes_on_after_an_item_of_another_version(cast: Cast) -> None:
    guest, doctor = await in_visit(cast.call, cast.mei, cast.ada)
    layer: Any = get_channel_layer()
    good = [str(cast.call.pk), doctor.leg, guest.leg, '{"t": "pong", "now": "later"}', ""]

    async def another_process() -> None:
        """Says it again until this one has entered the group."""
        while True:
            for item in (["nonsense"], [str(cast.call.pk), "of", "old"], good):
                message = {"type": "calls", "from": "another", "items": [item]}
                await layer.group_send(f"calls.{cast.call.pk.int % SHARDS}", message)
            await asyncio.sleep(0.1)

    saying = asyncio.create_task(another_process())
    try:
        assert (await guest.expect("pong"))["now"] == "later"
    finally:
        saying.cancel()
