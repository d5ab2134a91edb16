"""Signals between two legs, each delivered once and in order, whatever sockets do in between.

Numbered from 1 per pair of legs and direction; acknowledged cumulatively; kept until then and sent
again on every new socket, the oldest also on a timer that follows the measured round trip and backs
off.
"""

import asyncio
from collections.abc import Callable
from typing import Any

Signal = dict[str, Any]

ACK_WITHIN_SECS = 0.03
FIRST_RESEND_SECS = 0.4
LAST_RESEND_SECS = 5.0
# What comes this far ahead of its turn is dropped: it will be sent again.
WINDOW = 64


class Link:
    """One end of one pair of legs. `transmit` may lose signals; `deliver` gets each in order."""

    def __init__(
        self, leg: str, *, transmit: Callable[[Signal], None], deliver: Callable[[Signal], None]
    ) -> None:
        self.leg = leg
        self._transmit = transmit
        self._deliver = deliver
        self._loop = asyncio.get_running_loop()
        self._sent = 0
        self._kept: dict[int, Signal] = {}
        self._sent_at: dict[int, float] = {}
        self._delivered = 0
        self._early: dict[int, Signal] = {}
        self._round_trip = _RoundTrip()
        self._resend_secs = FIRST_RESEND_SECS
        self._was_silent = False
        self._resend: asyncio.TimerHandle | None = None
        self._ack: asyncio.TimerHandle | None = None
        self.resent = 0

    @property
    def unacknowledged(self) -> int:
        return len(self._kept)

    def send(self, t: str, **fields: Any) -> int:
        """Send a signal of the type `t`; returns its number."""
        self._sent += 1
        signal = {"t": t, "leg": self.leg, "n": self._sent, **fields}
        self._kept[self._sent] = signal
        self._sent_at[self._sent] = self._loop.time()
        self._transmit(signal)
        if self._resend is None:
            self._start_timer(self._round_trip.timeout_secs)
        return self._sent

    def receive(self, signal: Signal) -> None:
        """A signal from the other end, `ack` included."""
        if signal["t"] == "ack":
            self._acknowledged(signal["n"])
            return
        if self._delivered < signal["n"] <= self._delivered + WINDOW:
            self._early[signal["n"]] = signal
        if self._ack is None:
            self._ack = self._loop.call_later(ACK_WITHIN_SECS, self._acknowledge)
        while following := self._early.pop(self._delivered + 1, None):
            self._delivered += 1
            if following["t"] != "blank":
                self._deliver(following)

    def refused(self, n: int) -> None:
        """The server will never take this one: its number goes out with nothing in it."""
        if n in self._kept:
            self._kept[n] = {"t": "blank", "leg": self.leg, "n": n}
            self._sent_at.pop(n, None)
            self._transmit(self._kept[n])

    def resume(self) -> None:
        """There is a new socket: all that may have been lost with the old one goes out again."""
        self._resend_all()
        if self._delivered:
            self._acknowledge()
        if self._kept:
            self._start_timer(self._round_trip.timeout_secs)

    def close(self) -> None:
        for timer in (self._resend, self._ack):
            if timer is not None:
                timer.cancel()
        self._resend = self._ack = None
        self._kept.clear()

    def _acknowledged(self, n: int) -> None:
        now = self._loop.time()
        for number in [number for number in self._kept if number <= n]:
            del self._kept[number]
            # A resent one says nothing of the round trip (Karn's rule, RFC 6298, section 3).
            if (sent_at := self._sent_at.pop(number, None)) is not None and number == n:
                self._round_trip.measured(now - sent_at)
        was_silent, self._was_silent = self._was_silent, False
        self._stop_timer()
        if self._kept:
            if was_silent:  # the other end is back: it gets the rest now, not one with each turn
                self._resend_all()
            self._start_timer(self._round_trip.timeout_secs)

    def _acknowledge(self) -> None:
        if self._ack is not None:
            self._ack.cancel()
            self._ack = None
        self._transmit({"t": "ack", "leg": self.leg, "n": self._delivered})

    def _resend_all(self) -> None:
        self._sent_at.clear()
        self.resent += len(self._kept)
        for signal in list(self._kept.values()):
            self._transmit(signal)

    def _start_timer(self, secs: float) -> None:
        self._stop_timer()
        self._resend_secs = secs
        self._resend = self._loop.call_later(secs, self._resend_oldest)

    def _stop_timer(self) -> None:
        if self._resend is not None:
            self._resend.cancel()
            self._resend = None

    def _resend_oldest(self) -> None:
        self._resend = None
        if not self._kept:
            return
        self._was_silent = True
        self._sent_at.clear()
        self.resent += 1
        self._transmit(self._kept[min(self._kept)])
        self._start_timer(min(2 * self._resend_secs, LAST_RESEND_SECS))


class _RoundTrip:
    """Smoothed round trip and its variation (RFC 6298, section 2), bounded as the page says."""

    def __init__(self) -> None:
        self._smoothed: float | None = None
        self._variation = 0.0

    def measured(self, secs: float) -> None:
        if self._smoothed is None:
            self._smoothed, self._variation = secs, secs / 2
            return
        self._variation = 0.75 * self._variation + 0.25 * abs(self._smoothed - secs)
        self._smoothed = 0.875 * self._smoothed + 0.125 * secs

    @property
    def timeout_secs(self) -> float:
        """What an acknowledgement gets before its signal is sent again."""
        wanted = (self._smoothed or 0.0) + 4 * self._variation + ACK_WITHIN_SECS
        return min(max(wanted, FIRST_RESEND_SECS), LAST_RESEND_SECS)
