"""Signals arrive once and in order, whatever is lost between."""

import random
from uuid import UUID

from calls.protocol import Ack, Candidate
from calls.recorder.links import Link, Numbered

LEG = UUID("11111111-1111-4111-8111-111111111111")


def candidate(n: int = 1) -> Candidate:
    return Candidate(leg=LEG, n=n, candidate=f"candidate:{n}")


def test_it_keeps_a_signal_until_it_is_acknowledged() -> None:
    link = Link()
    assert [link.number(candidate(), now=0).n for _ in range(3)] == [1, 2, 3]
    link.acknowledged(Ack(leg=LEG, n=2), now=0.1)
    assert [signal.n for signal in link.everything()] == [3]


def test_it_sends_the_oldest_again_and_waits_twice_as_long_each_time() -> None:
    link = Link()
    link.number(candidate(), now=0)
    link.number(candidate(), now=0)
    steps_of_400_ms = [step for step in range(45) if link.due(step * 0.4 + step * 1e-6)]
    assert steps_of_400_ms == [1, 3, 7, 15, 28, 41]


def test_it_delivers_once_and_in_order() -> None:
    link = Link()
    signals = [candidate(n) for n in range(1, 30)] * 3
    random.Random(2).shuffle(signals)
    delivered: list[Numbered] = []
    for signal in signals:
        delivered += link.receive(signal)
    assert [signal.n for signal in delivered] == list(range(1, 30))
    assert link.delivered == 29


def test_it_holds_a_bounded_number_ahead() -> None:
    link = Link()
    assert link.receive(candidate(100_000)) == []
    assert link.receive(candidate(1)) == [candidate(1)]
