"""Booking and cancelling: what is refused, and what is written."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.utils import timezone

from accounts.models import Role, User
from audit.models import AuditEntry
from calls.models import Appointment, CallEvent, CallSession, Participant, Service
from calls.services.scheduling import booking, changing
from calls.services.scheduling.errors import (
    BookingError,
    InThePast,
    NotCancellable,
    NotOffered,
    OutsideHours,
    PatientBusy,
    SlotTaken,
    TooFarAhead,
    UnderWay,
)
from tests.booking import house

pytestmark = pytest.mark.django_db


def book(patient: User, agent: User | None, service: Service, starts_at: datetime) -> Appointment:
    return booking.book(patient, agent, service=service, starts_at=starts_at, zone=patient.zone)


def test_it_books_a_visit_with_its_call_and_an_audit_entry(
    mei: User, ada: User, consultation: Service
) -> None:
    appointment = book(mei, ada, consultation, house.tomorrow())
    assert appointment.ends_at - appointment.starts_at == timedelta(minutes=30)
    assert appointment.booked_zone == "Europe/Berlin"
    people = Participant.objects.filter(call__appointments=appointment)
    assert {(person.user_id, person.role) for person in people} == {
        (mei.pk, "patient"),
        (ada.pk, "agent"),
    }
    entry = AuditEntry.objects.get(action="appointment.book")
    assert (entry.actor, entry.target) == (str(mei.pk), str(appointment.pk))


def test_it_tells_the_next_free_times_when_the_time_is_taken(
    mei: User, ada: User, consultation: Service
) -> None:
    book(house.person("sam"), ada, consultation, house.tomorrow())
    with pytest.raises(SlotTaken) as refused:
        book(mei, ada, consultation, house.tomorrow())
    assert len(refused.value.next_times) == 6
    assert house.tomorrow() not in refused.value.next_times
    assert Appointment.objects.count() == CallSession.objects.count() == 1


@pytest.mark.parametrize(
    ("minutes", "refusal"),
    [
        (-24 * 60, InThePast),
        (0, InThePast),
        (61 * 24 * 60, TooFarAhead),
    ],
)
def test_it_refuses_times_in_the_past_or_too_far_ahead(
    mei: User,
    ada: User,
    consultation: Service,
    minutes: int,
    refusal: type[BookingError],
) -> None:
    with pytest.raises(refusal):
        book(mei, ada, consultation, timezone.now() + timedelta(minutes=minutes))


@pytest.mark.parametrize("clock", [time(10, 7), time(10, 0, 1), time(10, 15)])
def test_it_refuses_times_between_the_slots(
    mei: User, ada: User, consultation: Service, clock: time
) -> None:
    with pytest.raises(OutsideHours):
        book(mei, ada, consultation, house.tomorrow(clock))


def test_it_refuses_times_outside_the_opening_hours(mei: User, consultation: Service) -> None:
    tomas = house.person("tomas", Role.AGENT)
    consultation.agents.add(tomas)
    house.hours(tomas, house.tomorrow().weekday(), time(9), time(10))
    with pytest.raises(OutsideHours):
        book(mei, tomas, consultation, house.tomorrow(time(10)))
    assert book(mei, tomas, consultation, house.tomorrow(time(9, 30)))


def test_it_refuses_a_service_that_is_no_longer_offered(
    mei: User, ada: User, consultation: Service
) -> None:
    consultation.is_active = False
    with pytest.raises(NotOffered):
        book(mei, ada, consultation, house.tomorrow())


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": Role.PATIENT}])
def test_it_refuses_an_agent_who_cannot_answer_any_more(
    mei: User, ada: User, consultation: Service, change: dict[str, object]
) -> None:
    User.objects.filter(pk=ada.pk).update(**change)
    with pytest.raises(NotOffered):
        book(mei, ada, consultation, house.tomorrow())


def test_it_refuses_an_agent_who_does_not_offer_the_service(
    mei: User, ada: User, consultation: Service
) -> None:
    with pytest.raises(NotOffered):
        book(mei, house.agent("tomas"), consultation, house.tomorrow())


def test_it_refuses_two_visits_of_one_patient_at_once(
    mei: User, ada: User, consultation: Service
) -> None:
    tomas = house.agent("tomas", service=consultation)
    book(mei, ada, consultation, house.tomorrow())
    with pytest.raises(PatientBusy):
        book(mei, tomas, consultation, house.tomorrow())


def test_it_refuses_to_book_somebody_with_themselves(ada: User, consultation: Service) -> None:
    with pytest.raises(NotOffered):
        book(ada, ada, consultation, house.tomorrow())


def test_it_finds_whoever_is_free(mei: User, ada: User, consultation: Service) -> None:
    tomas = house.agent("tomas", service=consultation)
    book(house.person("sam"), ada, consultation, house.tomorrow())
    assert book(mei, None, consultation, house.tomorrow()).agent == tomas
    with pytest.raises(SlotTaken):
        book(house.person("lin"), None, consultation, house.tomorrow())


def test_it_prefers_the_one_with_fewer_visits(mei: User, ada: User, consultation: Service) -> None:
    tomas = house.agent("tomas", service=consultation)
    book(house.person("sam"), ada, consultation, house.tomorrow(time(14)))
    assert book(mei, None, consultation, house.tomorrow()).agent == tomas


def test_it_cancels_once_and_frees_the_time(mei: User, ada: User, consultation: Service) -> None:
    appointment = book(mei, ada, consultation, house.tomorrow())
    changing.cancel(appointment, mei)
    assert (appointment.state, appointment.sequence) == ("cancelled", 1)
    assert appointment.cancelled_by == mei
    assert appointment.cancelled_at is not None
    assert CallSession.objects.get(appointments=appointment).state == "ended"
    assert CallEvent.objects.get(call__appointments=appointment).data["reason"] == "cancelled"
    assert AuditEntry.objects.filter(action="appointment.cancel").count() == 1
    with pytest.raises(NotCancellable):
        changing.cancel(appointment, mei)
    appointment.refresh_from_db()
    assert appointment.sequence == 1
    assert book(house.person("sam"), ada, consultation, house.tomorrow())


def test_it_does_not_cancel_while_people_are_in_the_visit(
    mei: User, ada: User, consultation: Service
) -> None:
    appointment = book(mei, ada, consultation, house.tomorrow())
    CallSession.objects.update(state="live", live_at=timezone.now())
    with pytest.raises(UnderWay):
        changing.cancel(appointment, ada)
    appointment.refresh_from_db()
    assert (appointment.state, appointment.sequence) == ("booked", 0)


@pytest.mark.parametrize("state", ["completed", "booked"])
def test_it_does_not_cancel_what_is_over(
    mei: User, ada: User, consultation: Service, state: str
) -> None:
    start = datetime.now(UTC) - timedelta(days=1)
    appointment = house.visit(mei, ada, of=consultation, starts_at=start, state=state)
    with pytest.raises(NotCancellable):
        changing.cancel(appointment, mei)
