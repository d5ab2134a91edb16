"""How long somebody will wait: never less with more people ahead, and right eight times of ten."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calls.desk.estimate import Estimate, estimate, pace

aheads = st.integers(0, 500)
paces = st.floats(1e-5, 10.0)


def estimated(ahead: int, pace: float) -> Estimate:
    found = estimate(ahead=ahead, pace=pace)
    assert found is not None
    return found


@settings(deadline=None)
@given(ahead=aheads, pace=paces)
def test_the_interval_holds_the_middle(ahead: int, pace: float) -> None:
    found = estimated(ahead, pace)
    assert 0 < found.least_secs < found.middle_secs < found.most_secs


@settings(deadline=None)
@given(ahead=aheads, pace=paces)
def test_one_more_ahead_is_a_longer_wait(ahead: int, pace: float) -> None:
    fewer, more = estimated(ahead, pace), estimated(ahead + 1, pace)
    assert fewer.least_secs < more.least_secs
    assert fewer.middle_secs < more.middle_secs
    assert fewer.most_secs < more.most_secs


@settings(deadline=None)
@given(
    agents=st.integers(1, 200),
    handle_secs=st.floats(10, 7200),
    answered=st.integers(0, 1000),
    window_secs=st.floats(0, 7200),
)
def test_more_agents_and_more_answers_are_a_better_pace(
    agents: int, handle_secs: float, answered: int, window_secs: float
) -> None:
    def of(agents: int, answered: int) -> float:
        return pace(
            agents=agents, handle_secs=handle_secs, answered=answered, window_secs=window_secs
        )

    assert 0 < of(agents, answered) <= of(agents + 1, answered)
    assert of(agents, answered) < of(agents, answered + 1)


@pytest.mark.parametrize(("agents", "handle_secs"), [(0, 300.0), (3, 0.0)])
def test_without_anybody_to_answer_nothing_is_promised(agents: int, handle_secs: float) -> None:
    assert pace(agents=agents, handle_secs=handle_secs, answered=9, window_secs=1800) == 0
    assert estimate(ahead=0, pace=0.0) is None


def test_the_assumed_pace_holds_until_something_was_counted() -> None:
    assert pace(agents=3, handle_secs=300, answered=0, window_secs=0) == pytest.approx(0.01)
    # Three answers in five minutes assumed, and 27 counted in twenty-five: one a minute.
    counted = pace(agents=3, handle_secs=300, answered=27, window_secs=1500)
    assert counted == pytest.approx(30 / 1800)


# The exact 10th, 50th and 90th percentile of the Erlang distribution, mean 1 for each answer.
@pytest.mark.parametrize(
    ("ahead", "least", "middle", "most"),
    [(0, 0.105, 0.693, 2.303), (4, 2.433, 4.671, 7.994), (19, 14.525, 19.668, 25.903)],
)
def test_it_is_near_the_exact_quantiles(
    ahead: int, least: float, middle: float, most: float
) -> None:
    found = estimated(ahead, 1.0)
    assert found.least_secs == pytest.approx(least, abs=0.03)
    assert found.middle_secs == pytest.approx(middle, abs=0.03)
    assert found.most_secs == pytest.approx(most, abs=0.03)


@pytest.mark.parametrize("ahead", [0, 1, 4, 19])
def test_eight_of_ten_waits_lie_in_the_interval(ahead: int) -> None:
    """Answers of a Poisson process, four a minute; of 20,000 waits 79.4 to 80.6 % are expected
    (two standard errors), and the approximation moves that by less than one in a hundred."""
    dice, rate = Random(20261130), 4 / 60
    found = estimated(ahead, rate)
    waits = [sum(dice.expovariate(rate) for _ in range(ahead + 1)) for _ in range(20_000)]
    inside = sum(found.least_secs <= wait <= found.most_secs for wait in waits) / len(waits)
    print(f"{ahead} ahead: {inside:.1%} of the waits lie in the interval")
    assert 0.78 <= inside <= 0.82
