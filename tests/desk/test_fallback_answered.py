"""A visit that fell back: another agent takes it, or the booked one comes after all."""

from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEntry
from calls.desk.states import AgentState, EntryState, HandlingState, RingState
from calls.models import (
    Appointment,
    CallSession,
    DeskAgent,
    EntryEvent,
    Handling,
    Leg,
    QueueOffer,
    TakenTime,
)
from calls.services import lifecycle
from calls.services.desk import (
    agents,
    falling_back,
    lost,
    offers,
    sweeping,
    transferring,
    waiting,
)
from calls.services.desk.loads import conversations, in_visits
from calls.states import AppointmentState, CallState, LegState, ParticipantState
from tests.desk import house, invariants
from tests.desk.late import Late
from tests.support.sockets import in_lobby

pytestmark = pytest.mark.django_db


@pytest.fixture
def late(db: None) -> Late:
    return Late()


# --- Answered ------------------------------------------------------------------------------------
def test_who_accepts_holds_the_visit_and_it_counts_as_completed(late: Late) -> None:
    late.accepted()
    call = CallSession.objects.get(pk=late.call.pk)
    assert (call.agent, call.state) == (late.tomas, CallState.LIVE)
    assert late.place(late.mei).state == ParticipantState.ADMITTED
    assert Appointment.objects.get().agent == late.ada
    assert TakenTime.objects.filter(person=late.ada).exists()
    assert conversations()[0] == {late.tomas.pk: 1}
    late.end(late.tomas)
    assert (late.state, late.entry.state) == (AppointmentState.COMPLETED, EntryState.DONE)
    assert Handling.objects.get().state == HandlingState.WRAPPING_UP
    assert not TakenTime.objects.exists()
    invariants.check()


def test_who_accepts_opens_the_call_and_not_the_appointment(late: Late) -> None:
    late.accepted()
    client = Client()
    client.force_login(late.tomas)
    page = client.get(reverse("call", args=[late.call.pk]))
    assert page.status_code == 200
    assert page.context["works_at_desk"]
    assert b"lump" not in page.content
    assert client.get(reverse("appointment", args=[late.visit.pk])).status_code == 404
    flight = client.get(reverse("call_flight", args=[late.call.pk]))
    assert not flight.context["has_appointment_page"]


def test_an_agent_who_is_lost_gives_the_visit_back_to_the_line(late: Late) -> None:
    late.accepted()
    Leg.objects.filter(participant__user=late.tomas).delete()
    Handling.objects.update(began_at=timezone.now() - timedelta(minutes=2))
    lost.sweep()
    assert late.entry.state == EntryState.WAITING
    assert CallSession.objects.get(pk=late.call.pk).state == CallState.LIVE


def test_a_second_agent_who_is_lost_gives_it_back_too(late: Late) -> None:
    for _ in range(2):
        sweeping.sweep()
        offers.accept(late.tomas, QueueOffer.objects.get(state=RingState.RINGING).pk)
        late.enter(late.tomas)
        Leg.objects.filter(participant__user=late.tomas).delete()
        Handling.objects.update(began_at=timezone.now() - timedelta(minutes=2))
        lost.sweep()
        assert late.entry.state == EntryState.WAITING
        Handling.objects.update(state="done", done_at=timezone.now())
        agents.settle(late.tomas.pk)
        house.sit_down(late.tomas)
    assert Handling.objects.count() == 2
    waits_since = late.place(late.mei).waiting_since
    assert late.entry.arrived_at == waits_since or waits_since is None


# --- The agent comes after all -------------------------------------------------------------------
def test_the_agent_who_comes_takes_the_visit_back(late: Late) -> None:
    sweeping.sweep()
    late.enter(late.ada)
    assert late.entry.state == EntryState.DONE
    assert QueueOffer.objects.get().state == RingState.WITHDRAWN
    assert AuditEntry.objects.filter(action="desk.take_back").count() == 1
    assert in_visits() == {late.ada.pk}
    lifecycle.admit(late.place(late.mei).pk, by=late.place(late.ada), ref="admit")
    sweeping.sweep()
    invariants.check()
    late.end(late.ada)
    assert (late.state, late.entry.state) == (AppointmentState.COMPLETED, EntryState.DONE)
    assert DeskAgent.objects.get(user=late.tomas).state == AgentState.AVAILABLE
    assert not Handling.objects.exists()


def loses(late: Late, *, secs: int) -> None:
    """The page of the booked agent has been gone for so long."""
    gone = timezone.now() - timedelta(seconds=secs)
    legs = Leg.objects.filter(participant__user=late.ada)
    legs.update(state=LegState.CLOSED, closed_at=gone)


