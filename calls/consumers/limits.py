"""How much one socket may say."""

import time
from collections.abc import Callable
from uuid import UUID

from calls import protocol
from calls.wire import ProtocolError


class MessageRate:
    """A token bucket: MESSAGES_PER_SEC sustained, MESSAGE_BURST at once."""

    # This many refused messages in a row of an empty bucket end the socket.
    PATIENCE = 60
    __slots__ = ("_at", "_burst", "_clock", "_per_sec", "_tokens", "refused")

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        *,
        per_sec: float = protocol.MESSAGES_PER_SEC,
        burst: float = protocol.MESSAGE_BURST,
    ) -> None:
        self._clock = clock
        self._per_sec, self._burst = per_sec, burst
        self._tokens = float(burst)
        self._at = clock()
        self.refused = 0

    def allows(self) -> bool:
        """Take one token; False if there is none, which counts towards `exhausted`."""
        now = self._clock()
        self._tokens = min(self._tokens + (now - self._at) * self._per_sec, self._burst)
        if self._tokens == self._burst:
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

    @property
    def is_full(self) -> bool:
        """Whether nothing has been taken for so long that a new bucket would be the same."""
        return self._tokens + (self._clock() - self._at) * self._per_sec >= self._burst


class PeopleLimits:
    """What one person may do over all of their sockets here, also one after the other."""

    MOST_KEPT = 10_000

    def __init__(self) -> None:
        self._messages: dict[UUID, MessageRate] = {}
        self._openings: dict[UUID, MessageRate] = {}

    def messages(self, user_id: UUID | None) -> MessageRate | None:
        """The person's bucket of messages; None for a recorder."""
        if user_id is None:
            return None
        return self._bucket(
            self._messages,
            user_id,
            per_sec=2 * protocol.MESSAGES_PER_SEC,
            burst=2 * protocol.MESSAGE_BURST,
        )

    def opens(self, user_id: UUID | None) -> bool:
        """Count a socket that the person opens; whether they may now."""
        if user_id is None:
            return True
        per_minute = protocol.OPENINGS_PER_MINUTE
        return self._bucket(
            self._openings, user_id, per_sec=per_minute / 60, burst=per_minute
        ).allows()

    def _bucket(
        self, buckets: dict[UUID, MessageRate], user_id: UUID, *, per_sec: float, burst: float
    ) -> MessageRate:
        if user_id not in buckets:
            if len(buckets) >= self.MOST_KEPT:
                for idle in [one for one, bucket in buckets.items() if bucket.is_full]:
                    del buckets[idle]
            buckets[user_id] = MessageRate(per_sec=per_sec, burst=burst)
        return buckets[user_id]


_people = PeopleLimits()


def people() -> PeopleLimits:
    """The limits of this process's people."""
    return _people


class ErrorRate:
    """Counts malformed messages; `count` says whether the last minute has seen too many."""

    __slots__ = ("_at", "_clock")

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._at: list[float] = []

    def count(self) -> bool:
        now = self._clock()
        self._at = [at for at in self._at if at >= now - 60] + [now]
        return len(self._at) >= protocol.ERRORS_PER_MINUTE


class PairRules:
    """What one leg may send to each other leg: bounded candidates, answers only to offers.

    On the socket of a resumed leg an offer may have come to the socket before it, and its answer
    is sent again here: the first answer to each other leg is taken.
    """

    __slots__ = ("_answered", "_candidates", "_counted", "_offered", "_resumed")

    def __init__(self, *, resumed: bool = False) -> None:
        self._resumed = resumed
        self._candidates: dict[UUID, int] = {}
        self._counted: dict[UUID, int] = {}
        self._offered: dict[UUID, int] = {}
        self._answered: dict[UUID, int] = {}

    def forget(self, leg: UUID) -> None:
        """The link with `leg` has ended: a later one counts from the beginning."""
        for one in (self._candidates, self._counted, self._offered, self._answered):
            one.pop(leg, None)

    def offered_by(self, leg: UUID, n: int) -> None:
        """The offer number `n` of `leg` was delivered here: it may be answered."""
        self._offered[leg] = max(n, self._offered.get(leg, 0))

    def check(self, signal: protocol.Signal) -> None:
        """Raise ProtocolError (`rate`, `bad_field`, `bad_state`) if `signal` may not go to its leg
        now."""
        if isinstance(signal, protocol.Candidate):
            if not self._is_new(signal):
                return
            count = self._candidates.get(signal.leg, 0) + 1
            self._candidates[signal.leg] = count
            if count > protocol.MAX_CANDIDATES_PER_PAIR:
                raise ProtocolError(
                    protocol.ErrorCode.RATE, "Too many candidates for one description."
                )
        elif isinstance(signal, protocol.Description):
            if self._is_new(signal):
                self._candidates[signal.leg] = 0
            if signal.type == "answer":
                self._check_answer(signal)
            elif signal.to is not None:
                raise ProtocolError(
                    protocol.ErrorCode.BAD_FIELD, "An offer answers nothing - at `$.to`"
                )

    def _is_new(self, signal: protocol.Candidate | protocol.Description) -> bool:
        """Whether it comes for the first time: what is sent again is not more than before."""
        if signal.n <= self._counted.get(signal.leg, 0):
            return False
        self._counted[signal.leg] = signal.n
        return True

    def _check_answer(self, signal: protocol.Description) -> None:
        """Offers come in order, so an answer to any number up to the last one delivered is fine."""
        if signal.to is None:
            raise ProtocolError(
                protocol.ErrorCode.BAD_FIELD, "An answer names its offer - at `$.to`"
            )
        answered = self._answered.get(signal.leg)
        if signal.to > self._offered.get(signal.leg, 0):
            repeated = answered is not None and signal.n <= answered
            if not repeated and not (self._resumed and answered is None):
                raise ProtocolError(protocol.ErrorCode.BAD_STATE, "There is no offer to answer.")
        self._answered[signal.leg] = max(signal.n, answered or 0)
