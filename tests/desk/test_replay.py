"""A small day, run again under another policy."""

from uuid import UUID

import pytest

from calls.desk.replay import Contact, Outcome, Staff, Stage, changes, replay
from calls.desk.snapshot import POLICIES, Medium, Need
from calls.desk.stretches import merged
from calls.desk.waits import Wait, Waits, summed_up
from tests.desk.desks import ADA, BILLING, CLINIC, LI, MEI, NOW, OLA, SAM, TOMAS, agent

DAY_END = NOW + 10_000
VIDEO, URGENT = Need(BILLING, "video"), Need(CLINIC, "video")


def contact(
    pk: UUID, at: float, *, need: Need = VIDEO, priority: int = 0, **more: object
) -> Contact:
    """Somebody who comes so many seconds after the beginning, for a talk of 100 seconds."""
    stages = more.pop("stages", (Stage(0, need, priority),))
    return Contact(pk, NOW + at, stages, talk_secs=100, **more)  # type: ignore[arg-type]


def staff(pk: UUID, *shifts: tuple[float, float], **more: object) -> Staff:
    """An agent of both queues who is there all day, or in these shifts."""
    who = agent(pk, queues=[BILLING, CLINIC], **more)  # type: ignore[arg-type]
    return Staff(who, tuple((NOW + a, NOW + b) for a, b in shifts or ((0, 10_000),)))


def run(
    contacts: list[Contact], staff: list[Staff], policy: str = "standard"
) -> dict[UUID, Outcome]:
    return replay(contacts, staff, POLICIES[policy], until=DAY_END)


def test_people_are_served_one_after_another_with_pick_up_and_after_call_work() -> None:
    people = [
        contact(MEI, 0, pickup_secs=5, wrap_up_secs=20),
        contact(SAM, 10, pickup_secs=5, wrap_up_secs=20),
    ]
    # Mei: 0 rings, 5 to 105 talks, until 125 after-call work; Sam rings then.
    assert run(people, [staff(ADA)]) == {MEI: Outcome(5, ADA), SAM: Outcome(120, ADA)}


def test_a_strict_priority_makes_the_others_wait() -> None:
    people = [
        contact(OLA, 0, priority=5),
        contact(MEI, 1),
        *(contact(UUID(int=300 + n), 50 + 100 * n, priority=1) for n in range(12)),
    ]
    # Every 100 seconds somebody of priority 1 is there; after 900 Mei is their equal and older.
    assert run(people, [staff(ADA)])[MEI] == Outcome(999, ADA)
    assert run(people, [staff(ADA)], "strict-priority")[MEI] == Outcome(1299, ADA)
    assert run(people, [staff(ADA)], "first-come")[MEI] == Outcome(99, ADA)


def test_who_has_waited_long_enough_gives_up() -> None:
    people = [contact(MEI, 0), contact(SAM, 10, patience_secs=60), contact(LI, 20)]
    assert run(people, [staff(ADA)]) == {
        MEI: Outcome(0, ADA),
        SAM: Outcome(60, None),
        LI: Outcome(80, ADA),
    }


def test_who_gives_up_while_it_rings_frees_the_agent() -> None:
    people = [contact(MEI, 0, pickup_secs=30, patience_secs=20), contact(SAM, 10)]
    assert run(people, [staff(ADA)]) == {MEI: Outcome(20, None), SAM: Outcome(10, ADA)}


def test_agents_answer_in_their_shifts_and_finish_what_they_began() -> None:
    people = [contact(MEI, 0), contact(SAM, 10), contact(LI, 250)]
    shifts = staff(ADA, (50, 60), (300, 400))
    # Mei is taken at 50 and spoken with until 150; Sam and Li wait for the second shift.
    assert run(people, [shifts]) == {
        MEI: Outcome(50, ADA),
        SAM: Outcome(290, ADA),
        LI: Outcome(9750, None),
    }


def test_somebody_who_waits_too_long_for_one_queue_goes_on_to_the_next() -> None:
    travel = Need(UUID(int=3), "video")
    stages = (Stage(0, travel), Stage(120, VIDEO))
    assert run([contact(MEI, 0, stages=stages)], [staff(ADA)]) == {MEI: Outcome(120, ADA)}


def test_who_is_assigned_waits_for_that_agent_until_the_time_is_up() -> None:
    def of(shift: tuple[float, float]) -> Outcome:
        stages = (Stage(0, VIDEO, reserved_for=TOMAS), Stage(60, VIDEO))
        return run([contact(MEI, 0, stages=stages)], [staff(ADA), staff(TOMAS, shift)])[MEI]

    assert of((20, 900)) == Outcome(20, TOMAS)
    assert of((500, 900)) == Outcome(60, ADA)


def test_somebody_is_in_line_from_the_first_stage_on() -> None:
    late = (Stage(30, VIDEO),)
    assert run([contact(MEI, 0, stages=late)], [staff(ADA)]) == {MEI: Outcome(30, ADA)}


def test_chats_run_beside_each_other_and_calls_do_not() -> None:
    def of(medium: Medium) -> dict[UUID, Outcome]:
        need = Need(BILLING, medium)
        people = [contact(MEI, 0, need=need), contact(SAM, 10, need=need)]
        return run(people, [staff(ADA, most_chats=2)])

    assert of("text")[SAM] == Outcome(0, ADA)
    assert of("audio")[SAM] == Outcome(90, ADA)


def test_the_last_contact_and_idleness_count_as_they_do_in_the_router() -> None:
    people = [contact(MEI, 0), contact(SAM, 200, last_agent=ADA), contact(LI, 400)]
    desks = [staff(ADA), staff(TOMAS)]
    assert [one.agent for one in run(people, desks).values()] == [ADA, ADA, TOMAS]
    kept = run(people, desks, "no-last-contact")
    assert [one.agent for one in kept.values()] == [ADA, TOMAS, ADA]


def test_stretches_that_touch_are_one() -> None:
    assert merged([(5, 9), (0, 5), (20, 30), (25, 28), (40, 40)]) == ((0, 9), (20, 30))


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            "standard",
            "strict-priority",
            "With strict-priority no wait, however long, outweighs a higher priority.",
        ),
        (
            "strict-priority",
            "standard",
            "With standard every 15 minutes of waiting raise a priority by one.",
        ),
        (
            "standard",
            "first-come",
            "With first-come whoever has waited longest comes first, whatever their priority.",
        ),
        (
            "standard",
            "any-agent",
            "With any-agent the agent of the last contact is not asked first, and preferred"
            " skills and languages do not count.",
        ),
        ("standard", "standard", "standard decides as standard does."),
    ],
)
def test_it_says_in_one_line_what_a_policy_changes(before: str, after: str, said: str) -> None:
    assert changes(POLICIES[before], POLICIES[after]) == said


# --- Figures -------------------------------------------------------------------------------------
def test_waits_are_summed_up() -> None:
    waits = [Wait(secs, is_answered=True, target_secs=60) for secs in (5, 10, 20, 30, 40, 59, 61)]
    waits += [Wait(secs, is_answered=False, target_secs=60) for secs in (9, 50, 200, 300)]
    # The nine seconds are left out; of seven answered and two who gave up late six were in time.
    assert summed_up(waits) == Waits(
        people=10,
        median_secs=40,
        ninetieth_secs=200,
        longest_secs=300,
        in_target=6 / 9,
        gave_up=1 - 7 / 10,
    )


def test_nobody_waited_on_an_empty_day() -> None:
    assert summed_up([]) == Waits(people=0)