def test_it_falls_back_again_when_the_agent_who_came_is_lost(late: Late) -> None:
    sweeping.sweep()
    arrived = late.entry.arrived_at
    late.enter(late.ada)
    loses(late, secs=30)
    sweeping.sweep()
    assert late.entry.state == EntryState.DONE
    loses(late, secs=61)
    sweeping.sweep()
    entry = late.entry
    assert (entry.state, entry.ended_at, entry.arrived_at) == ("ringing", None, arrived)
    kinds = list(EntryEvent.objects.values_list("kind", flat=True))
    assert kinds == ["arrived", "offered", "withdrawn", "done", "arrived", "offered"]
    assert AuditEntry.objects.filter(action="desk.fall_back").count() == 2
    invariants.check()
    offers.accept(late.tomas, QueueOffer.objects.get(state=RingState.RINGING).pk)
    late.enter(late.tomas)
    late.end(late.tomas)
    assert (late.state, late.entry.state) == (AppointmentState.COMPLETED, EntryState.DONE)


def test_it_falls_back_again_when_a_visit_that_was_moved_is_missed_anew(late: Late) -> None:
    sweeping.sweep()
    rows = Appointment.objects.filter(pk=late.visit.pk)
    rows.update(starts_at=timezone.now() + timedelta(minutes=5))
    sweeping.sweep()
    assert late.entry.state == EntryState.DONE
    rows.update(starts_at=timezone.now() - timedelta(minutes=6))
    sweeping.sweep()
    assert late.entry.state == EntryState.RINGING


def test_who_gave_the_place_up_has_no_second_one(late: Late) -> None:
    sweeping.sweep()
    waiting.leave(late.entry)
    sweeping.sweep()
    assert late.entry.state == EntryState.LEFT


def test_a_sweep_takes_back_what_nobody_noticed(late: Late) -> None:
    falling_back.sweep()
    leg = late.open_page(late.ada)
    falling_back.sweep()
    assert late.entry.state == EntryState.WAITING
    Leg.objects.filter(pk=leg.pk).update(entered_at=timezone.now())
    falling_back.sweep()
    assert late.entry.state == EntryState.DONE


def test_an_agent_who_comes_once_it_is_answered_is_a_second_one(late: Late) -> None:
    late.accepted()
    late.enter(late.ada)
    sweeping.sweep()
    assert late.entry.state == EntryState.ANSWERED
    assert in_visits() == {late.ada.pk}
    assert CallSession.objects.get(pk=late.call.pk).agent == late.tomas


def test_what_was_handed_on_comes_back_off_hold(late: Late) -> None:
    late.accepted()
    other = house.queue(name="Second line")
    transferring.send_to_queue(late.entry.pk, other, by=late.tomas, note="")
    assert late.place(late.mei).held_at
    late.enter(late.ada)
    assert late.entry.state == EntryState.DONE
    assert late.place(late.mei).held_at is None
    assert CallSession.objects.get(pk=late.call.pk).agent == late.ada


def test_the_booked_agent_may_take_it_at_the_desk(late: Late) -> None:
    late.queue.agents.add(late.ada)
    house.sit_down(late.ada)
    sweeping.sweep()
    offer = QueueOffer.objects.get()
    assert offer.agent == late.ada
    offers.accept(late.ada, offer.pk)
    late.enter(late.ada)
    sweeping.sweep()
    assert late.entry.state == EntryState.ANSWERED
    assert conversations()[0] == {late.ada.pk: 1}


def test_a_visit_that_is_moved_to_later_leaves_the_line(late: Late) -> None:
    falling_back.sweep()
    soon = timezone.now() + timedelta(minutes=20)
    Appointment.objects.update(starts_at=soon, ends_at=soon + timedelta(minutes=30))
    falling_back.sweep()
    assert late.entry.state == EntryState.DONE


# --- What the waiting room is told ---------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
@pytest.mark.asyncio
async def test_the_waiting_room_is_told_the_place_and_that_it_is_gone(redis_url: str) -> None:
    late = await sync_to_async(Late)(at_desk=False)
    page = await in_lobby(late.call, late.mei)
    await page.do("enter")
    await sync_to_async(falling_back.sweep)()
    assert (await page.expect("place"))["number"] == 1
    await sync_to_async(late.enter)(late.ada)
    assert (await page.expect("place"))["number"] == 0
    await page.hang_up()
