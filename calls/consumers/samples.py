"""Samples of connections on their way to the database, beside what the socket relays."""

import asyncio
import logging
from collections.abc import Callable
from uuid import UUID

from channels.db import database_sync_to_async
from django.db import Error as DatabaseError

from calls import protocol
from calls.protocol import ErrorCode
from calls.services import quality
from calls.services.errors import CallError

logger = logging.getLogger(__name__)

Refuse = Callable[[ErrorCode, str], None]


class SampleKeeper:
    """Writes one sample after the other, the latest of each pair of legs.

    Losing some is fine, and nothing that a socket relays waits for them.
    """

    def __init__(self, refuse: Refuse) -> None:
        self._refuse = refuse
        self._waiting: dict[UUID, protocol.Sample] = {}
        self._task: asyncio.Task[None] | None = None

    def take(self, leg_id: UUID, sample: protocol.Sample) -> None:
        """Keep `sample` of `leg_id`; it takes the place of one of the same pair that waits."""
        if len(self._waiting) < 8 or sample.leg in self._waiting:
            self._waiting[sample.leg] = sample
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._write(leg_id))

    async def _write(self, leg_id: UUID) -> None:
        while self._waiting:
            _, sample = self._waiting.popitem()
            try:
                await database_sync_to_async(quality.keep)(leg_id, sample)
            except CallError as fault:
                self._refuse(fault.code, fault.detail)
            except DatabaseError:
                logger.exception("sample of leg %s not kept", leg_id)
