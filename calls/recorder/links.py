"""Signals between the recorder's leg and another one, made reliable at the ends. No sockets here.

Numbered per pair and direction, acknowledged cumulatively, kept and sent again until then,
delivered once and in order: the same rules as in static/js/call/.
"""

import msgspec

from calls.protocol import Ack, Blank, Candidate, Description, Media

Numbered = Description | Candidate | Media | Blank

FIRST_RESEND_SECS = 0.4
LAST_RESEND_SECS = 5.0
HELD_AHEAD = 256


class Link:
    """The recorder's side of one pair of legs."""

    def __init__(self) -> None:
        self._sent = 0
        self._unacknowledged: dict[int, Numbered] = {}
        self._resend_at: float | None = None
        self._resend_secs = FIRST_RESEND_SECS
        self._delivered = 0
        self._ahead: dict[int, Numbered] = {}

    def number(self, signal: Numbered, *, now: float) -> Numbered:
        """Return the signal with its number, to be sent now; it is kept until acknowledged."""
        self._sent += 1
        numbered = msgspec.structs.replace(signal, n=self._sent)
        self._unacknowledged[self._sent] = numbered
        if self._resend_at is None:
            self._resend_at = now + self._resend_secs
        return numbered

    def acknowledged(self, ack: Ack, *, now: float) -> None:
        for number in [number for number in self._unacknowledged if number <= ack.n]:
            del self._unacknowledged[number]
            self._resend_secs = FIRST_RESEND_SECS
        self._resend_at = now + self._resend_secs if self._unacknowledged else None

    def due(self, now: float) -> list[Numbered]:
        """The oldest unacknowledged signal when its time has come; each waits twice as long."""
        if self._resend_at is None or now < self._resend_at:
            return []
        self._resend_secs = min(2 * self._resend_secs, LAST_RESEND_SECS)
        self._resend_at = now + self._resend_secs
        return [self._unacknowledged[min(self._unacknowledged)]]

    def everything(self) -> list[Numbered]:
        """All that is unacknowledged, in order: what a reconnected socket sends first."""
        return list(self._unacknowledged.values())

    def receive(self, signal: Numbered) -> list[Numbered]:
        """Return what can be delivered now, in order; acknowledge up to `delivered` afterwards."""
        if self._delivered < signal.n <= self._delivered + HELD_AHEAD:
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
