"""Signals arrive once and in order, whatever is lost between."""

import random
from uuid import UUID

import pytest

from calls.protocol import Ack, Blank, Candidate
from calls.recorder.links import WINDOW, Link, Numbered

LEG = UUID("11111111-1111-4111-8111-111111111111")


def candidate(n: int = 1) -> Candidate:
    return Candidate(leg=LEG, n=n, candidate=f"candidate:{n}")


def ack(n: int) -> Ack:
    return Ack(leg=LEG, n=n)


def numbers(signals: list[Numbered]) -> list[int]:
    return [signal.n for signal in signals]


def resends(link: Link, *, since: float, secs: float) -> list[float]:
    """When the link sends again, in steps of 10 ms, as seconds after `since`."""
    steps = range(1, round(secs * 100) + 1)
    return [step / 100 for step in steps if link.due(since + step / 100 + 1e-6)]


def test_it_keeps_a_signal_until_it_is_acknowledged() -> None:
    link = Link()
    assert [numbers(link.send(candidate(), now=0)) for _ in range(3)] == [[1], [2], [3]]
    link.acknowledged(ack(2), now=0.1)
    assert numbers(link.resume(0.2)) == [3]


def test_it_sends_the_oldest_again_and_waits_twice_as_long_each_time() -> None:
    link = Link()
    link.send(candidate(), now=0)
    link.send(candidate(), now=0)
    times = resends(link, since=0, secs=22)
    assert times == pytest.approx([0.4, 1.2, 2.8, 6, 11, 16, 21], abs=0.1)


def test_it_sends_again_soon_on_a_fast_line() -> None:
    link = Link()
    for step in range(5):
        link.send(candidate(), now=step)
        link.acknowledged(ack(step + 1), now=step + 0.01)
    link.send(candidate(), now=10)
    assert resends(link, since=10, secs=0.5) == [0.2]


def test_it_sends_nothing_twice_on_a_slow_line_that_it_has_come_to_know() -> None:
    link = Link()
    again = []
    for step in range(8):
        link.send(candidate(), now=10 * step)
        again.append(len(resends(link, since=10 * step, secs=1.2)))
        link.acknowledged(ack(step + 1), now=10 * step + 1.2)
    assert again[0] > 0
    assert again[-3:] == [0, 0, 0]


def test_it_sends_all_that_was_lost_when_an_other_end_that_was_silent_is_back() -> None:
    link = Link()
    for _ in range(5):
        link.send(candidate(), now=0)
    assert resends(link, since=0, secs=2)
    assert numbers(link.acknowledged(ack(1), now=2)) == [2, 3, 4, 5]


def test_it_says_nothing_in_the_place_of_a_signal_that_is_refused_for_good() -> None:
    link = Link()
    link.send(candidate(), now=0)
    assert link.refused(1, now=0) == [Blank(leg=LEG, n=1)]
    assert link.refused(1, now=0) == []
    assert link.refused(9, now=0) == []
    assert link.resume(0) == [Blank(leg=LEG, n=1)]


def test_it_delivers_nothing_for_a_blank() -> None:
    link = Link()
    assert link.receive(candidate(2)) == []
    assert link.receive(Blank(leg=LEG, n=1)) == [candidate(2)]
    assert link.delivered == 2


def test_it_has_a_bounded_number_under_way() -> None:
    link = Link()
    sent = [signal for _ in range(WINDOW + 3) for signal in link.send(candidate(), now=0)]
    assert len(sent) == WINDOW
    assert numbers(link.acknowledged(ack(2), now=0.01)) == [WINDOW + 1, WINDOW + 2]


def test_it_delivers_once_and_in_order() -> None:
    link = Link()
    signals = [candidate(n) for n in range(1, 30)] * 3
    random.Random(2).shuffle(signals)
    delivered: list[Numbered] = []
    for signal in signals:
        delivered += link.receive(signal)
    assert numbers(delivered) == list(range(1, 30))
    assert link.delivered == 29


def test_it_holds_a_bounded_number_ahead() -> None:
    link = Link()
    assert link.receive(candidate(100_000)) == []
    assert link.receive(candidate(1)) == [candidate(1)]
