"""What one leg may send to another, without a socket."""

from uuid import uuid4

import pytest

from calls.consumers.limits import PairRules
from calls.protocol import Candidate, Description, ErrorCode
from calls.wire import ProtocolError

OTHER = uuid4()


def answer(n: int, to: int = 1) -> Description:
    return Description(leg=OTHER, n=n, type="answer", sdp="v=0", to=to)


def test_it_takes_an_answer_only_to_an_offer() -> None:
    rules = PairRules()
    with pytest.raises(ProtocolError) as refused:
        rules.check(answer(1))
    assert refused.value.code == ErrorCode.BAD_STATE
    rules.offered_by(OTHER, 1)
    rules.check(answer(1))


def test_it_takes_the_answer_that_a_lost_socket_still_owed() -> None:
    rules = PairRules(resumed=True)
    rules.check(answer(3))
    rules.check(answer(3))
    with pytest.raises(ProtocolError):
        rules.check(answer(4))


def test_it_takes_an_answer_to_each_of_two_offers_that_came_together() -> None:
    rules = PairRules()
    rules.offered_by(OTHER, 1)
    rules.offered_by(OTHER, 4)
    rules.check(answer(1, to=1))
    rules.check(answer(1, to=1))
    rules.check(answer(2, to=4))
    with pytest.raises(ProtocolError):
        rules.check(answer(3, to=5))


def test_it_takes_no_offer_that_answers() -> None:
    offer = Description(leg=OTHER, n=1, type="offer", sdp="v=0", to=1)
    with pytest.raises(ProtocolError) as refused:
        PairRules().check(offer)
    assert refused.value.code == ErrorCode.BAD_FIELD


def test_it_takes_no_answer_that_does_not_name_its_offer() -> None:
    rules = PairRules()
    rules.offered_by(OTHER, 1)
    with pytest.raises(ProtocolError) as refused:
        rules.check(Description(leg=OTHER, n=1, type="answer", sdp="v=0"))
    assert refused.value.code == ErrorCode.BAD_FIELD


def test_it_does_not_count_candidates_that_are_sent_again() -> None:
    rules = PairRules()
    for _ in range(3):
        for n in range(1, 51):
            rules.check(Candidate(leg=OTHER, n=n, candidate=""))
    with pytest.raises(ProtocolError) as refused:
        rules.check(Candidate(leg=OTHER, n=51, candidate=""))
    assert refused.value.code == ErrorCode.RATE


def test_it_gives_no_more_candidates_for_a_description_sent_again() -> None:
    rules = PairRules()
    offer = Description(leg=OTHER, n=1, type="offer", sdp="v=0")
    rules.check(offer)
    for n in range(2, 52):
        rules.check(Candidate(leg=OTHER, n=n, candidate=""))
    rules.check(offer)
    with pytest.raises(ProtocolError):
        rules.check(Candidate(leg=OTHER, n=52, candidate=""))
