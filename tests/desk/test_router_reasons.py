"""Whom the router chooses, and the word that it gives for it, in examples."""

from uuid import UUID

import pytest

from calls.desk.router import Candidate, route
from calls.desk.snapshot import Medium, Need, Snapshot
from tests.desk.desks import (
    ADA,
    BILLING,
    CLINIC,
    INES,
    JUNO,
    LI,
    MEI,
    NOW,
    OLA,
    SAM,
    TOMAS,
    agent,
    desk,
    waiting,
)


def told(snapshot: Snapshot) -> list[tuple[UUID, UUID, str]]:
    return [(one.entry, one.agent, one.reason) for one in route(snapshot)]


def test_the_longest_idle_is_asked() -> None:
    [made] = route(desk([agent(ADA, idle=10), agent(TOMAS, idle=90)], [waiting(MEI, waited=61)]))
    assert (made.agent, made.reason, made.waited_secs) == (TOMAS, "longest_idle", 61)
    assert made.candidates == [Candidate(TOMAS, 90.0, 0), Candidate(ADA, 10.0, 0)]
    assert (made.candidate_count, made.refused) == (2, {})


def test_of_equally_idle_agents_the_lower_id_is_asked() -> None:
    assert told(desk([agent(TOMAS, idle=5), agent(ADA, idle=5)], [waiting(MEI)])) == [
        (MEI, ADA, "longest_idle")
    ]


def test_the_agent_of_the_last_contact_is_asked_first() -> None:
    agents = [agent(ADA, idle=10), agent(TOMAS, idle=90)]
    line = [waiting(MEI, last_agent=ADA)]
    assert told(desk(agents, line)) == [(MEI, ADA, "last_contact")]
    assert told(desk(agents, line, "no-last-contact")) == [(MEI, TOMAS, "longest_idle")]
    assert told(desk(agents, line, "any-agent")) == [(MEI, TOMAS, "longest_idle")]


def test_nobody_is_kept_waiting_for_the_agent_of_the_last_contact() -> None:
    busy = agent(ADA, calls=1)
    assert told(desk([busy, agent(TOMAS)], [waiting(MEI, last_agent=ADA)])) == [
        (MEI, TOMAS, "only_one")
    ]


def test_most_of_the_preferred_skills_come_before_idleness() -> None:
    need = Need(BILLING, "video", preferred=frozenset({1, 2}))
    agents = [
        agent(ADA, idle=90, skills=frozenset({1})),
        agent(TOMAS, idle=10, skills=frozenset({1, 2, 3})),
    ]
    [made] = route(desk(agents, [waiting(MEI, need=need)]))
    assert (made.agent, made.reason) == (TOMAS, "preferred")
    assert made.candidates == [Candidate(TOMAS, 10.0, 2), Candidate(ADA, 90.0, 1)]
    [made] = route(desk(agents, [waiting(MEI, need=need)], "any-agent"))
    assert (made.agent, made.reason) == (ADA, "longest_idle")


def test_a_preferred_language_counts_as_a_wish_and_a_required_one_rules_out() -> None:
    agents = [agent(ADA, idle=90), agent(TOMAS, languages=frozenset({"de"}))]
    wish = Need(BILLING, "video", language="de", language_rule="preferred")
    [made] = route(desk(agents, [waiting(MEI, need=wish)]))
    assert (made.agent, made.reason, made.candidate_count) == (TOMAS, "preferred", 2)
    must = Need(BILLING, "video", language="de", language_rule="required")
    [made] = route(desk(agents, [waiting(MEI, need=must)]))
    assert (made.agent, made.reason, made.refused) == (TOMAS, "only_one", {"language": 1})
    any_one = Need(BILLING, "video", language="de")
    assert told(desk(agents, [waiting(MEI, need=any_one)])) == [(MEI, ADA, "longest_idle")]


def test_who_is_reserved_waits_for_that_agent_until_the_time_is_over() -> None:
    line = [waiting(MEI, reserved_for=ADA, reserved_until=NOW + 30)]
    assert told(desk([agent(TOMAS, idle=90)], line)) == []
    [made] = route(desk([agent(TOMAS, idle=90), agent(ADA)], line))
    assert (made.agent, made.reason, made.refused) == (ADA, "reserved", {"reserved": 1})
    line = [waiting(MEI, reserved_for=ADA, reserved_until=NOW)]
    assert told(desk([agent(TOMAS, idle=90), agent(ADA)], line)) == [(MEI, TOMAS, "longest_idle")]


