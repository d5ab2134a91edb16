"""What crosses processes: wake-ups about new facts, and signals between legs.

The only module that names channel-layer groups. Each web process has one hub with one channel,
which is in the group of every call that it serves. Everything here may be lost: facts are rows
that each consumer reads for itself (a sweep a second finds what no wake-up told), and signals are
resent by the endpoints until they are acknowledged.
"""

import asyncio
import logging
from collections import defaultdict
from contextlib import suppress
from typing import Protocol
from uuid import UUID
from weakref import WeakKeyDictionary

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

# What a channel layer throws when Redis is away, slow, or has forgotten everything.
LAYER_FAULTS = (RedisError, OSError, TimeoutError)
LAYER_TIMEOUT_SECS = 2
REJOIN_EVERY_SECS = 5


class Endpoint(Protocol):
    """A consumer as the hub sees it: one socket of one leg."""

    call_id: UUID
    leg_id: UUID
    last_seq: int

    def wake(self) -> None:
        """Read what is new in the call."""

    def deliver(self, sender: UUID, text: str) -> None:
        """Pass on a signal from the leg `sender`."""


class Hub:
    """The sockets of this process, by call and leg, and its one connection to the others."""

    def __init__(self) -> None:
        self.calls: dict[UUID, dict[UUID, Endpoint]] = defaultdict(dict)
        self.layer = get_channel_layer()
        self.channel = ""
        self._tasks: list[asyncio.Task[None]] = []

    async def join(self, endpoint: Endpoint) -> None:
        """Register a socket; a newer one of the same leg takes the older one's place."""
        new_call = endpoint.call_id not in self.calls
        self.calls[endpoint.call_id][endpoint.leg_id] = endpoint
        if not self._tasks:
            self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._rejoin())]
        if new_call and self.channel:
            await self._enter_group(endpoint.call_id)

    def leave(self, endpoint: Endpoint) -> None:
        """Forget a socket, unless a newer one of the same leg has its place."""
        legs = self.calls.get(endpoint.call_id, {})
        if legs.get(endpoint.leg_id) is endpoint:
            del legs[endpoint.leg_id]
        if not legs:
            self.calls.pop(endpoint.call_id, None)

    def endpoints(self) -> list[Endpoint]:
        return [endpoint for legs in self.calls.values() for endpoint in legs.values()]

    def wake(self, call_id: UUID) -> None:
        for endpoint in list(self.calls.get(call_id, {}).values()):
            endpoint.wake()

    async def relay(self, call_id: UUID, *, sender: UUID, receiver: UUID, text: str) -> None:
        """Hand a signal over: directly inside this process, by the channel layer to the others."""
        endpoint = self.calls.get(call_id, {}).get(receiver)
        if endpoint is not None:
            endpoint.deliver(sender, text)
            return
        message = {
            "type": "relay",
            "call": str(call_id),
            "sender": str(sender),
            "receiver": str(receiver),
            "text": text,
        }
        await self._send(call_id, message)

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def _listen(self) -> None:
        """Take what other processes send, for ever; a layer that is away is tried again.

        The Redis client may swallow a cancellation while it connects: hence the question each time.
        """
        task = asyncio.current_task()
        while not (task and task.cancelling()):
            try:
                if not self.channel:
                    self.channel = await self.layer.new_channel()
                    continue
                message = await self.layer.receive(self.channel)
            except LAYER_FAULTS as fault:
                logger.warning("channel layer away: %s", type(fault).__name__)
                await asyncio.sleep(0.5)
                continue
            self._take(message)

    def _take(self, message: dict[str, str]) -> None:
        call_id = UUID(message["call"])
        if message["type"] == "wake":
            self.wake(call_id)
            return
        endpoint = self.calls.get(call_id, {}).get(UUID(message["receiver"]))
        if endpoint is not None:
            endpoint.deliver(UUID(message["sender"]), message["text"])

    async def _rejoin(self) -> None:
        """Stay in the groups of the calls served, also after Redis forgot them."""
        while True:
            if self.channel:
                for call_id in list(self.calls):
                    await self._enter_group(call_id)
            await asyncio.sleep(REJOIN_EVERY_SECS if self.channel else 0.05)

    async def _enter_group(self, call_id: UUID) -> None:
        with suppress(*LAYER_FAULTS):
            async with asyncio.timeout(LAYER_TIMEOUT_SECS):
                await self.layer.group_add(_group(call_id), self.channel)

    async def _send(self, call_id: UUID, message: dict[str, str]) -> None:
        try:
            async with asyncio.timeout(LAYER_TIMEOUT_SECS):
                await self.layer.group_send(_group(call_id), message)
        except LAYER_FAULTS as fault:
            logger.warning("not sent to call %s: %s", call_id, type(fault).__name__)


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """The hub of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]


def wake(call_id: UUID) -> None:
    """Tell every process that the call has new facts; from code without an event loop.

    A web process does not wait for Redis here: its one database thread would wait with it.
    """
    running = [(loop, local) for loop, local in list(_hubs.items()) if loop.is_running()]
    for loop, local in running:
        loop.call_soon_threadsafe(local.wake, call_id)
    if running:
        asyncio.run_coroutine_threadsafe(_publish_wake(call_id), running[0][0])
    else:
        async_to_sync(_publish_wake)(call_id)


def wake_on_commit(call_id: UUID) -> None:
    """`wake` once the open transaction has committed."""
    transaction.on_commit(lambda: wake(call_id))


async def _publish_wake(call_id: UUID) -> None:
    layer = get_channel_layer()
    try:
        async with asyncio.timeout(LAYER_TIMEOUT_SECS):
            await layer.group_send(_group(call_id), {"type": "wake", "call": str(call_id)})
    except LAYER_FAULTS as fault:
        # The sweep of each process finds the facts within a second all the same.
        logger.warning("wake-up for call %s not sent: %s", call_id, type(fault).__name__)


def _group(call_id: UUID) -> str:
    return f"call.{call_id}"
