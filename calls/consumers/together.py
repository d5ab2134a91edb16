"""Work for the database's one thread, done together: what comes meanwhile is the next batch."""

import asyncio
import logging
from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from channels.db import database_sync_to_async
from django.db import Error as DatabaseError

from calls.services import changes, news
from calls.services.changes import Change, Outcome
from calls.services.news import Asker, News

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 64

Q = TypeVar("Q")
A = TypeVar("A")


class Together(Generic[Q, A]):
    """Answers questions by `answer_all`, a function of the database, many at once.

    No two questions of one `key` are in the same batch, and they keep their order.
    """

    def __init__(
        self, answer_all: Callable[[Sequence[Q]], list[A]], key: Callable[[Q], Hashable]
    ) -> None:
        self._answer_all = database_sync_to_async(answer_all)
        self._key = key
        self._waiting: list[tuple[Q, asyncio.Future[A]]] = []
        self._task: asyncio.Task[None] | None = None

    def ask(self, question: Q) -> "asyncio.Future[A]":
        """The answer to come; it raises what `answer_all` raised for this question."""
        answer: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, answer))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())
        return answer

    async def _work(self) -> None:
        while self._waiting:
            batch = self._next_batch()
            try:
                await self._settle(batch)
            except Exception as fault:
                if len(batch) > 1 and not isinstance(fault, DatabaseError):
                    logger.exception("a batch of %d failed; each is tried alone", len(batch))
                await self._one_by_one(batch, fault)

    def _next_batch(self) -> "list[tuple[Q, asyncio.Future[A]]]":
        batch: dict[Hashable, tuple[Q, asyncio.Future[A]]] = {}
        later = []
        for entry in self._waiting:
            key = self._key(entry[0])
            if key in batch or len(batch) == MOST_AT_ONCE:
                later.append(entry)
            else:
                batch[key] = entry
        self._waiting = later
        return list(batch.values())

    async def _settle(self, batch: "list[tuple[Q, asyncio.Future[A]]]") -> None:
        answers = await self._answer_all([question for question, _ in batch])
        for (_, future), answer in zip(batch, answers, strict=True):
            if not future.done():
                future.set_result(answer)

    async def _one_by_one(
        self, batch: "list[tuple[Q, asyncio.Future[A]]]", fault: Exception
    ) -> None:
        """What one question broke must not cost the others their answer."""
        for entry in batch:
            try:
                if len(batch) == 1:
                    raise fault
                await self._settle([entry])
            except Exception as own:
                if not entry[1].done():
                    entry[1].set_exception(own)


class Desk:
    """The two kinds of work that every socket has for the database."""

    def __init__(self) -> None:
        self.changes: Together[Change, Outcome] = Together(
            changes.carry_out, lambda change: change.participant_id
        )
        self.news: Together[Asker, News] = Together(news.news_for, lambda asker: asker.leg_id)


_desks: WeakKeyDictionary[asyncio.AbstractEventLoop, Desk] = WeakKeyDictionary()


def desk() -> Desk:
    """The desk of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _desks:
        _desks[loop] = Desk()
    return _desks[loop]
