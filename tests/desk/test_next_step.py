"""The one next step on the person's pages: what it is made of, and when there is none."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import Dependant, Role, User
from calls.models import (
    Appointment,
    NotNow,
    QueueDay,
    QueueEntry,
    Service,
)
from tests.booking import house as booking
from tests.booking.house import signed_in, text
from tests.desk import house
from tests.desk.before import contact_of_before, seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return house.person("Dr. Ada Brandt")


@pytest.fixture
def consultation(ada: User) -> Service:
    service = booking.service()
    service.agents.add(ada)
    return service


def home(person: User) -> str:
    return text(signed_in(person).get("/home/"))


def test_home_says_that_it_is_time_again(mei: User, ada: User, consultation: Service) -> None:
    last = seen(mei, ada, consultation, 40, 82, 124)[0]
    page = home(mei)
    assert "It is time for: Consultation" in page
    day = date_format(last.starts_at, "j F Y")
    assert f"So far every 6 weeks, last on {day}." in page
    assert f"/book/{consultation.pk}/time/?agent={ada.pk}" in page
    assert page.count("Not now") == 1


def test_home_names_who_knows_the_case(mei: User, ada: User, consultation: Service) -> None:
    (last,) = seen(mei, ada, consultation, 20)
    page = home(mei)
    assert "Dr. Ada Brandt knows your case" in page
    assert f"Because of your visit on {date_format(last.starts_at, 'j F Y')}." in page
    assert f"/book/{consultation.pk}/time/?agent={ada.pk}" in page


def test_who_is_at_the_desk_is_talked_to_now(mei: User, ada: User, consultation: Service) -> None:
    seen(mei, ada, consultation, 20)
    billing = house.queue(ada)
    house.sit_down(ada)
    over = contact_of_before(billing)
    QueueEntry.objects.filter(pk=over.pk).update(person=mei)
    for path in ("/home/", "/talk/", f"/contacts/{over.pk}/"):
        page = text(signed_in(mei).get(path))
        assert "at the desk now: Billing." in page
        assert 'href="/talk/billing/">Talk now' in page


@pytest.mark.parametrize("what", ["away", "closed", "full", "hidden", "other"])
def test_nobody_is_sent_to_a_desk_in_vain(
    mei: User, ada: User, consultation: Service, what: str
) -> None:
    seen(mei, ada, consultation, 20)
    queue = house.queue(
        house.person("Tomas Ruiz") if what == "other" else ada,
        is_public=what != "hidden",
        most_waiting=1 if what == "full" else None,
    )
    if what == "full":
        house.come(queue, "Sam Okafor")
    if what == "closed":
        tomorrow = timezone.localdate() + timedelta(days=1)
        QueueDay.objects.create(queue=queue, date=tomorrow, starts="12:00", ends="18:00")
    if what != "away":
        house.sit_down(ada)
    for path in ("/home/", "/talk/"):
        page = text(signed_in(mei).get(path))
        assert "Talk now" not in page
        assert "Dr. Ada Brandt knows your case" in page


@pytest.mark.parametrize("what", ["none", "missed", "old", "child", "booked", "gone", "inactive"])
def test_home_suggests_nothing_without_a_reason(
    mei: User, ada: User, consultation: Service, what: str
) -> None:
    child = Dependant.objects.create(keeper=mei, display_name="Lily", relation="child")
    if what != "none":
        seen(mei, ada, consultation, 190 if what == "old" else 20)
    changes: dict[str, dict[str, Any]] = {
        "missed": {"state": "no_show"},
        "child": {"dependant": child},
    }
    Appointment.objects.update(**changes.get(what, {"sequence": 0}))
    if what == "booked":
        soon = timezone.now() + timedelta(days=3)
        booking.visit(mei, ada, of=booking.service("Check"), starts_at=soon)
    if what == "gone":
        consultation.agents.clear()
    if what == "inactive":
        Service.objects.update(is_active=False)
    assert "Not now" not in home(mei)


def test_the_history_of_others_suggests_nothing(
    mei: User, ada: User, consultation: Service
) -> None:
    seen(house.person("Sam Okafor", Role.PATIENT), ada, consultation, 40, 82, 124)
    assert "Not now" not in home(mei)


def test_guests_and_visitors_see_no_card(ada: User, consultation: Service) -> None:
    entry = house.come(house.queue(ada))
    seen(entry.person, ada, consultation, 20)
    guest = signed_in(entry.person)
    assert "Not now" not in text(guest.get(f"/contacts/{entry.pk}/"))
    assert "Not now" not in text(guest.get("/talk/"))
    assert "Not now" not in text(Client().get("/talk/"))


def test_who_waits_already_is_told_of_no_other_step(
    mei: User, ada: User, consultation: Service
) -> None:
    seen(mei, ada, consultation, 20)
    entry = house.come(house.queue(ada), person=mei)
    house.sit_down(ada)
    assert "Not now" not in home(mei)
    page = text(signed_in(mei).get(f"/contacts/{entry.pk}/"))
    assert "Talk now" not in page
    assert "Dr. Ada Brandt knows your case" in page


def test_not_now_lasts_for_thirty_days(mei: User, ada: User, consultation: Service) -> None:
    seen(mei, ada, consultation, 20)
    client = signed_in(mei)
    answer = client.post("/next-step/not-now/", {"next": "/talk/"})
    assert (answer.status_code, answer["location"]) == (302, "/talk/")
    assert "Not now" not in home(mei)
    NotNow.objects.update(at=timezone.now() - timedelta(days=30, minutes=1))
    assert "Not now" in home(mei)
    client.post("/next-step/not-now/", {"next": "https://elsewhere.example/"})
    assert NotNow.objects.get().person == mei
    assert "Not now" not in home(mei)


def test_only_patients_put_a_step_aside(mei: User, ada: User) -> None:
    assert signed_in(ada).post("/next-step/not-now/").status_code == 403
    assert "login" in Client().post("/next-step/not-now/")["location"]
    assert signed_in(mei).get("/next-step/not-now/").status_code == 405
    assert not NotNow.objects.exists()


@pytest.mark.parametrize("path", ["/home/", "/talk/", "contact"])
def test_the_card_costs_the_pages_little(
    mei: User, ada: User, consultation: Service, path: str
) -> None:
    billing = house.queue(ada)
    house.sit_down(ada)
    over = contact_of_before(billing)
    QueueEntry.objects.filter(pk=over.pk).update(person=mei)
    path = f"/contacts/{over.pk}/" if path == "contact" else path
    client, counts = signed_in(mei), []
    for days in ((20,), tuple(range(21, 40))):
        seen(mei, ada, consultation, *days)
        with CaptureQueriesContext(connection) as captured:
            assert "Talk now" in text(client.get(path))
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 12, counts


def test_beside_a_visit_that_is_to_come_it_costs_home_little(
    mei: User, ada: User, consultation: Service
) -> None:
    house.queue(ada)
    other = booking.service("Check")
    other.agents.add(ada)
    seen(mei, ada, consultation, 40, 82, 124)
    booking.visit(mei, ada, of=other, starts_at=timezone.now() + timedelta(hours=3))
    client = signed_in(mei)
    with CaptureQueriesContext(connection) as captured:
        assert "It is time for: Consultation" in text(client.get("/home/"))
    assert len(captured) <= 12
