"""One task a process that looks after all of its sockets, once a second.

1. Facts whose wake-up was lost are found and told; relays are named again before they lapse.
2. Recordings that no recorder takes are said to be late; who waits in a queue hears their place.
3. Every few seconds: the legs are marked as seen, and sockets whose person has signed out, was
   disabled or has lost their role are closed.
"""

import asyncio
import logging
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast
from uuid import UUID
from weakref import WeakKeyDictionary

from channels.db import database_sync_to_async

from calls.models.call import MAY_BE_HELD
from calls.protocol import CloseCode
from calls.services import attendance, news, presence, recording
from calls.services.desk import line
from calls.signaling import hub

if TYPE_CHECKING:
    from calls.consumers.call import CallConsumer

logger = logging.getLogger(__name__)

EVERY_SECS = 1.0
CHECK_PEOPLE_EVERY = 3

_watches: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Task[None]] = WeakKeyDictionary()


def start() -> None:
    """Make sure that this process's sockets are looked after."""
    loop = asyncio.get_running_loop()
    task = _watches.get(loop)
    if task is None or task.done():
        _watches[loop] = loop.create_task(_watch())


async def _watch() -> None:
    """Runs while the process has sockets; the next socket starts it again."""
    beat = 0
    while _sockets():
        await asyncio.sleep(EVERY_SECS)
        beat += 1
        try:
            await _wake_the_late()
            await _tell_places()
            now = time.time()
            for socket in _sockets():
                if socket.ice_until is not None and socket.ice_until <= now:
                    socket.refresh_ice()
            if beat % CHECK_PEOPLE_EVERY == 0:
                # Listed now: a socket that went meanwhile must not look as if it had come back.
                legs = [socket.leg_id for socket in _sockets() if socket.leg_id]
                closed = await database_sync_to_async(presence.see)(legs)
                for socket in _sockets():
                    if socket.leg_id in closed and not socket.gone:
                        socket.wake()
                await _check_people(_sockets())
        except Exception:
            # Whatever it was: the next second looks again.
            logger.exception("the sweep of this process was cut short")


def _sockets() -> "list[CallConsumer]":
    return cast("list[CallConsumer]", hub().endpoints())


async def _wake_the_late() -> None:
    calls = list(hub().calls)
    newest = await database_sync_to_async(news.newest_facts)(calls)
    for endpoint in hub().endpoints():
        if newest.get(endpoint.call_id, 0) > endpoint.last_seq:
            endpoint.wake()
    await database_sync_to_async(recording.tell_delays)()


async def _tell_places() -> None:
    places = await database_sync_to_async(line.places_by_call)()
    for socket in _sockets():
        if socket.role in MAY_BE_HELD:
            socket.tell_place(places.get(socket.call_id))


async def _check_people(sockets: "Sequence[CallConsumer]") -> None:
    people: dict[str, UUID] = {}
    for socket in sockets:
        if socket.who is not None and socket.who.user_id is not None:
            people[socket.credentials.session_key] = socket.who.user_id
    if not people:
        return
    standing, roles = await database_sync_to_async(attendance.still_signed_in)(people)
    for socket in sockets:
        if socket.who is None or socket.who.user_id is None:
            continue
        role = roles.get(socket.who.user_id)
        if socket.credentials.session_key not in standing or role is None:
            socket.shut(CloseCode.SIGNED_OUT)
        elif role != socket.who.account_role:
            socket.shut(CloseCode.FORBIDDEN)
