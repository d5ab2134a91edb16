"""What crosses processes: wake-ups about new facts, and signals between legs.

The only module that names channel-layer groups. Each web process has one hub with one channel,
which is in the group of every shard that one of its calls falls into. Everything here may be lost:
facts are rows that each consumer reads for itself (a sweep a second finds what no wake-up told),
and signals are resent by the endpoints until they are acknowledged.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from contextvars import Context
from functools import partial
from typing import Any, Protocol
from uuid import UUID
from weakref import WeakKeyDictionary

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from redis.exceptions import RedisError

from calls.backlog import Backlog
from calls.codes import CloseCode

logger = logging.getLogger(__name__)

# What a channel layer throws when Redis is away, slow, or has forgotten everything.
LAYER_FAULTS = (RedisError, OSError, TimeoutError)
LAYER_TIMEOUT_SECS = 2
REJOIN_EVERY_SECS = 5
# A call's group is one of these: a process subscribes a few times, not once for each call.
SHARDS = 32
# The desk's own group, and how it is named among the calls of a message.
DESK_GROUP = "desk"


class Endpoint(Protocol):
    """A consumer as the hub sees it: one socket of one leg."""

    call_id: UUID
    leg_id: UUID | None
    last_seq: int

    def wake(self) -> None:
        """Read what is new in the call."""

    def deliver(self, sender: UUID, text: str, offer: int | None) -> None:
        """Pass on a signal from the leg `sender`; `offer` is its number if it is an offer."""

    def shut(self, code: int) -> None:
        """Close the socket with `code`."""


class DeskWatch(Protocol):
    """What looks after the desk's pages of a process (calls/consumers/desk_watch.py)."""

    def stir(self, *, routes: bool) -> None:
        """Something has changed; `routes`: somebody may be offered to somebody because of it."""

    def shut(self, code: int) -> None:
        """Close all pages with `code`."""


