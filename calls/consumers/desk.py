"""The socket of a desk's page: who it is, and then only what the watch has to tell."""

import json
import logging
from typing import Any
from uuid import UUID

from channels.consumer import AsyncConsumer
from channels.db import database_sync_to_async

from accounts.models import User
from calls import wire
from calls.codes import CloseCode
from calls.consumers import desk_watch
from calls.consumers.joining import Credentials
from calls.consumers.limits import MessageRate, people
from calls.consumers.outbox import Outbox
from calls.desk.messages import DeskMessage, Pong
from calls.services import attendance
from calls.services.news import now_iso

logger = logging.getLogger(__name__)

MOST_CHARACTERS = 1024


class DeskConsumer(AsyncConsumer):
    """One page of one agent. Commands go by HTTP; the page says `ping` and nothing else."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.outbox = Outbox(scope, send)
        self.credentials = Credentials(scope)
        self.user_id: UUID | None = None
        self.role = ""
        self._rate = MessageRate()
        await receive()
        await send({"type": "websocket.accept"})
        watch = desk_watch.watch()
        try:
            if await self._is_allowed():
                await self.join(watch)
            while (event := await receive())["type"] == "websocket.receive":
                if not self.outbox.closed:
                    self._receive(event.get("text"))
        finally:
            self.outbox.closed = True
            await self.part(watch)

    def may_open(self, user: User) -> bool:
        return user.is_agent

    async def join(self, watch: desk_watch.Watch) -> None:
        await watch.add(self)

    async def part(self, watch: desk_watch.Watch) -> None:
        await watch.remove(self)

    async def _is_allowed(self) -> bool:
        """Who it is; else the socket is closed with the reason."""
        find = database_sync_to_async(attendance.user_of_session)
        user: User | None = None
        if self.credentials.session_key:
            user = await find(self.credentials.session_key)
        if user is None:
            self.shut(CloseCode.SIGNED_OUT)
        elif not self.may_open(user):
            self.shut(CloseCode.FORBIDDEN)
        elif not people().opens(user.pk):
            self.shut(CloseCode.TOO_FAST)
        else:
            self.user_id, self.role = user.pk, user.role
            return True
        return False

    def _receive(self, text: str | None) -> None:
        if text is None:
            self.shut(CloseCode.BINARY)
        elif len(text) > MOST_CHARACTERS:
            self.shut(CloseCode.TOO_BIG)
        elif not self._rate.allows():
            if self._rate.exhausted:
                self.shut(CloseCode.TOO_FAST)
        elif _is_ping(text):
            self.tell(Pong(now=now_iso()))
        else:
            self.shut(CloseCode.MALFORMED)

    def tell(self, message: DeskMessage) -> None:
        self.outbox.put(wire.encode(message))

    def shut(self, code: int) -> None:
        """Close the socket with `code`; said once, nothing is sent after it."""
        self.outbox.close(code)


def _is_ping(text: str) -> bool:
    try:
        return bool(json.loads(text) == {"t": "ping"})
    except (ValueError, RecursionError):
        return False
