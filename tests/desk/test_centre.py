"""Ten hours of a centre with twenty agents: nothing is lost, doubled or left open."""

from collections import Counter
from datetime import time, timedelta
from functools import partial
from itertools import pairwise
from random import Random
from statistics import median

import pytest

from accounts.models import Role
from calls.desk.states import AgentState, EntryState, HandlingState
from calls.models import (
    AgentSpan,
    DeskAgent,
    EntryEvent,
    EntryEventKind,
    Handling,
    Queue,
    QueueEntry,
    QueueHours,
    QueueOffer,
    RoutingDecision,
    Skill,
)
from calls.services.desk import agents
from tests.desk import house
from tests.desk.centre import CLINIC_CLOSES, MINUTE, OPENS, Centre

# Committed as it goes: PostgreSQL drags every version of a row through a transaction that lasts.
pytestmark = pytest.mark.django_db(transaction=True)

HOUR = 60 * MINUTE
AGENTS, HOURS = 20, 10
# In truth once a second; here also whenever somebody's time is up.
SWEEPS_SECS = 2 * MINUTE
# Contacts that come in each hour; more than the agents can answer in the fourth and fifth.
COMING = (16, 25, 40, 50, 50, 40, 27, 22, 18, 12)


@pytest.mark.timeout(1200)  # ten hours, through the real services
def test_ten_hours_of_a_centre() -> None:
    centre = Centre(Random(2026))
    with centre.clock():
        open_centre(centre)
        plan_people(centre)
        plan_agents(centre)
        for number in range(int(HOURS * HOUR / SWEEPS_SECS)):
            centre.at(SWEEPS_SECS * number, centre.sweep)
        centre.run(HOURS * HOUR)
        close(centre)
        centre.run((HOURS + 3) * HOUR)
    print(dict(sorted(centre.seen.items())))
    nobody_is_lost_or_served_twice(centre)
    each_days_spans_are_whole(centre)
    estimates_are_honest(centre)


# --- The house -----------------------------------------------------------------------------------
def open_centre(centre: Centre) -> None:
    """Three queues: the clinic needs nurses, comes first and closes early; who waits too long for
    billing goes on to the general one."""
    centre.people = [house.person(f"Agent {number}") for number in range(AGENTS)]
    nurse, senior = Skill.objects.create(name="Nurse"), Skill.objects.create(name="Senior")
    wide = {"languages": ["en", "de"], "wrap_up_secs": 60, "ring_secs": 20}
    general = house.queue(*centre.people, name="General", language_rule="required", **wide)
    billing = house.queue(
        *centre.people[:12], name="Billing", most_wait_secs=600, overflow=general, **wide
    )
    clinic = house.queue(*centre.people[8:], name="Clinic", priority=3, **wide)
    billing.preferred_skills.add(senior)
    clinic.required_skills.add(nurse)
    QueueHours.objects.create(queue=clinic, weekday=0, starts=time(8), ends=CLINIC_CLOSES)
    centre.queues = [general, clinic, billing]
    for number, person in enumerate(centre.people):
        desk = agents.desk_of(person)
        desk.languages = ["en", "de"] if number % 3 else ["en"]
        desk.most_chats = 1 + number % 3
        desk.save(update_fields=("languages", "most_chats"))
        desk.skills.set([nurse] * (number >= 10) + [senior] * (number % 4 == 0))


def plan_people(centre: Centre) -> None:
    """One in five has an account, and comes again."""
    patients = [house.person(f"Patient {number}", Role.PATIENT) for number in range(40)]
    for hour, count in enumerate(COMING):
        for _ in range(count):
            known = centre.dice.choice(patients) if centre.dice.random() < 0.2 else None
            centre.at((hour + centre.dice.random()) * HOUR, partial(centre.come, known))