class Hub:
    """The sockets of this process, by call and leg, and its one connection to the others."""

    def __init__(self) -> None:
        self.calls: dict[UUID, dict[UUID | None, Endpoint]] = {}
        self.layer = get_channel_layer()
        self.channel = ""
        self.restarting = False
        self.desk: DeskWatch | None = None
        self._shards: set[str] = set()
        self._outgoing: dict[str, Backlog] = defaultdict(Backlog)
        self._publisher: asyncio.Task[None] | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def join(self, endpoint: Endpoint) -> None:
        """Register a socket; a newer one of the same leg takes the older one's place."""
        legs = self.calls.setdefault(endpoint.call_id, {})
        older = legs.get(endpoint.leg_id)
        legs[endpoint.leg_id] = endpoint
        if older is not None and older is not endpoint:
            # Nobody would look after it any more.
            older.shut(CloseCode.REPLACED)
        await self._belong_to(_group(endpoint.call_id))

    async def join_desk(self, watch: DeskWatch) -> None:
        """Have `watch` told of all that changes at the desk, in whichever process."""
        self.desk = watch
        await self._belong_to(DESK_GROUP)

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

    def wake_everywhere(self, call_ids: Iterable[UUID]) -> None:
        """Wake the sockets of these calls, in this process and in all others."""
        for call_id in call_ids:
            self.wake(call_id)
            self._publish(call_id, [str(call_id)])

    def wake_desk(self) -> None:
        """Tell the pages of the desk, of this process and of all others, to look again."""
        if self.desk is not None:
            self.desk.stir(routes=False)
        self.tell_desks()

    def tell_desks(self) -> None:
        """Tell the other processes that the desk has changed."""
        self._publish_to(DESK_GROUP, [DESK_GROUP])

    def relay(
        self, call_id: UUID, *, sender: UUID, receiver: UUID, text: str, offer: int | None = None
    ) -> None:
        """Hand a signal over: directly inside this process, by the channel layer to the others."""
        endpoint = self.calls.get(call_id, {}).get(receiver)
        if endpoint is not None:
            endpoint.deliver(sender, text, offer)
            return
        number = "" if offer is None else str(offer)
        self._publish(call_id, [str(call_id), str(sender), str(receiver), text, number])

    def restart(self, code: int) -> None:
        """Send everyone away with `code`: this process is about to end, their places stay."""
        self.restarting = True
        for endpoint in self.endpoints():
            endpoint.shut(code)
        if self.desk is not None:
            self.desk.shut(code)

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()

    # --- To and from other processes --------------------------------------------------------------
    async def _belong_to(self, group: str) -> None:
        if not self._tasks:
            self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._rejoin())]
        if group not in self._shards:
            self._shards.add(group)
            if self.channel:
                await self._enter_group(group)

    def _publish(self, call_id: UUID, item: list[str]) -> None:
        self._publish_to(_group(call_id), item)

    def _publish_to(self, group: str, item: list[str]) -> None:
        self._outgoing[group].add(item)
        if self._publisher is None or self._publisher.done():
            self._publisher = asyncio.create_task(self._publish_all())

    async def _publish_all(self) -> None:
        """Send what waits; what comes meanwhile goes out together, one message for each shard."""
        while self._outgoing:
            group, waiting = self._outgoing.popitem()
            items = list(waiting.items)
            await _send(self.layer, group, {"type": "calls", "from": self.channel, "items": items})

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
            if message["from"] != self.channel:
                self._take_all(message["items"])

    def _take_all(self, items: list[list[str]]) -> None:
        """One that cannot be taken, as of a process of another version, must not end the rest."""
        for item in items:
            try:
                self._take(item)
            except Exception:
                logger.exception("an item of another process was not taken")

    def _take(self, item: list[str]) -> None:
        if item == [DESK_GROUP]:
            if self.desk is not None:
                self.desk.stir(routes=False)
            return
        legs = self.calls.get(UUID(item[0]))
        if legs is None:
            return
        if len(item) == 1:
            self.wake(UUID(item[0]))
            return
        _, sender, receiver, text, offer = item
        endpoint = legs.get(UUID(receiver))
        if endpoint is not None:
            endpoint.deliver(UUID(sender), text, int(offer) if offer else None)

    async def _rejoin(self) -> None:
        """Stay in the groups of the calls served, also after Redis forgot them."""
        while True:
            if self.channel:
                for group in list(self._shards):
                    await self._enter_group(group)
            await asyncio.sleep(REJOIN_EVERY_SECS if self.channel else 0.05)

    async def _enter_group(self, group: str) -> None:
        with suppress(*LAYER_FAULTS):
            async with asyncio.timeout(LAYER_TIMEOUT_SECS):
                await self.layer.group_add(group, self.channel)


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """The hub of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]


def wake(*call_ids: UUID) -> None:
    """Tell every process that the calls have new facts; from code without an event loop.

    A web process does not wait for Redis here: its one database thread would wait with it.
    """
    running = _running()
    for loop, local in running:
        # In a context of its own: what it starts is not part of this thread's work.
        loop.call_soon_threadsafe(local.wake_everywhere, call_ids, context=Context())
    if not running:
        async_to_sync(_publish_wakes)(call_ids)


def stir_desk() -> bool:
    """Have the router run beside the desk's pages of this process; False if it has none open."""
    watched = [(loop, local.desk) for loop, local in _running() if local.desk is not None]
    for loop, desk in watched:
        loop.call_soon_threadsafe(partial(desk.stir, routes=True), context=Context())
    return bool(watched)


def wake_desk() -> None:
    """Tell every process that the desk has changed; from code without an event loop."""
    running = _running()
    for loop, local in running:
        loop.call_soon_threadsafe(local.wake_desk, context=Context())
    if not running:
        message = {"type": "calls", "from": "", "items": [[DESK_GROUP]]}
        async_to_sync(_send)(get_channel_layer(), DESK_GROUP, message)


def _running() -> list[tuple[asyncio.AbstractEventLoop, Hub]]:
    return [(loop, local) for loop, local in list(_hubs.items()) if loop.is_running()]


async def _publish_wakes(call_ids: Iterable[UUID]) -> None:
    layer = get_channel_layer()
    for call_id in call_ids:
        items = [[str(call_id)]]
        await _send(layer, _group(call_id), {"type": "calls", "from": "", "items": items})


async def _send(layer: Any, group: str, message: dict[str, Any]) -> None:
    """What is not sent is lost, which nobody minds: see the head of this module."""
    try:
        async with asyncio.timeout(LAYER_TIMEOUT_SECS):
            await layer.group_send(group, message)
    except LAYER_FAULTS as fault:
        logger.warning("not sent to %s: %s", group, type(fault).__name__)


def _group(call_id: UUID) -> str:
    return f"calls.{call_id.int % SHARDS}"
