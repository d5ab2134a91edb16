"""Requests that nobody's browser sends: each gets an answer that is no fault of ours."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from accounts.models import Dependant, Role, User
from accounts.preferences import known_zone
from calls.models import Appointment, Service, WaitingListEntry
from calls.services.scheduling import changing
from calls.services.scheduling.free_times import next_free
from tests.booking import house
from tests.booking.house import choice, text

pytestmark = pytest.mark.django_db

LONG = "9" * 100


@pytest.fixture
def visit(mei: User, ada: User, consultation: Service) -> Appointment:
    return house.visit(mei, ada, of=consultation, starts_at=house.tomorrow())


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("ada", "/book/for/?q=a%00b"),
        ("ada", "/day/?day=9999-12-31"),
        ("ada", "/day/?day=0001-01-01"),
        ("mei", "/recordings/?until=9999-12-31"),
        ("mei", "/recordings/?since=0001-01-01"),
        ("mei", "/home/?page=" + LONG),
        ("mei", "/notices/?page=%00"),
        ("mei", "/recordings/?q=%00&state=%00"),
    ],
)
def test_it_reads_any_address(visit: Appointment, who: str, path: str) -> None:
    client = house.signed_in(User.objects.get(email=f"{who}@example.com"))
    assert client.get(path).status_code in (200, 400)


@pytest.mark.parametrize(
    ("who", "path", "sent", "status"),
    [
        ("mei", "/appointments/{pk}/consent/", {"answer": "yes", "text_version": "a\0b"}, 302),
        ("ada", "/appointments/{pk}/consent/", {"answer": "always", "text_version": "a\0b"}, 302),
        ("ada", f"/notes/{LONG}/remove/", {}, 404),
        ("mei", "/account/time-zone/", {"time_zone": "localtime"}, 302),
        ("mei", "/account/time-zone/", {"time_zone": "../../etc/passwd"}, 302),
        ("mei", "/account/people/", {"display_name": "a\0b", "relation": "child"}, 400),
    ],
)
def test_it_takes_nothing_odd(
    visit: Appointment, who: str, path: str, sent: dict[str, str], status: int
) -> None:
    client = house.signed_in(User.objects.get(email=f"{who}@example.com"))
    assert client.post(path.format(pk=visit.pk), sent).status_code == status
    assert User.objects.get(email="mei@example.com").time_zone == "Europe/Berlin"


@pytest.mark.parametrize(
    "path", ["/account/notifications/", "/account/people/", "/appointments/{pk}/guests/"]
)
def test_it_reads_a_form_that_carries_nothing(visit: Appointment, mei: User, path: str) -> None:
    client = house.signed_in(mei)
    for number in range(12):
        Dependant.objects.create(keeper=mei, display_name=f"Child {number}", relation="child")
    empty = client.post(path.format(pk=visit.pk), b"", content_type="application/octet-stream")
    assert empty.status_code in (302, 400)


def test_nobody_lives_by_the_zone_of_the_server() -> None:
    assert known_zone("Europe/Berlin") == "Europe/Berlin"
    assert [known_zone(name) for name in ("localtime", "Factory", "", "Europe/Nowhere")] == [
        None
    ] * 4


def test_a_zone_that_is_gone_breaks_nobodys_page(
    visit: Appointment, mei: User, ada: User, consultation: Service
) -> None:
    """As where a system's time zone database drops an old name."""
    sam = house.person("sam")
    day = house.tomorrow().date()
    WaitingListEntry.objects.create(
        service=consultation, patient=sam, from_date=day, until_date=day
    )
    User.objects.filter(pk__in=(ada.pk, sam.pk)).update(time_zone="US/Gone")
    for person in (mei, User.objects.get(pk=ada.pk), User.objects.get(pk=sam.pk)):
        client = house.signed_in(person)
        for path in ("/home/", f"/appointments/{visit.pk}/"):
            assert client.get(path).status_code in (200, 404)
    patient = house.signed_in(mei)
    assert patient.get(f"/book/{consultation.pk}/time/").status_code == 200
    assert next_free(consultation, None)
    changing.cancel(visit, mei)


def test_a_child_who_was_taken_away_meanwhile_is_not_booked_as_the_parent(
    mei: User, ada: User, consultation: Service
) -> None:
    child = Dependant.objects.create(keeper=mei, display_name="Lena", relation="child")
    sent = choice(ada, house.tomorrow(), dependant=str(child.pk))
    Dependant.objects.filter(pk=child.pk).update(is_active=False)
    answer = house.signed_in(mei).post(f"/book/{consultation.pk}/confirm/", sent)
    assert answer.status_code == 400
    assert not Appointment.objects.exists()


def test_a_parent_waits_for_a_child(mei: User, ada: User, consultation: Service) -> None:
    child = Dependant.objects.create(keeper=mei, display_name="Lena", relation="child")
    day = date.fromisoformat(f"{house.tomorrow():%Y-%m-%d}")
    sent: dict[str, Any] = {"from_date": day, "until_date": day, "dependant": str(child.pk)}
    client = house.signed_in(mei)
    assert "Lena" in text(client.get(f"/book/{consultation.pk}/waiting/"))
    assert client.post(f"/book/{consultation.pk}/waiting/", sent).status_code == 302
    assert WaitingListEntry.objects.get().dependant == child


def test_a_visit_that_is_over_answers_no_questions(mei: User, ada: User) -> None:
    service = house.service("Asked")
    service.questions.create(label="Since when?", is_required=True)
    past = house.tomorrow().replace(year=2025)
    visit = house.visit(mei, ada, of=service, starts_at=past, state="completed")
    [question] = service.questions.all()
    sent = {f"question_{question.pk}": "Long ago"}
    answer = house.signed_in(mei).post(f"/appointments/{visit.pk}/form/", sent)
    assert answer.status_code == 400
    assert not visit.answers.exists()


def test_a_stranger_gets_nothing_of_all_this(visit: Appointment) -> None:
    assert Client().get(f"/appointments/{visit.pk}/arranged/").status_code == 404
    guest = house.person("guest", Role.GUEST)
    assert house.signed_in(guest).get("/book/").status_code in (302, 403)
