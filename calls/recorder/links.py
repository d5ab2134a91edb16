"""Signals between the recorder's leg and another one, made reliable at the ends. No sockets here.

Numbered per pair and direction, acknowledged cumulatively, kept and sent again until then,
delivered once and in order: the same rules as in static/js/call/reliable.js and round-trip.js.
"""

from dataclasses import dataclass

import msgspec

from calls.protocol import Ack, Blank, Candidate, Description, Media

Numbered = Description | Candidate | Media | Blank

# Before anything was measured.
FIRST_RESEND_SECS = 0.4
SHORTEST_RESEND_SECS = 0.2
LAST_RESEND_SECS = 5.0
# So many are under way at once; what arrives further ahead of its turn is dropped.
WINDOW = 64


class RoundTrip:
    """How long signals take to be acknowledged, and so when one counts as lost (RFC 6298)."""

    def __init__(self) -> None:
        self._smoothed = 0.0
        self._variation = 0.0
        self._back_offs = 0

    @property
    def resend_secs(self) -> float:
        """After how long the next signal is sent again."""
        secs: float = self.patience_secs * 2**self._back_offs
        return min(secs, LAST_RESEND_SECS)

    @property
    def patience_secs(self) -> float:
        """How long an acknowledgement may take before its signal counts as lost."""
        if not self._smoothed:
            return FIRST_RESEND_SECS
        return max(SHORTEST_RESEND_SECS, self._smoothed + 4 * self._variation)

    @property
    def is_backing_off(self) -> bool:
        return self._back_offs > 0

    def measured(self, secs: float) -> None:
        """Of a signal sent only once: nobody knows which of several copies was meant (Karn)."""
        if self._smoothed:
            self._variation = 0.75 * self._variation + 0.25 * abs(self._smoothed - secs)
            self._smoothed = 0.875 * self._smoothed + 0.125 * secs
        else:
            self._smoothed, self._variation = max(secs, 0.001), secs / 2
        self._back_offs = 0

    def back_off(self) -> None:
        """A signal is sent again: the next one waits twice as long."""
        if self.resend_secs < LAST_RESEND_SECS:
            self._back_offs += 1

    def start_over(self) -> None:
        """There is a new socket: what was waited for before says nothing."""
        self._back_offs = 0


@dataclass(slots=True)
class _Kept:
    """A signal that is not acknowledged: how often and when last it was sent."""

    signal: Numbered
    times: int = 0
    at: float = 0.0


class Link:
    """The recorder's side of one pair of legs."""

    def __init__(self) -> None:
        self._sent = 0
        self._unacknowledged: dict[int, _Kept] = {}
        self._round_trip = RoundTrip()
        self._resend_at: float | None = None
        self._delivered = 0
        self._ahead: dict[int, Numbered] = {}

    def send(self, signal: Numbered, *, now: float) -> list[Numbered]:
        """Number a signal and keep it until it is acknowledged; returns what to send now."""
        self._sent += 1
        kept = _Kept(msgspec.structs.replace(signal, n=self._sent))
        self._unacknowledged[self._sent] = kept
        if self._resend_at is None:
            self._wait(now)
        return [self._put(kept, now)] if len(self._unacknowledged) <= WINDOW else []

    def acknowledged(self, ack: Ack, *, now: float) -> list[Numbered]:
        """Forget what has arrived; returns what to send now."""
        done = [number for number in self._unacknowledged if number <= ack.n]
        kept = [self._unacknowledged.pop(number) for number in done]
        if not kept:
            return []
        if all(one.times == 1 for one in kept):
            self._round_trip.measured(now - kept[-1].at)
        # After silence the other end is back: it gets now what was lost too.
        lost_before = now - self._round_trip.patience_secs
        was_silent = self._round_trip.is_backing_off
        self._wait(now)
        return [
            self._put(one, now)
            for one in list(self._unacknowledged.values())[:WINDOW]
            if one.times == 0 or (was_silent and one.at <= lost_before)
        ]

    def refused(self, n: int, *, now: float) -> list[Numbered]:
        """The server will never take signal `n`: a blank in its place lets the rest go on."""
        kept = self._unacknowledged.get(n)
        if kept is None or isinstance(kept.signal, Blank):
            return []
        kept.signal = Blank(leg=kept.signal.leg, n=n)
        return [self._put(kept, now)]

    def due(self, now: float) -> list[Numbered]:
        """The oldest unacknowledged signal when its time has come; each waits twice as long."""
        if self._resend_at is None or now < self._resend_at:
            return []
        self._round_trip.back_off()
        self._wait(now)
        return [self._put(next(iter(self._unacknowledged.values())), now)]

    def resume(self, now: float) -> list[Numbered]:
        """The socket is back: all that the other end may have missed, in order."""
        self._round_trip.start_over()
        self._wait(now)
        return [self._put(kept, now) for kept in list(self._unacknowledged.values())[:WINDOW]]

    def receive(self, signal: Numbered) -> list[Numbered]:
        """Return what can be delivered now, in order; acknowledge up to `delivered` afterwards."""
        if self._delivered < signal.n <= self._delivered + WINDOW:
            self._ahead[signal.n] = signal
        ready: list[Numbered] = []
        while (following := self._ahead.pop(self._delivered + 1, None)) is not None:
            self._delivered += 1
            if not isinstance(following, Blank):
                ready.append(following)
        return ready

    @property
    def delivered(self) -> int:
        return self._delivered

    def _put(self, kept: _Kept, now: float) -> Numbered:
        kept.times += 1
        kept.at = now
        return kept.signal

    def _wait(self, now: float) -> None:
        waits = bool(self._unacknowledged)
        self._resend_at = now + self._round_trip.resend_secs if waits else None
