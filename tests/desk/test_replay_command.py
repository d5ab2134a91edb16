"""`manage.py replay_routing` over a morning of one agent and four people."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Role, User
from calls.desk.states import AgentState, EntryState, HandlingState, RingState
from calls.models import (
    AgentSpan,
    CallSession,
    EntryEvent,
    Handling,
    OfferKind,
    Queue,
    QueueEntry,
    QueueOffer,
)
from calls.services.desk import agents
from calls.services.desk.recorded import recorded_day
from tests.desk import house

pytestmark = pytest.mark.django_db


def at(clock: str) -> datetime:
    """A moment of 30 November 2026 by the clock of Berlin."""
    hours, minutes, *secs = map(int, clock.split(":"))
    day = datetime(2026, 11, 30, tzinfo=UTC)
    return day + timedelta(hours=hours - 1, minutes=minutes, seconds=sum(secs))


def came(name: str, to: Queue, clock: str, **fields: Any) -> QueueEntry:
    call = CallSession.objects.create(service_id=to.service_id)
    entry = QueueEntry.objects.create(
        queue=to,
        call=call,
        person=house.person(name, Role.PATIENT),
        name=name,
        arrived_at=at(clock),
        queued_at=at(clock),
        **fields,
    )
    EntryEvent.objects.create(
        entry=entry, kind="arrived", at=at(clock), data={"queue": str(to.pk), "came_for": "live"}
    )
    return entry


def answered(entry: QueueEntry, agent: User, offered: str, began: str, done: str) -> None:
    """Rang from `offered` on; talked from `began` until `done`, without after-call work."""
    QueueEntry.objects.filter(pk=entry.pk).update(
        state=EntryState.DONE, agent=agent, answered_at=at(began), ended_at=at(done)
    )
    QueueOffer.objects.create(
        entry=entry,
        agent=agent,
        kind=OfferKind.ROUTED,
        state=RingState.ACCEPTED,
        offered_at=at(offered),
        rings_until=at(began),
        settled_at=at(began),
    )
    Handling.objects.create(
        entry=entry,
        agent=agent,
        state=HandlingState.DONE,
        began_at=at(began),
        talked_until=at(done),
        done_at=at(done),
    )


def test_what_supervisors_did_before_an_answer_is_done_again() -> None:
    ada, tomas = house.person("Ada Brandt"), house.person("Tomas Ruiz")
    billing, clinic = house.queue(ada, name="Billing"), house.queue(tomas, name="Clinic")
    mei = came("Mei", billing, "9:00")
    for kind, clock, data in (
        ("moved", "9:01", {"queue": str(clinic.pk), "before": str(billing.pk)}),
        ("assigned", "9:02", {"agent": str(tomas.pk)}),
        ("moved", "9:10", {"queue": str(billing.pk), "before": str(clinic.pk)}),
    ):
        EntryEvent.objects.create(entry=mei, kind=kind, at=at(clock), data=data)
    answered(mei, tomas, "9:04", "9:05", "9:15")  # the last move came afterwards
    day = recorded_day(at("9:00").date(), ZoneInfo("UTC"))
    [contact] = day.contacts
    stages = [(one.after_secs, one.need.queue, one.reserved_for) for one in contact.stages]
    assert stages == [
        (0, billing.pk, None),
        (60, clinic.pk, None),
        (120, clinic.pk, tomas.pk),
        (180, clinic.pk, None),
    ]


@pytest.fixture
def morning() -> None:
    ada = house.person("Ada Brandt")
    zone = {"time_zone": "Europe/Berlin", "target_secs": 600}
    billing = house.queue(ada, name="Billing", **zone)
    clinic = house.queue(ada, name="Clinic", priority=5, **zone)
    desk = agents.desk_of(ada)
    AgentSpan.objects.all().delete()
    AgentSpan.objects.create(
        agent=desk, state=AgentState.AVAILABLE, starts_at=at("8:00"), ends_at=at("12:00")
    )
    answered(came("Ola", billing, "9:00"), ada, "9:00", "9:00:10", "9:10")
    answered(came("Sam", clinic, "9:02"), ada, "9:10", "9:10:10", "9:15")
    answered(came("Mei", billing, "9:01"), ada, "9:15", "9:15:10", "9:20")
    left = came("Li", billing, "9:03")
    QueueEntry.objects.filter(pk=left.pk).update(state=EntryState.LEFT, ended_at=at("9:18"))


def run(*options: str, day: str = "2026-11-30", policy: str = "first-come") -> str:
    output = StringIO()
    call_command("replay_routing", f"--day={day}", f"--policy={policy}", *options, stdout=output)
    return output.getvalue()


TABLE = (
    "2026-11-30 (Europe/Berlin), contacts: 4, agents: 1. With first-come whoever has waited"
    " longest comes first, whatever their priority.\n"
    "Offers that were declined or missed count as accepted in the replays.\n"
    "\n"
    "Billing (3)                          recorded         standard       first-come"
    "       difference\n"
    "  median wait                           14:10            14:10             9:10"
    "            -5:00\n"
    "  90th percentile                       15:00            15:00            15:00"
    "            +0:00\n"
    "  longest wait                          15:00            15:00            15:00"
    "            +0:00\n"
    "  answered within target               33.3 %           33.3 %           66.7 %"
    "          +33.3 %\n"
    "  gave up                              33.3 %           33.3 %           33.3 %"
    "           +0.0 %\n"
    "\n"
    "Clinic (1)                           recorded         standard       first-come"
    "       difference\n"
    "  median wait                            8:10             8:10            13:10"
    "            +5:00\n"
    "  90th percentile                        8:10             8:10            13:10"
    "            +5:00\n"
    "  longest wait                           8:10             8:10            13:10"
    "            +5:00\n"
    "  answered within target              100.0 %          100.0 %            0.0 %"
    "         -100.0 %\n"
    "  gave up                               0.0 %            0.0 %            0.0 %"
    "           +0.0 %\n"
    "\n"
    "All queues (4)                       recorded         standard       first-come"
    "       difference\n"
    "  median wait                            8:10             8:10             9:10"
    "            +1:00\n"
    "  90th percentile                       15:00            15:00            15:00"
    "            +0:00\n"
    "  longest wait                          15:00            15:00            15:00"
    "            +0:00\n"
    "  answered within target               50.0 %           50.0 %           50.0 %"
    "           +0.0 %\n"
    "  gave up                              25.0 %           25.0 %           25.0 %"
    "           +0.0 %\n"
)


def test_it_tells_what_another_policy_would_have_changed(morning: None) -> None:
    assert run() == TABLE


def test_it_tells_of_one_queue_in_json(morning: None) -> None:
    told = json.loads(run("--queue=clinic", "--json"))
    assert (told["day"], told["zone"]) == ("2026-11-30", "Europe/Berlin")
    assert (told["before"], told["after"]) == ("standard", "first-come")
    [row] = told["rows"]
    assert row["queue"] == "Clinic"
    assert row["before"] == {
        "people": 1,
        "median_secs": 490.0,
        "ninetieth_secs": 490.0,
        "longest_secs": 490.0,
        "in_target": 1.0,
        "gave_up": 0.0,
    }
    assert row["after"]["median_secs"] == 790.0


def test_the_day_is_that_of_the_zone(morning: None) -> None:
    # By the clock of Auckland they came in the evening: the same day; by Honolulu's the day before.
    assert "contacts: 4" in run("--zone=Pacific/Auckland")
    assert "contacts: 4" in run("--zone=Pacific/Honolulu", day="2026-11-29")
    with pytest.raises(CommandError, match=r"^Nobody came on 2026-11-30 \(Pacific/Honolulu\)\.$"):
        run("--zone=Pacific/Honolulu")


def test_who_asked_for_a_call_back_takes_the_agents_time_and_counts_in_no_wait(
    morning: None,
) -> None:
    sam = QueueEntry.objects.get(name="Sam")
    QueueEntry.objects.filter(pk=sam.pk).update(kind="callback", phone="030 123")
    EntryEvent.objects.create(entry=sam, kind="callback", at=at("9:04"))
    told = json.loads(run("--json"))
    assert told["contacts"] == 4
    [row] = told["rows"]
    assert (row["queue"], row["before"]["people"]) == ("Billing", 3)
    assert (row["before"]["median_secs"], row["after"]["median_secs"]) == (850.0, 550.0)


def test_a_busy_stretch_without_a_contact_is_a_booked_visit(morning: None) -> None:
    AgentSpan.objects.update(ends_at=at("9:10"))
    desk = AgentSpan.objects.get().agent
    for state, starts, ends in (
        (AgentState.BUSY, "9:10", "9:30"),
        (AgentState.AVAILABLE, "9:30", "12:00"),
    ):
        AgentSpan.objects.create(agent=desk, state=state, starts_at=at(starts), ends_at=at(ends))
    Handling.objects.exclude(entry__name="Ola").delete()
    told = json.loads(run("--json", "--queue=clinic"))
    assert told["rows"][0]["before"]["longest_secs"] == 28 * 60 + 10


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            {"policy": "fifo"},
            "There is no policy fifo. There is: any-agent, first-come, no-last-contact, standard,"
            " strict-priority.",
        ),
        ({"day": "30.11.2026"}, "30.11.2026 is no day; write it as 2026-11-30."),
        ({"day": "2026-12-01"}, "Nobody came on 2026-12-01 (Europe/Berlin)."),
        ({"options": "--queue=travel"}, "There is no queue travel. There is: billing, clinic."),
        ({"options": "--zone=Mars"}, "There is no time zone Mars; write it as Europe/Berlin."),
    ],
)
def test_what_is_unknown_is_said_in_one_sentence(
    morning: None, options: dict[str, str], said: str
) -> None:
    extra = [options.pop("options")] if "options" in options else []
    with pytest.raises(CommandError) as error:
        run(*extra, **options)
    assert (str(error.value), error.value.returncode) == (said, 1)
