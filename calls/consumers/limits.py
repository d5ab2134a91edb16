"""How much one socket may say."""

import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from uuid import UUID

from calls import protocol


class MessageRate:
    """A token bucket: MESSAGES_PER_SEC sustained, MESSAGE_BURST at once."""

    # This many refused messages in a row of an empty bucket end the socket.
    PATIENCE = 60

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._tokens = float(protocol.MESSAGE_BURST)
        self._at = clock()
        self.refused = 0

    def allows(self) -> bool:
        """Take one token; False if there is none, which counts towards `exhausted`."""
        now = self._clock()
        refill = (now - self._at) * protocol.MESSAGES_PER_SEC
        self._tokens = min(self._tokens + refill, protocol.MESSAGE_BURST)
        if self._tokens == protocol.MESSAGE_BURST:
            self.refused = 0
        self._at = now
        if self._tokens < 1:
            self.refused += 1
            return False
        self._tokens -= 1
        return True

    @property
    def exhausted(self) -> bool:
        return self.refused > self.PATIENCE


class ErrorRate:
    """Counts malformed messages; `count` says whether the last minute has seen too many."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._at: deque[float] = deque()

    def count(self) -> bool:
        now = self._clock()
        self._at.append(now)
        while self._at and self._at[0] < now - 60:
            self._at.popleft()
        return len(self._at) >= protocol.ERRORS_PER_MINUTE


class PairRules:
    """What one leg may send to each other leg: bounded candidates, answers only to offers.

    On the socket of a resumed leg an offer may have come to the socket before it, and its answer
    is sent again here: the first answer to each other leg is taken.
    """

    def __init__(self, *, resumed: bool = False) -> None:
        self._resumed = resumed
        self._candidates: dict[UUID, int] = defaultdict(int)
        self._offered: Counter[UUID] = Counter()
        self._answered: dict[UUID, int] = {}

    def offered_by(self, leg: UUID) -> None:
        """An offer from `leg` was delivered here: an answer is due, one for each offer."""
        self._offered[leg] += 1

    def check(self, signal: protocol.Signal) -> None:
        """Raise ProtocolError (`rate`, `bad_state`) if `signal` may not go to its leg now."""
        if isinstance(signal, protocol.Description):
            self._candidates[signal.leg] = 0
            if signal.type == "answer":
                self._check_answer(signal)
        elif isinstance(signal, protocol.Candidate):
            self._candidates[signal.leg] += 1
            if self._candidates[signal.leg] > protocol.MAX_CANDIDATES_PER_PAIR:
                raise protocol.ProtocolError(
                    protocol.ErrorCode.RATE, "Too many candidates for one description."
                )

    def _check_answer(self, signal: protocol.Description) -> None:
        repeated = signal.n <= self._answered.get(signal.leg, 0)
        repeated = repeated or (self._resumed and signal.leg not in self._answered)
        if not repeated and not self._offered[signal.leg]:
            raise protocol.ProtocolError(
                protocol.ErrorCode.BAD_STATE, "There is no offer to answer."
            )
        if signal.n > self._answered.get(signal.leg, 0):
            self._offered[signal.leg] = max(0, self._offered[signal.leg] - 1)
        self._answered[signal.leg] = max(signal.n, self._answered.get(signal.leg, 0))
