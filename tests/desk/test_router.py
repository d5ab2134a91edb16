"""What holds of every round of the router, whoever waits and whoever could answer."""

from itertools import pairwise
from random import Random
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from calls.desk.router import MOST_KEPT, in_line, route
from calls.desk.snapshot import POLICIES, Agent, Need, Snapshot, Waiting
from tests.desk.desks import BILLING, NOW, can_serve, snapshots

many = settings(max_examples=300, deadline=None)
STEP = POLICIES["standard"].ageing_secs
ROUND_SECS = 60.0


@many
@given(snapshot=snapshots)
def test_it_offers_nobody_twice_and_asks_nobody_twice(snapshot: Snapshot) -> None:
    decisions = route(snapshot)
    assert len({one.entry for one in decisions}) == len(decisions)
    assert len({one.agent for one in decisions}) == len(decisions)


@many
@given(snapshot=snapshots)
def test_it_asks_only_who_can_serve_and_may(snapshot: Snapshot) -> None:
    entries = {one.pk: one for one in snapshot.waiting}
    agents = {one.pk: one for one in snapshot.agents}
    for made in route(snapshot):
        assert can_serve(agents[made.agent], entries[made.entry])


@many
@given(snapshot=snapshots)
def test_it_leaves_nobody_waiting_whom_a_free_agent_could_serve(snapshot: Snapshot) -> None:
    decisions = route(snapshot)
    offered, asked = {one.entry for one in decisions}, {one.agent for one in decisions}
    left = [one for one in snapshot.waiting if one.pk not in offered]
    idle = [one for one in snapshot.agents if one.pk not in asked]
    assert not [(agent, entry) for entry in left for agent in idle if can_serve(agent, entry)]


@many
@given(snapshot=snapshots)
def test_it_never_passes_over_who_waited_longer_for_the_same(snapshot: Snapshot) -> None:
    turn = {one.entry: number for number, one in enumerate(route(snapshot))}
    plain = [one for one in snapshot.waiting if not one.barred and one.reserved_for is None]
    for early in plain:
        for late in plain:
            is_alike = (early.need, early.priority) == (late.need, late.priority)
            if is_alike and early.since < late.since and late.pk in turn:
                assert turn[early.pk] < turn[late.pk]


@many
@given(snapshot=snapshots)
def test_it_serves_the_higher_priority_first_where_that_is_strict(snapshot: Snapshot) -> None:
    strict = Snapshot(NOW, snapshot.waiting, snapshot.agents, POLICIES["strict-priority"])
    line = in_line(strict.waiting, strict.policy, NOW)
    for first, second in pairwise(line):
        letters = first.need.medium == "message", second.need.medium == "message"
        assert letters != (True, False)
        if letters in ((False, False), (True, True)):
            assert first.priority >= second.priority


@many
@given(snapshot=snapshots)
def test_it_counts_every_agent_at_the_desk_once(snapshot: Snapshot) -> None:
    for made in route(snapshot):
        assert made.candidate_count + sum(made.refused.values()) == len(snapshot.agents)
        assert len(made.candidates) == min(made.candidate_count, MOST_KEPT)
        assert all(count > 0 for count in made.refused.values())


@many
@given(snapshot=snapshots, seed=st.integers(0, 2**32))
def test_it_decides_the_same_in_whatever_order_it_is_told(snapshot: Snapshot, seed: int) -> None:
    dice = Random(seed)
    line, agents = list(snapshot.waiting), list(snapshot.agents)
    dice.shuffle(line)
    dice.shuffle(agents)
    assert route(Snapshot(NOW, line, agents, snapshot.policy)) == route(snapshot)


# --- Nobody starves ------------------------------------------------------------------------------
def served_at(line: list[Waiting], policy: str, *, rounds: int) -> dict[UUID, float]:
    """When each is served by one agent who takes somebody every minute, while every minute
    somebody of priority 9 comes: the agent is never done with those."""
    line, served = list(line), {}
    for number in range(rounds):
        now = NOW + number * ROUND_SECS
        line.append(Waiting(UUID(int=10_000 + number), Need(BILLING, "video"), now, priority=9))
        ada = Agent(UUID(int=101), now, frozenset({BILLING}))
        [made] = route(Snapshot(now, line, [ada], POLICIES[policy]))
        served[made.entry] = now
        line = [one for one in line if one.pk != made.entry]
    return served


def low_ones(priorities: list[int]) -> list[Waiting]:
    return [
        Waiting(UUID(int=201 + number), Need(BILLING, "video"), NOW - number, priority=priority)
        for number, priority in enumerate(priorities)
    ]


@settings(max_examples=25, deadline=None)
@given(priorities=st.lists(st.integers(0, 9), min_size=1, max_size=12))
def test_everybody_is_served_within_the_bound(priorities: list[int]) -> None:
    """Who comes (q - p) steps of ageing later with priority q is never served before somebody of
    priority p. So at most those are served before who came until then, one in each round."""
    line = low_ones(priorities)
    served = served_at(line, "standard", rounds=len(line) + int(9 * STEP / ROUND_SECS) + 1)
    for one in line:
        overtaken_for_secs = (9 - one.priority) * STEP
        bound_secs = overtaken_for_secs + (len(line) + 1) * ROUND_SECS
        assert served[one.pk] - one.since <= bound_secs


def test_without_ageing_somebody_waits_for_ever() -> None:
    [low] = low_ones([0])
    rounds = int(9 * STEP / ROUND_SECS) + 2
    assert low.pk not in served_at([low], "strict-priority", rounds=rounds)
    assert served_at([low], "standard", rounds=rounds)[low.pk] - low.since == 9 * STEP


def test_an_empty_desk_decides_nothing() -> None:
    assert route(Snapshot(NOW, [], [])) == []
