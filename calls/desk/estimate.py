"""How long somebody will still wait: a number with its spread, or none where nothing is known."""

from dataclasses import dataclass
from math import sqrt

# The interval holds the middle 80 % of what may come.
Z_80 = 1.2816
# How much the assumed pace weighs beside the answers that were counted: as so many answers.
PRIOR_ANSWERS = 3.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """Seconds: half of the people with this place wait no longer than `middle_secs`, and eight of
    ten between `least_secs` and `most_secs`."""

    least_secs: float
    middle_secs: float
    most_secs: float


# An agent is free: what is left is the person's own device check, and the ringing.
AT_ONCE = Estimate(0.0, 20.0, 60.0)


def pace(*, agents: int, handle_secs: float, answered: int, window_secs: float) -> float:
    """Answers a second that a queue can count on; 0 if nobody is there to answer.

    What `agents` could do if each contact takes `handle_secs`, corrected by how many were
    `answered` in the last `window_secs`: agents may serve other queues as well.
    """
    if agents <= 0 or handle_secs <= 0:
        return 0.0
    assumed = agents / handle_secs
    return (PRIOR_ANSWERS + answered) / (PRIOR_ANSWERS / assumed + window_secs)


def estimate(*, ahead: int, pace: float) -> Estimate | None:
    """The wait of somebody with `ahead` people before them, all agents being busy; None without
    any pace.

    The time until the k-th answer of a Poisson process has the Erlang distribution; its quantiles
    are approximated as by Wilson and Hilferty (PNAS 17, 1931, 684-688).
    """
    if pace <= 0:
        return None
    shape = ahead + 1
    least, middle, most = (_erlang(shape, z) / pace for z in (-Z_80, 0.0, Z_80))
    return Estimate(least, middle, most)


def _erlang(shape: int, z: float) -> float:
    """The quantile of the sum of `shape` exponential times of mean 1, `z` as in a standard normal
    distribution."""
    root = 1 - 1 / (9 * shape) + z / (3 * sqrt(shape))
    return float(shape * max(root, 0.0) ** 3)
