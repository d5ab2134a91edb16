"""Which addresses one socket may tell another leg."""

import logging

import msgspec
from django.conf import settings

from calls import protocol
from calls.ice import only_relayed, relayed_candidate
from calls.models import ParticipantRole

logger = logging.getLogger(__name__)


class RoutePolicy:
    """Under *relay only* nobody learns a person's address, whatever that person's page sends.

    The recorder's addresses are the house's own and stay.
    """

    __slots__ = ("dropped",)

    def __init__(self) -> None:
        self.dropped = 0

    def permitted(self, signal: protocol.Signal, *, role: str) -> protocol.Signal:
        """The signal as it may go on; a candidate that may not becomes a `blank` of its number."""
        if not settings.RELAY_ONLY or role == ParticipantRole.RECORDER:
            return signal
        if isinstance(signal, protocol.Description):
            sdp, dropped = only_relayed(signal.sdp)
            self._count(dropped)
            return msgspec.structs.replace(signal, sdp=sdp)
        if isinstance(signal, protocol.Candidate):
            candidate = relayed_candidate(signal.candidate)
            if candidate is None:
                self._count(1)
                return protocol.Blank(leg=signal.leg, n=signal.n)
            return msgspec.structs.replace(signal, candidate=candidate)
        return signal

    def _count(self, dropped: int) -> None:
        if dropped and not self.dropped:
            logger.warning("a page sends candidates past the relay; they are dropped")
        self.dropped += dropped
