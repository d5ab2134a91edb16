"""Many people, one time: the database lets one of them have it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from calls.models import Appointment, CallSession, TakenTime
from calls.services.scheduling import booking, changing
from tests.booking import house
from tests.support.race import at_once

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 50


def test_it_gives_one_time_to_one_of_fifty() -> None:
    consultation = house.service()
    ada = house.agent(service=consultation)
    patients = [house.person(f"patient{number}") for number in range(MANY)]
    starts_at = house.tomorrow()

    def attempt(patient: User) -> Callable[[], Appointment]:
        return lambda: booking.book(
            patient, ada, service=consultation, starts_at=starts_at, zone=patient.zone
        )

    answers = at_once([attempt(patient) for patient in patients])
    assert answers == {"Appointment": 1, "SlotTaken": MANY - 1}
    assert Appointment.objects.count() == CallSession.objects.count() == 1


def test_it_gives_one_patient_one_visit_at_a_time() -> None:
    consultation = house.service()
    agents = [house.agent(f"agent{number}", service=consultation) for number in range(8)]
    mei = house.person("mei")

    def attempt(agent: User) -> Callable[[], Appointment]:
        return lambda: booking.book(
            mei, agent, service=consultation, starts_at=house.tomorrow(), zone=mei.zone
        )

    answers = at_once([attempt(agent) for agent in agents])
    assert answers == {"Appointment": 1, "PatientBusy": 7}


def test_it_cancels_a_visit_for_one_of_many() -> None:
    consultation = house.service()
    ada, mei = house.agent(service=consultation), house.person("mei")
    appointment = booking.book(
        mei, ada, service=consultation, starts_at=house.tomorrow(), zone=mei.zone
    )
    by = [mei, ada] * 4
    answers = at_once([lambda who=who: changing.cancel(appointment, who) for who in by])  # type: ignore[misc]
    assert answers == {"NoneType": 1, "NotCancellable": 7}
    appointment.refresh_from_db()
    assert appointment.sequence == 1


@pytest.mark.parametrize("minutes", [-15, 0, 15])
def test_it_holds_without_any_of_our_checks(minutes: int) -> None:
    consultation = house.service()
    ada, mei = house.agent(), house.person("mei")
    house.visit(mei, ada, of=consultation, starts_at=house.tomorrow())
    other = CallSession.objects.create(service=consultation, agent=ada)
    late = house.tomorrow() + timedelta(minutes=minutes)
    with pytest.raises(IntegrityError, match="taken_time_no_overlap"), transaction.atomic():
        TakenTime.objects.create(
            person=ada, starts_at=late, ends_at=late + consultation.length, call=other
        )


@pytest.mark.parametrize("minutes", [-30, 30])
def test_it_lets_visits_follow_each_other(minutes: int) -> None:
    consultation = house.service()
    ada, mei = house.agent(), house.person("mei")
    house.visit(mei, ada, of=consultation, starts_at=house.tomorrow())
    next_to = house.tomorrow() + timedelta(minutes=minutes)
    assert house.visit(mei, ada, of=consultation, starts_at=next_to)
