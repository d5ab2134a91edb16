"""Signals over a line that loses, doubles, reorders and breaks: once each, in order, no storm."""

import heapq
import random
from collections.abc import Callable
from itertools import count
from uuid import UUID

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from calls.protocol import Ack, Media
from calls.recorder.links import WINDOW, Link, Numbered

LEG = UUID("11111111-1111-4111-8111-111111111111")
SIGNALS = 60
# Beyond so many frames a signal, and a window for each new socket, resending feeds on itself.
STORM = 8
# The recorder looks this often whether something is due (calls/recorder/socket.py).
TICK_SECS = 0.2
DONE_WITHIN_SECS = 900.0
# The last acknowledgements may be lost too.
SETTLED_WITHIN_SECS = 120.0
QUIET_SECS = 60.0

SOME = settings(
    max_examples=80, deadline=None, database=None, phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


class End:
    """One end: its link, whether its socket is open, what was delivered and how much was sent."""

    def __init__(self) -> None:
        self.link = Link()
        self.is_up = True
        self.delivered: list[int] = []
        self.frames = 0
        self.resumed = 0


class Line:
    """Two ends and what lies between, in a time of its own."""

    def __init__(self, seed: int, *, loss: float, doubles: float, delay_secs: float) -> None:
        self.now = 0.0
        self.ends = (End(), End())
        self._random = random.Random(seed)
        self._loss, self._doubles, self._delay_secs = loss, doubles, delay_secs
        self._order = count()
        self._due: list[tuple[float, int, Callable[[], None]]] = []

    def at(self, secs: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._due, (secs, next(self._order), action))

    def say(self, which: int) -> None:
        signal = Media(leg=LEG, n=1, audio=True, video=True)
        self._transmit(which, self.ends[which].link.send(signal, now=self.now))

    def breaks(self, which: int, *, secs: float) -> None:
        """The socket of one end is lost, with all that is under way, and comes back."""
        end = self.ends[which]
        end.is_up = False
        self.at(self.now + secs, lambda: self._back(which))

    def run(self, until: Callable[[], bool], *, secs: float) -> bool:
        """Let time pass until the condition holds; False if it does not within `secs`."""
        end = self.now + secs
        while self.now < end:
            self.now += TICK_SECS
            while self._due and self._due[0][0] <= self.now:
                heapq.heappop(self._due)[2]()
            for which in (0, 1):
                self._transmit(which, self.ends[which].link.due(self.now))
            if until():
                return True
        return False

    def is_done(self) -> bool:
        return all(len(end.delivered) == SIGNALS for end in self.ends)

    def _back(self, which: int) -> None:
        end = self.ends[which]
        end.is_up = True
        end.resumed += 1
        self._transmit(which, end.link.resume(self.now))

    def _transmit(self, which: int, frames: list[Numbered] | list[Ack]) -> None:
        end = self.ends[which]
        for frame in frames:
            if not end.is_up:
                continue
            end.frames += isinstance(frame, Media)
            for _ in range(2 if self._random.random() < self._doubles else 1):
                if self._random.random() >= self._loss:
                    arrival = self.now + self._random.uniform(0.5, 1) * self._delay_secs
                    self.at(arrival, lambda frame=frame: self._arrive(1 - which, frame))  # type: ignore[misc]

    def _arrive(self, which: int, frame: Numbered | Ack) -> None:
        end = self.ends[which]
        if not end.is_up:
            return
        if isinstance(frame, Ack):
            self._transmit(which, end.link.acknowledged(frame, now=self.now))
            return
        end.delivered += [signal.n for signal in end.link.receive(frame)]
        self._transmit(which, [Ack(leg=LEG, n=end.link.delivered)])


a_break = st.tuples(st.floats(0, 20), st.floats(0.1, 8), st.sampled_from([0, 1]))


@SOME
@given(
    seed=st.integers(0, 2**32),
    loss=st.sampled_from([0.0, 0.1, 0.4]),
    doubles=st.sampled_from([0.0, 0.3]),
    delay_secs=st.sampled_from([0.01, 0.3, 2.0]),
    breaks=st.lists(a_break, max_size=4),
)
def test_it_delivers_once_in_order_and_falls_silent(
    seed: int,
    loss: float,
    doubles: float,
    delay_secs: float,
    breaks: list[tuple[float, float, int]],
) -> None:
    line = Line(seed, loss=loss, doubles=doubles, delay_secs=delay_secs)
    for which in (0, 1):
        for number in range(SIGNALS):
            line.at(number * 0.1, lambda which=which: line.say(which))  # type: ignore[misc]
    for at, secs, which in breaks:
        line.at(at, lambda which=which, secs=secs: line.breaks(which, secs=secs))  # type: ignore[misc]

    assert line.run(line.is_done, secs=DONE_WITHIN_SECS)
    line.run(lambda: False, secs=SETTLED_WITHIN_SECS)

    for end in line.ends:
        assert end.delivered == list(range(1, SIGNALS + 1))
        assert end.frames <= STORM * SIGNALS + WINDOW * end.resumed
    sent = [end.frames for end in line.ends]
    line.run(lambda: False, secs=QUIET_SECS)
    assert [end.frames for end in line.ends] == sent


def test_it_sends_nothing_twice_on_a_good_line() -> None:
    line = Line(1, loss=0, doubles=0, delay_secs=0.05)
    for number in range(SIGNALS):
        line.at(number * 0.1, lambda: line.say(0))
    line.run(lambda: False, secs=QUIET_SECS)
    assert line.ends[1].delivered == list(range(1, SIGNALS + 1))
    assert line.ends[0].frames == SIGNALS
