"""A booked visit whose agent is missing goes into line, and out of it again."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEntry
from calls.desk.states import EntryState
from calls.models import (
    CallSession,
    EntryEvent,
    Leg,
    Participant,
    Queue,
    QueueEntry,
    QueueOffer,
    Service,
)
from calls.services import lifecycle
from calls.services.abandoned import end_abandoned
from calls.services.desk import falling_back, sweeping, waiting
from calls.services.desk.errors import NotOffered
from calls.states import AppointmentState, CallState, LegState, ParticipantState
from tests.desk import house, invariants
from tests.desk.late import Late
from tests.support.race import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def late(db: None) -> Late:
    return Late()


def is_in_line() -> bool:
    falling_back.sweep()
    return QueueEntry.objects.exists()


# --- Into the line -------------------------------------------------------------------------------
def test_it_offers_a_visit_whose_agent_is_missing(late: Late) -> None:
    sweeping.sweep()
    entry = late.entry
    assert (entry.queue, entry.person, entry.appointment) == (late.queue, late.mei, late.visit)
    assert (entry.priority, entry.known_agent, entry.name) == (1, late.ada, "Mei Lin")
    assert entry.arrived_at == late.place(late.mei).waiting_since
    assert entry.state == EntryState.RINGING
    assert QueueOffer.objects.get().agent == late.tomas
    assert EntryEvent.objects.filter(entry=entry, kind="arrived").count() == 1
    assert AuditEntry.objects.filter(action="desk.fall_back").count() == 1
    invariants.check()


def test_other_agents_learn_the_name_of_the_service_and_not_the_reason(late: Late) -> None:
    sweeping.sweep()
    assert late.entry.subject == "Consultation"
    client = Client()
    client.force_login(late.tomas)
    for address in (reverse("desk"), reverse("contact_card", args=[late.entry.pk])):
        assert b"lump" not in client.get(address).content


def test_who_waited_before_the_time_came_stands_in_line_since_then(db: None) -> None:
    late = Late()
    early = late.began - timedelta(minutes=9)
    Participant.objects.filter(user=late.mei).update(waiting_since=early)
    falling_back.sweep()
    assert late.entry.arrived_at == late.visit.starts_at


def test_it_waits_for_the_minutes_of_the_service() -> None:
    late = Late(minutes=4)
    assert not is_in_line()
    Service.objects.filter(pk=late.service.pk).update(fallback_minutes=4)
    assert is_in_line()


def test_it_lets_nobody_in_line_before_their_time() -> None:
    Late(minutes=-3)
    assert not is_in_line()


def test_it_gives_the_agent_of_a_late_patient_a_minute(late: Late) -> None:
    just_now = timezone.now() - timedelta(seconds=30)
    Participant.objects.filter(user=late.mei).update(waiting_since=just_now)
    assert not is_in_line()


def test_it_leaves_out_groups() -> None:
    Late(capacity=3)
    assert not is_in_line()


@pytest.mark.parametrize("changed", [{"is_active": False}, {"pk": None}])
def test_it_needs_a_queue_that_is_open(late: Late, changed: dict[str, Any]) -> None:
    if "pk" in changed:
        Service.objects.update(fallback_queue=None)
    else:
        Queue.objects.update(**changed)
    assert not is_in_line()


def test_it_waits_for_an_agent_whose_page_is_open(late: Late) -> None:
    leg = late.open_page(late.ada)
    assert not is_in_line()
    Leg.objects.filter(pk=leg.pk).update(state=LegState.DROPPED)
    assert not is_in_line()
    now = timezone.now()
    Leg.objects.filter(pk=leg.pk).update(state=LegState.CLOSED, closed_at=now)
    # A reload may be under way.
    assert not is_in_line()
    Leg.objects.filter(pk=leg.pk).update(closed_at=now - falling_back.WAITS_AT_LEAST)
    assert is_in_line()


def test_it_needs_a_patient_who_is_connected(late: Late) -> None:
    Leg.objects.filter(participant__user=late.mei).update(state=LegState.DROPPED)
    assert not is_in_line()


def test_who_came_to_the_queue_themselves_has_one_place_in_it(late: Late) -> None:
    house.come(late.queue, person=late.mei)
    falling_back.sweep()
    assert QueueEntry.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_make_one_entry() -> None:
    late = Late(at_desk=False)
    assert at_once([falling_back.sweep] * 6) == {"NoneType": 6}
    assert late.entry.events.count() == 1
    assert AuditEntry.objects.filter(action="desk.fall_back").count() == 1


# --- Out of the line -----------------------------------------------------------------------------
def test_leaving_the_line_leaves_the_visit_as_it_is(late: Late) -> None:
    sweeping.sweep()
    waiting.leave(late.entry)
    assert (late.entry.state, late.state) == (EntryState.LEFT, AppointmentState.BOOKED)
    assert CallSession.objects.get(pk=late.call.pk).state == CallState.OPEN
    assert late.place(late.mei).state == ParticipantState.WAITING
    falling_back.sweep()
    assert QueueEntry.objects.count() == 1


def test_a_patient_who_goes_loses_the_place_and_keeps_the_visit(late: Late) -> None:
    falling_back.sweep()
    late.leave()
    waiting.sweep()
    assert late.entry.state == EntryState.LEFT
    assert CallSession.objects.get(pk=late.call.pk).state == CallState.OPEN
    late.wait()
    late.enter(late.ada)
    assert lifecycle.admit(late.place(late.mei).pk, by=late.place(late.ada), ref="admit")


def test_a_queue_that_closes_ends_the_place_alone(late: Late) -> None:
    falling_back.sweep()
    Queue.objects.update(is_active=False)
    waiting.sweep()
    assert late.entry.state == EntryState.CLOSED
    assert CallSession.objects.get(pk=late.call.pk).state == CallState.OPEN


def test_it_offers_neither_a_call_back_nor_a_letter(late: Late) -> None:
    falling_back.sweep()
    with pytest.raises(NotOffered):
        waiting.call_me_back(late.entry, phone="030 123", email="")
    with pytest.raises(NotOffered):
        waiting.write_instead(late.entry, message="Hello", email="mei@example.com")
    client = Client()
    client.force_login(late.mei)
    page = client.get(reverse("call", args=[late.call.pk]))
    assert page.context["is_theirs"]
    assert b"Call me back instead" not in page.content
    left = client.post(reverse("contact_leave", args=[late.entry.pk]))
    assert left.headers["Location"] == reverse("call", args=[late.call.pk])
    page = client.get(reverse("call", args=[late.call.pk]))
    assert not page.context["is_theirs"]
    assert b"Waiting for Ada Brandt" in page.content


def test_a_visit_that_nobody_held_ends_by_its_rule(late: Late) -> None:
    falling_back.sweep()
    late.leave()
    long_ago = timezone.now() - timedelta(hours=2)
    CallSession.objects.filter(pk=late.call.pk).update(
        starts_at=long_ago, ends_at=long_ago + timedelta(minutes=30)
    )
    assert end_abandoned() == 1
    assert late.entry.state == EntryState.LEFT
    assert late.state == AppointmentState.NOT_HELD


def test_the_end_of_a_visit_that_its_agent_held_is_no_giving_up(late: Late) -> None:
    falling_back.sweep()
    CallSession.objects.filter(pk=late.call.pk).update(state=CallState.LIVE, live_at=timezone.now())
    Participant.objects.filter(user=late.ada).update(state=ParticipantState.ADMITTED)
    late.end(late.ada)
    assert late.entry.state == EntryState.DONE


def test_a_visit_with_nobody_in_line_costs_two_queries(
    late: Late, django_assert_num_queries: Any
) -> None:
    Leg.objects.all().delete()
    with django_assert_num_queries(2):
        falling_back.sweep()
