"""One timer for all that a recorder does now and then: waking an idle process is what costs."""

import asyncio
import logging
import time
from collections.abc import Callable
from weakref import WeakKeyDictionary

logger = logging.getLogger(__name__)

BEAT_SECS = 0.1

_pulses: "WeakKeyDictionary[asyncio.AbstractEventLoop, Pulse]" = WeakKeyDictionary()


class Pulse:
    """Beats ten times a second while somebody listens or waits; one for each event loop."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[float], None]] = []
        self._waiting: list[tuple[float, asyncio.Future[None]]] = []
        self._timer: asyncio.TimerHandle | None = None

    @classmethod
    def of_this_loop(cls) -> "Pulse":
        loop = asyncio.get_running_loop()
        if (pulse := _pulses.get(loop)) is None:
            pulse = _pulses[loop] = cls()
        return pulse

    def add(self, listener: Callable[[float], None]) -> None:
        """Call it with the time (Unix seconds) at each beat; its fault is logged, nobody else's."""
        self._listeners.append(listener)
        self._go_on()

    def remove(self, listener: Callable[[float], None]) -> None:
        """Stop calling it; no error if nobody does."""
        if listener in self._listeners:
            self._listeners.remove(listener)

    async def sleep(self, secs: float) -> None:
        """Return at the first beat after that time: a sleep that wakes nobody by itself."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        # Half a beat early is as near as half a beat late.
        self._waiting.append((loop.time() + secs - BEAT_SECS / 2, done))
        self._go_on()
        await done

    def _go_on(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(BEAT_SECS, self._beat)

    def _beat(self) -> None:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        self._timer = None
        now = time.time()
        for listener in tuple(self._listeners):
            try:
                listener(now)
            except Exception:
                logger.exception("A beat was missed.")
        if self._waiting:
            due = [done for at, done in self._waiting if at <= begun]
            self._waiting = [(at, done) for at, done in self._waiting if at > begun]
            for done in due:
                if not done.done():
                    done.set_result(None)
        if self._timer is None and (self._listeners or self._waiting):
            self._timer = loop.call_at(begun + BEAT_SECS, self._beat)
