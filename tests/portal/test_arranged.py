"""Visits that staff arrange for others: booked, moved, called off, without what is said in them."""

from datetime import timedelta

import pytest

from accounts.models import Role, User
from calls.models import Appointment, Service
from calls.services.scheduling import changing, series
from tests.booking import house
from tests.booking.house import choice, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def tomas(consultation: Service) -> User:
    return house.agent("tomas", service=consultation)


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR, Role.ADMINISTRATOR])
def test_who_books_for_two_others_sees_what_is_booked(
    mei: User, ada: User, consultation: Service, role: Role
) -> None:
    client = house.signed_in(house.person("kim", role))
    sent = choice(ada, house.tomorrow(), reason="A rash")
    answer = client.post(f"/book/{consultation.pk}/confirm/?for={mei.pk}", sent)
    visit = Appointment.objects.get()
    assert answer["Location"] == f"/appointments/{visit.pk}/arranged/"
    page = text(client.get(answer["Location"]))
    assert "Mei" in page
    assert "Ada" in page
    assert "A rash" not in page
    later = house.tomorrow() + timedelta(hours=1)
    moved = client.post(f"/book/{consultation.pk}/confirm/?move={visit.pk}", choice(ada, later))
    assert moved["Location"] == answer["Location"]
    visit.refresh_from_db()
    assert visit.starts_at == later
    client.post(f"/appointments/{visit.pk}/arranged/cancel/")
    visit.refresh_from_db()
    assert visit.state == "cancelled"
    assert visit.cancelled_by
    assert visit.cancelled_by.display_name == "Kim"


def test_a_series_for_others_leads_there_too(mei: User, ada: User, consultation: Service) -> None:
    client = house.signed_in(house.person("kim", Role.ADMINISTRATOR))
    starts = house.tomorrow()
    dates = [house.written(starts + timedelta(weeks=week)) for week in range(2)]
    sent = choice(ada, starts, weeks="2", date=dates)
    answer = client.post(f"/book/{consultation.pk}/series/?for={mei.pk}", sent)
    first = Appointment.objects.order_by("starts_at")[0]
    assert answer["Location"] == f"/appointments/{first.pk}/arranged/"


def test_its_own_people_have_a_page_with_more(mei: User, ada: User, consultation: Service) -> None:
    visit = house.visit(mei, ada, of=consultation, starts_at=house.tomorrow())
    answer = house.signed_in(ada).get(f"/appointments/{visit.pk}/arranged/")
    assert answer["Location"] == f"/appointments/{visit.pk}/"
    assert house.signed_in(mei).get(f"/appointments/{visit.pk}/arranged/").status_code == 404


def test_who_gives_a_visit_to_a_colleague_is_led_home(
    mei: User, ada: User, tomas: User, consultation: Service
) -> None:
    visit = house.visit(mei, ada, of=consultation, starts_at=house.tomorrow())
    later = house.tomorrow() + timedelta(hours=1)
    answer = house.signed_in(ada).post(
        f"/book/{consultation.pk}/confirm/?move={visit.pk}", choice(tomas, later)
    )
    assert answer["Location"] == "/home/"
    visit.refresh_from_db()
    assert visit.agent == tomas


def test_what_the_house_calls_off_is_blamed_on_neither(
    mei: User, ada: User, consultation: Service
) -> None:
    visit = house.visit(mei, ada, of=consultation, starts_at=house.tomorrow())
    boss = house.signed_in(house.person("boss", Role.SUPERVISOR))
    boss.post(f"/appointments/{visit.pk}/arranged/cancel/")
    for person in (mei, ada):
        client = house.signed_in(person)
        assert "It was cancelled by the house." in text(client.get(f"/appointments/{visit.pk}/"))
        assert "It was cancelled by the house." in text(client.get("/notices/"))


def test_a_series_is_called_off_as_far_as_one_may(
    mei: User, ada: User, tomas: User, consultation: Service
) -> None:
    starts = [house.tomorrow() + timedelta(weeks=week) for week in range(3)]
    first, second, third = series.book(mei, ada, starts, service=consultation, zone=mei.zone)
    changing.move(second, tomas, starts_at=starts[1], zone=mei.zone, by=mei)
    client = house.signed_in(ada)
    assert "1 more visit after this one" in text(client.get(f"/appointments/{first.pk}/"))
    client.post(f"/appointments/{first.pk}/cancel/", {"rest": "1"})
    states = [Appointment.objects.get(pk=one.pk).state for one in (first, second, third)]
    assert states == ["cancelled", "booked", "cancelled"]


def test_another_agent_arranges_nothing(
    mei: User, ada: User, tomas: User, consultation: Service
) -> None:
    visit = house.visit(mei, ada, of=consultation, starts_at=house.tomorrow())
    client = house.signed_in(tomas)
    assert client.get(f"/appointments/{visit.pk}/arranged/").status_code == 404
    assert client.post(f"/appointments/{visit.pk}/arranged/cancel/").status_code == 404
    visit.refresh_from_db()
    assert visit.state == "booked"


def test_the_day_leads_supervisors_to_it(mei: User, ada: User, consultation: Service) -> None:
    visit = house.visit(mei, ada, of=consultation, starts_at=house.tomorrow())
    boss = house.signed_in(house.person("boss", Role.SUPERVISOR))
    page = text(boss.get(f"/day/?day={visit.starts_at.date()}"))
    assert f"/appointments/{visit.pk}/arranged/" in page
