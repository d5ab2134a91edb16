"""Samples of connections on their way to the database, beside what the socket relays."""

import asyncio
import logging
import time
from collections.abc import Callable
from math import inf
from uuid import UUID

from channels.db import database_sync_to_async
from django.db import Error as DatabaseError

from calls import protocol
from calls.protocol import ErrorCode
from calls.services import quality
from calls.services.errors import CallError

logger = logging.getLogger(__name__)

# Of so many other legs it is remembered when they were last measured.
MOST_PAIRS = 64

Refuse = Callable[[ErrorCode, str], None]


class SampleKeeper:
    """Writes one sample after the other, the latest of each pair of legs.

    Losing some is fine, and nothing that a socket relays waits for them.
    """

    __slots__ = ("_refuse", "_taken_at", "_task", "_waiting")

    def __init__(self, refuse: Refuse) -> None:
        self._refuse = refuse
        self._waiting: dict[UUID, protocol.Sample] = {}
        self._taken_at: dict[UUID, float] = {}
        self._task: asyncio.Task[None] | None = None

    def take(self, leg_id: UUID, sample: protocol.Sample) -> None:
        """Keep `sample` of `leg_id`; it takes the place of one of the same pair that waits.

        What comes too soon is refused here: a flood about one leg costs the database nothing.
        """
        if not self._is_due(sample.leg):
            self._refuse(ErrorCode.RATE, "Samples come too often.")
            return
        if len(self._waiting) < 8 or sample.leg in self._waiting:
            self._waiting[sample.leg] = sample
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._write(leg_id))

    def _is_due(self, leg: UUID) -> bool:
        now = time.monotonic()
        if now - self._taken_at.get(leg, -inf) < quality.LEAST_APART.total_seconds():
            return False
        if len(self._taken_at) >= MOST_PAIRS:
            self._taken_at.clear()
        self._taken_at[leg] = now
        return True

    async def _write(self, leg_id: UUID) -> None:
        while self._waiting:
            _, sample = self._waiting.popitem()
            try:
                await database_sync_to_async(quality.keep)(leg_id, sample)
            except CallError as fault:
                self._refuse(fault.code, fault.detail)
            except DatabaseError:
                logger.exception("sample of leg %s not kept", leg_id)