def test_who_declined_a_moment_ago_is_not_asked_again() -> None:
    [made] = route(
        desk([agent(ADA, idle=90), agent(TOMAS)], [waiting(MEI, barred=frozenset({ADA}))])
    )
    assert (made.agent, made.reason, made.refused) == (TOMAS, "only_one", {"barred": 1})


def test_it_says_what_ruled_the_others_out() -> None:
    need = Need(BILLING, "text", required=frozenset({1}))
    able = frozenset({1})
    agents = [
        agent(ADA, skills=able),
        agent(TOMAS),
        agent(INES, skills=able, queues=[CLINIC]),
        agent(JUNO, skills=able, chats=2, most_chats=2),
    ]
    [made] = route(desk(agents, [waiting(MEI, need=need)]))
    assert made.agent == ADA
    assert made.refused == {"skill": 1, "other_queue": 1, "room": 1}


def test_an_agent_asked_in_this_round_is_counted_for_the_next_entry() -> None:
    agents = [agent(ADA, idle=90), agent(TOMAS)]
    first, second = route(desk(agents, [waiting(MEI, waited=9), waiting(SAM, waited=5)]))
    assert (first.entry, first.agent, first.refused) == (MEI, ADA, {})
    assert (second.entry, second.agent, second.refused) == (SAM, TOMAS, {"offered": 1})


@pytest.mark.parametrize(
    ("policy", "order"),
    [
        ("standard", [SAM, MEI, LI]),
        ("strict-priority", [LI, SAM, MEI]),
        ("first-come", [MEI, SAM, LI]),
    ],
)
def test_the_line_goes_by_priority_and_waiting(policy: str, order: list[UUID]) -> None:
    # After fifteen minutes each, one step: 0 + 2, 1 + 2, 2 + 0.
    line = [
        waiting(MEI, waited=1900),
        waiting(SAM, waited=1850, priority=1),
        waiting(LI, waited=60, priority=2),
    ]
    agents = [agent(ADA), agent(TOMAS), agent(INES)]
    assert [one.entry for one in route(desk(agents, line, policy))] == order


def test_letters_come_after_everybody_who_waits() -> None:
    letter = waiting(OLA, waited=9000, priority=9, need=Need(BILLING, "message"))
    assert told(desk([agent(ADA)], [letter, waiting(MEI)])) == [(MEI, ADA, "only_one")]
    assert told(desk([agent(ADA)], [letter])) == [(OLA, ADA, "only_one")]


@pytest.mark.parametrize("medium", ["video", "audio", "text", "message"])
def test_who_is_in_a_call_gets_nothing(medium: Medium) -> None:
    line = [waiting(MEI, need=Need(BILLING, medium))]
    assert route(desk([agent(ADA, calls=1, most_chats=3)], line)) == []


def test_who_writes_gets_more_to_write_and_nothing_else() -> None:
    ada = agent(ADA, chats=2, most_chats=3)
    assert told(desk([ada], [waiting(MEI, need=Need(BILLING, "text"))])) == [(MEI, ADA, "only_one")]
    assert route(desk([ada], [waiting(MEI), waiting(SAM, need=Need(BILLING, "audio"))])) == []


def test_who_is_handed_on_goes_to_a_colleague_of_another_queue() -> None:
    [made] = route(
        desk(
            [agent(ADA, idle=500), agent(TOMAS, queues=[CLINIC]), agent(INES)],
            [waiting(MEI, reserved_for=TOMAS, reserved_until=NOW + 30, handed_on=True)],
        )
    )
    assert (made.agent, made.reason, made.candidates[0].lacks) == (
        TOMAS,
        "reserved",
        ("other_queue",),
    )
    assert made.refused == {"reserved": 2}


def test_who_is_kept_for_an_agent_by_a_rule_still_needs_one_of_the_queue() -> None:
    line = [waiting(MEI, reserved_for=TOMAS, reserved_until=NOW + 30)]
    assert route(desk([agent(ADA), agent(TOMAS, queues=[CLINIC])], line)) == []
