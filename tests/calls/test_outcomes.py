"""What became of a visit: decided from who was there, and what its people are told."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from calls.models import Appointment, CallEvent, Notice, Participant, Service, TakenTime
from calls.protocol import FactKind
from calls.services import facts, lifecycle, outcomes
from calls.services.abandoned import end_abandoned
from calls.services.scheduling import places
from tests.booking import house

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair() -> Service:
    return house.service("Pair", capacity=2)


@pytest.fixture
def ada(pair: Service) -> User:
    return house.agent(service=pair)


def begun(name: str, ada: User, service: Service, *, minutes_ago: int) -> Appointment:
    starts_at = timezone.now() - timedelta(minutes=minutes_ago)
    return house.visit(house.person(name), ada, of=service, starts_at=starts_at)


def joined(name: str, visit: Appointment) -> Appointment:
    """Another patient in the same group."""
    who = house.person(name)
    return places.give_place(visit.call, who, zone=who.zone, booked_by=who)


def enters(visit: Appointment, *, admitted: bool) -> None:
    place = Participant.objects.get(call=visit.call, user=visit.patient)
    with facts.locked_call(visit.call_id) as call:
        facts.append(call, FactKind.ENTERED, by=place, participant=str(place.pk))
    if admitted:
        now = timezone.now()
        Participant.objects.filter(pk=place.pk).update(state="admitted", admitted_at=now)


def end(visit: Appointment) -> None:
    with facts.locked_call(visit.call_id) as call:
        lifecycle.end_call(call, reason="agent")


def state(visit: Appointment) -> str:
    visit.refresh_from_db()
    return str(visit.state)


def told(visit: Appointment) -> set[str]:
    kinds = Notice.objects.filter(appointment=visit, person=visit.patient)
    return set(kinds.values_list("kind", flat=True))


def test_a_visit_whose_patient_was_let_in_took_place(pair: Service, ada: User) -> None:
    visit = begun("mei", ada, pair, minutes_ago=20)
    enters(visit, admitted=True)
    end(visit)
    assert (state(visit), told(visit)) == ("completed", set())
    assert not TakenTime.objects.exists()


def test_a_patient_who_never_came_was_missed(pair: Service, ada: User) -> None:
    visit = begun("mei", ada, pair, minutes_ago=20)
    end(visit)
    assert (state(visit), told(visit)) == ("no_show", {"missed"})


def test_nobody_is_missed_before_they_are_late(pair: Service, ada: User) -> None:
    visit = begun("mei", ada, pair, minutes_ago=2)
    end(visit)
    assert (state(visit), told(visit)) == ("not_held", set())


def test_a_patient_who_waited_in_vain_hears_that_we_are_sorry(pair: Service, ada: User) -> None:
    visit = begun("mei", ada, pair, minutes_ago=40)
    enters(visit, admitted=False)
    end(visit)
    assert (state(visit), told(visit)) == ("not_held", {"not_held"})


def test_a_visit_that_nobody_came_to_ends_by_itself(pair: Service, ada: User) -> None:
    visit = begun("mei", ada, pair, minutes_ago=29)
    end_abandoned()
    assert state(visit) == "booked"
    over = timezone.now() - timedelta(hours=2)
    type(visit.call).objects.filter(pk=visit.call_id).update(
        starts_at=over, ends_at=over + timedelta(minutes=30)
    )
    Appointment.objects.filter(pk=visit.pk).update(
        starts_at=over, ends_at=over + timedelta(minutes=30)
    )
    end_abandoned()
    assert state(visit) == "no_show"
    assert CallEvent.objects.filter(call=visit.call, kind="ended").exists()


def test_who_is_called_absent_in_a_group_and_comes_was_there(pair: Service, ada: User) -> None:
    first = begun("mei", ada, pair, minutes_ago=20)
    second = joined("sam", first)
    outcomes.missed(first, by=ada)
    assert state(first) == "no_show"
    assert first.call.state == "open"
    enters(first, admitted=True)
    enters(second, admitted=True)
    end(first)
    assert (state(first), state(second)) == ("completed", "completed")


def test_a_latecomer_who_waits_keeps_the_door_open(pair: Service, ada: User) -> None:
    first = begun("mei", ada, pair, minutes_ago=20)
    second = joined("sam", first)
    outcomes.missed(first, by=ada)
    Participant.objects.filter(call=first.call, user=first.patient).update(state="waiting")
    outcomes.missed(second, by=ada)
    first.call.refresh_from_db()
    assert first.call.state == "open"


def test_a_group_of_which_nobody_came_is_over(pair: Service, ada: User) -> None:
    first = begun("mei", ada, pair, minutes_ago=20)
    second = joined("sam", first)
    outcomes.missed(first, by=ada)
    outcomes.missed(second, by=ada)
    assert (state(first), state(second)) == ("no_show", "no_show")
    first.call.refresh_from_db()
    assert first.call.state == "ended"
    assert not TakenTime.objects.exists()
