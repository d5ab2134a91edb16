"""One task a process that looks after its pages of the desk.

1. Whenever the desk has changed, and once a second in any case, it routes and tells each page what
   is new to it: many changes at once are one round.
2. Wallboards are told at most twice a second that they look different.
3. Every few seconds the agents are marked as seen, and pages of those who have signed out, were
   disabled or have lost their role are closed.
"""

import asyncio
import logging
from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING
from uuid import UUID
from weakref import WeakKeyDictionary

import msgspec
from channels.db import database_sync_to_async

from calls.codes import CloseCode
from calls.desk.messages import Board, Desk
from calls.services import attendance
from calls.services.desk import agents, board_news, news, routing, sweeping
from calls.services.news import now_iso
from calls.signaling import Hub, hub

if TYPE_CHECKING:
    from calls.consumers.board import BoardConsumer
    from calls.consumers.desk import DeskConsumer

logger = logging.getLogger(__name__)

EVERY_SECS = 1.0
CHECK_PEOPLE_EVERY = 3
BOARDS_EVERY_SECS = 0.5

_watches: WeakKeyDictionary[asyncio.AbstractEventLoop, "Watch"] = WeakKeyDictionary()


def watch() -> "Watch":
    """The watch of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _watches:
        _watches[loop] = Watch(hub())
    return _watches[loop]


class Watch:
    """The pages of the desk that this process has open, by agent, and its wallboards."""

    def __init__(self, local: Hub) -> None:
        self._hub = local
        self._pages: dict[UUID, set[DeskConsumer]] = defaultdict(set)
        self._told: dict[DeskConsumer, Desk] = {}
        self._boards: dict[BoardConsumer, str] = {}
        self._boards_from = 0.0
        self._stirred = asyncio.Event()
        self._routes = False
        self._task: asyncio.Task[None] | None = None

    async def add(self, page: "DeskConsumer") -> None:
        """Tell the page, from now on; its agent is at the desk."""
        assert page.user_id is not None
        self._pages[page.user_id].add(page)
        await database_sync_to_async(agents.open_page)(page.user_id)
        self.stir(routes=True)
        await self._look_after_them()

    async def add_board(self, board: "BoardConsumer") -> None:
        """Tell the wallboard whenever it looks different, beginning at once."""
        self._boards[board] = ""
        self._boards_from = 0.0
        self.stir(routes=False)
        await self._look_after_them()

    def remove_board(self, board: "BoardConsumer") -> None:
        if self._boards.pop(board, None) is not None:
            self._rest()

    async def remove(self, page: "DeskConsumer") -> None:
        """The page is closed; was it the agent's last one here, they may be gone."""
        self._told.pop(page, None)
        pages = self._pages.get(page.user_id) if page.user_id else None
        if page.user_id is None or pages is None or page not in pages:
            return
        pages.discard(page)
        if not pages:
            del self._pages[page.user_id]
            await database_sync_to_async(agents.unsee)(page.user_id)
        self._rest()

    async def _look_after_them(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())
        await self._hub.join_desk(self)

    def _rest(self) -> None:
        if not self._pages and not self._boards:
            self._hub.desk = None

    def stir(self, *, routes: bool) -> None:
        """Look again at once; route before it, if `routes`."""
        self._routes = self._routes or routes
        self._stirred.set()

    def shut(self, code: int) -> None:
        """Send every page away with `code`: this process is about to end."""
        for page in self._all_pages():
            page.shut(code)

    def _all_pages(self) -> "list[DeskConsumer]":
        return [page for pages in self._pages.values() for page in pages] + list(self._boards)

    async def _work(self) -> None:
        """Runs while the process has pages; the next one starts it again.

        The beat goes by the clock: a desk that is never quiet needs it most.
        """
        clock = asyncio.get_running_loop().time
        beat, next_beat = 0, clock() + EVERY_SECS
        while self._pages or self._boards:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(next_beat):
                    await self._stirred.wait()
            self._stirred.clear()
            is_beat = clock() >= next_beat
            if is_beat:
                beat, next_beat = beat + 1, clock() + EVERY_SECS
            try:
                await self._look(sweeps=is_beat, checks=is_beat and beat % CHECK_PEOPLE_EVERY == 0)
            except Exception:
                # Whatever it was: the next second looks again.
                logger.exception("the desk's watch was cut short")
                await asyncio.sleep(EVERY_SECS)

    async def _look(self, *, sweeps: bool, checks: bool) -> None:
        routes, self._routes = self._routes, False
        if checks:
            await database_sync_to_async(agents.see)(list(self._pages))
            await self._check_people()
        made = 0
        if sweeps:
            made = await database_sync_to_async(sweeping.sweep)()
        elif routes:
            made = await database_sync_to_async(routing.run)()
        desks = await database_sync_to_async(news.desks_of)(list(self._pages))
        for user_id, desk in desks.items():
            for page in self._pages.get(user_id, set()):
                self._tell(page, desk)
        if routes or made:
            self._hub.tell_desks()
        await self._tell_boards()

    async def _tell_boards(self) -> None:
        """What is left out for coming too soon, the next beat tells."""
        clock = asyncio.get_running_loop().time
        if not self._boards or clock() < self._boards_from:
            return
        self._boards_from = clock() + BOARDS_EVERY_SECS
        mark = await database_sync_to_async(board_news.mark)()
        for board, told in list(self._boards.items()):
            if board in self._boards and told != mark:
                self._boards[board] = mark
                board.tell(Board(now_iso(), mark))

    def _tell(self, page: "DeskConsumer", desk: Desk) -> None:
        told = self._told.get(page)
        if told is None or msgspec.structs.replace(told, now=desk.now) != desk:
            self._told[page] = desk
            page.tell(desk)

    async def _check_people(self) -> None:
        pages = self._all_pages()
        people = {page.credentials.session_key: page.user_id for page in pages if page.user_id}
        standing, roles = await database_sync_to_async(attendance.still_signed_in)(people)
        for page in pages:
            role = roles.get(page.user_id) if page.user_id else None
            if page.credentials.session_key not in standing or role is None:
                page.shut(CloseCode.SIGNED_OUT)
            elif role != page.role:
                page.shut(CloseCode.FORBIDDEN)
