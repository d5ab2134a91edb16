"""Booking for a child, or by staff for a patient: right and wrong input."""

from datetime import timedelta

import pytest

from accounts.models import Dependant, User
from calls.models import Appointment, Service
from tests.booking import house
from tests.booking.house import choice, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit(mei: User, ada: User, consultation: Service) -> Appointment:
    return house.visit(mei, ada, of=consultation, starts_at=house.tomorrow())


# --- For somebody else ----------------------------------------------------------------------------
def test_a_patient_books_for_a_child(mei: User, ada: User, consultation: Service) -> None:
    client = house.signed_in(mei)
    client.post(
        "/account/people/", {"display_name": "Lily", "relation": "child", "born_on": "2020-02-29"}
    )
    lily = Dependant.objects.get(keeper=mei)
    page = text(client.get(f"/book/{consultation.pk}/confirm/", choice(ada, house.tomorrow())))
    assert "Who is the visit for?" in page
    sent = choice(ada, house.tomorrow(), dependant=lily.pk, reason="A cough")
    client.post(f"/book/{consultation.pk}/confirm/", sent)
    booked = Appointment.objects.get()
    assert (booked.patient, booked.dependant, booked.visitor_name) == (mei, lily, "Lily")
    assert "A cough" in text(house.signed_in(ada).get(f"/appointments/{booked.pk}/"))


def test_nobody_books_for_somebody_elses_child(mei: User, ada: User, consultation: Service) -> None:
    other = Dependant.objects.create(
        keeper=house.person("sam"), display_name="Tom", relation="child"
    )
    Dependant.objects.create(keeper=mei, display_name="Lily", relation="child")
    sent = choice(ada, house.tomorrow(), dependant=other.pk)
    answer = house.signed_in(mei).post(f"/book/{consultation.pk}/confirm/", sent)
    assert answer.status_code == 400
    assert not Appointment.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"display_name": "", "relation": "child"},
        {"display_name": "Lily", "relation": "cat"},
        {"display_name": "Lily", "relation": "child", "born_on": "2999-01-01"},
        {"display_name": "Lily", "relation": "child", "born_on": "1700-01-01"},
        {"display_name": "Lily", "relation": "child", "born_on": "31.02.2020"},
        {"display_name": "x" * 121, "relation": "child"},
    ],
)
def test_it_takes_no_impossible_person(mei: User, wrong: dict[str, str]) -> None:
    answer = house.signed_in(mei).post("/account/people/", wrong)
    assert answer.status_code == 400
    assert not Dependant.objects.exists()


def test_it_books_for_them_no_more(mei: User, ada: User, consultation: Service) -> None:
    lily = Dependant.objects.create(keeper=mei, display_name="Lily", relation="child")
    client = house.signed_in(mei)
    person = {"display_name": "Lily", "relation": "child", "remove": "1"}
    client.post(f"/account/people/{lily.pk}/", person)
    page = text(client.get(f"/book/{consultation.pk}/confirm/", choice(ada, house.tomorrow())))
    assert "Who is the visit for?" not in page
    assert "not booked for any more" in text(client.get("/account/people/"))


# --- By staff -------------------------------------------------------------------------------------
def test_staff_find_a_patient_and_book(mei: User, ada: User, consultation: Service) -> None:
    client = house.signed_in(ada)
    found = text(client.get("/book/for/", {"q": "mei example"}))
    assert f"/book/for/{mei.pk}/" in found
    assert client.get(f"/book/for/{mei.pk}/")["Location"] == f"/book/?for={mei.pk}"
    page = text(client.get(f"/book/?for={mei.pk}"))
    assert "You book for Mei" in page
    assert f"/book/{consultation.pk}/?for={mei.pk}" in page
    address = f"/book/{consultation.pk}/confirm/?for={mei.pk}"
    client.post(address, choice(ada, house.tomorrow()))
    booked = Appointment.objects.get()
    assert (booked.patient, booked.booked_by, booked.booked_zone) == (mei, ada, "Europe/Berlin")


def test_staff_need_not_keep_the_notice(mei: User, ada: User, consultation: Service) -> None:
    consultation.notice_minutes = 7 * 24 * 60
    consultation.save()
    own = house.signed_in(mei).post(
        f"/book/{consultation.pk}/confirm/", choice(ada, house.tomorrow())
    )
    assert own.status_code == 400
    assert "too near" in text(own)
    by_staff = house.signed_in(ada).post(
        f"/book/{consultation.pk}/confirm/?for={mei.pk}", choice(ada, house.tomorrow())
    )
    assert by_staff.status_code == 302


def test_it_links_a_follow_up(visit: Appointment, mei: User, ada: User) -> None:
    client = house.signed_in(ada)
    begun = client.get(
        f"/book/for/{mei.pk}/", {"service": str(visit.service.pk), "follow_up_of": str(visit.pk)}
    )
    assert begun["Location"] == (f"/book/{visit.service.pk}/?for={mei.pk}&follow_up_of={visit.pk}")
    later = house.tomorrow() + timedelta(days=7)
    address = f"/book/{visit.service.pk}/confirm/?for={mei.pk}&follow_up_of={visit.pk}"
    assert client.post(address, choice(ada, later)).status_code == 302
    assert Appointment.objects.get(starts_at=later).follow_up_of == visit


def test_patients_book_for_no_other_account(mei: User, consultation: Service) -> None:
    sam = house.person("sam")
    client = house.signed_in(mei)
    assert client.get("/book/for/").status_code == 403
    assert client.get(f"/book/for/{sam.pk}/").status_code == 404
    page = text(client.get(f"/book/?for={sam.pk}"))
    assert "You book for" not in page


@pytest.mark.parametrize("who", ["rubbish", "00000000-0000-0000-0000-000000000000"])
def test_staff_book_for_nobody_unknown(ada: User, consultation: Service, who: str) -> None:
    assert house.signed_in(ada).get(f"/book/?for={who}").status_code == 404


def test_staff_without_a_patient_send_nothing(ada: User, consultation: Service) -> None:
    client = house.signed_in(ada)
    sent = choice(ada, house.tomorrow())
    assert client.post(f"/book/{consultation.pk}/confirm/", sent).status_code == 403