def plan_agents(centre: Centre) -> None:
    """Fifteen begin at once, five an hour later; everybody has breaks, and some browsers die."""
    for number, person in enumerate(centre.people):
        begins = number if number < 15 else HOUR + number
        centre.at(begins, partial(centre.sit_down, person))
        for hour in (2, 4, 7):
            leaves = (hour + centre.dice.random()) * HOUR
            centre.at(leaves, partial(centre.choose, person, AgentState.BREAK))
            centre.at(leaves + 15 * MINUTE, partial(centre.sit_down, person))
    for _ in range(20):
        person, dies = centre.dice.choice(centre.people), centre.dice.uniform(1, 9) * HOUR
        centre.at(dies, partial(centre.die, person))
        centre.at(dies + centre.dice.uniform(30, 400), partial(centre.sit_down, person))


def close(centre: Centre) -> None:
    """Everybody goes when their talk is over; who waits is told that it has closed."""
    for person in centre.people:
        centre.choose(person, AgentState.OFFLINE)
    Queue.objects.update(is_active=False)
    for number in range(20):
        centre.after(1 + number * 10 * MINUTE, centre.sweep)


# --- What is true afterwards ---------------------------------------------------------------------
def nobody_is_lost_or_served_twice(centre: Centre) -> None:
    states = Counter(QueueEntry.objects.values_list("state", flat=True))
    came = sum(count for what, count in centre.seen.items() if what.startswith("came "))
    came -= centre.seen["came again"]
    reasons = Counter(RoutingDecision.objects.values_list("reason", flat=True))
    went_on = EntryEvent.objects.filter(kind=EntryEventKind.OVERFLOWED).count()
    print(f"{came} contacts: {dict(states)}; {went_on} overflowed; {dict(reasons)}")
    assert sum(states.values()) == came
    assert came + centre.seen["came again"] == sum(COMING)
    assert states[EntryState.RINGING] == states[EntryState.ANSWERED] == 0
    waiting = QueueEntry.objects.filter(state=EntryState.WAITING)
    assert not waiting.filter(kind="live").exists()
    parts = Counter(Handling.objects.values_list("entry_id", flat=True))
    done = set(QueueEntry.objects.filter(state=EntryState.DONE).values_list("pk", flat=True))
    # What an agent whose browser died had in hand went to somebody else.
    recalled = EntryEvent.objects.filter(kind=EntryEventKind.RECALLED)
    again = Counter(recalled.values_list("entry_id", flat=True))
    assert parts == Counter(done) + again
    assert not Handling.objects.exclude(state=HandlingState.DONE).exists()
    assert states[EntryState.DONE] == centre.seen["accepted"] - again.total()
    assert QueueOffer.objects.count() == RoutingDecision.objects.count() == centre.seen["offers"]
    for what in ("declined", "left", "went away", "came callback", "came message", "browsers died"):
        assert centre.seen[what] > 0, what


def each_days_spans_are_whole(centre: Centre) -> None:
    for desk in DeskAgent.objects.all():
        spans = list(AgentSpan.objects.filter(agent=desk).order_by("starts_at", "pk"))
        assert spans[0].starts_at == OPENS
        assert [one.ends_at for one in spans[:-1]] == [one.starts_at for one in spans[1:]]
        assert all(early.state != late.state for early, late in pairwise(spans))
        assert (spans[-1].ends_at, spans[-1].state) == (None, AgentState.OFFLINE)
        assert spans[-1].starts_at <= centre.now + timedelta(hours=HOURS)


def estimates_are_honest(centre: Centre) -> None:
    """Of those who were told a time and were answered. About eight of ten are in the interval; the
    error in the middle is wide, as the time of one answer is."""
    answered = QueueEntry.objects.filter(pk__in=centre.told, answered_at__isnull=False)
    inside, errors, waits = 0, [], []
    for entry in answered.filter(kind="live"):
        assert entry.answered_at is not None
        waited = (entry.answered_at - entry.arrived_at).total_seconds()
        told = centre.told[entry.pk]
        inside += told.least_secs <= waited <= told.most_secs
        waits.append(waited)
        if waited > 60:
            errors.append(abs(waited - told.middle_secs) / waited)
    share = inside / len(waits)
    print(
        f"{len(waits)} waits, median {median(waits):.0f} s, longest {max(waits):.0f} s:"
        f" {share:.0%} in the interval; of {len(errors)} over a minute the median error is"
        f" {median(errors):.0%}"
    )
    assert share >= 0.6
    assert median(errors) <= 1.0
