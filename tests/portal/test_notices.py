"""Messages in the portal, the choices of mail, and the private calendar address."""

from datetime import timedelta

import pytest
from django.test import Client
from icalendar import Calendar

from accounts.models import User
from calls.models import Appointment, Notice
from calls.services import feeds
from calls.services.scheduling import changing
from tests.booking import house
from tests.booking.house import text
from tests.support.cast import Cast

pytestmark = pytest.mark.django_db


def address(person: User) -> str:
    feeds.renew(person)
    return f"/calendar/{feeds.token_of(person)}.ics"


def test_it_lists_messages_and_marks_them_read(cast: Cast) -> None:
    changing.cancel(cast.appointment, cast.ada)
    client = house.signed_in(cast.mei)
    page = text(client.get("/notices/"))
    assert "Your visit is cancelled" in page
    assert f"/appointments/{cast.appointment.pk}/" in page
    assert ">New<" in page
    assert ">New<" not in text(client.get("/notices/"))
    assert Notice.objects.filter(person=cast.ada, read_at__isnull=True).exists()


def test_it_says_when_there_are_none(cast: Cast) -> None:
    assert "No messages yet" in text(house.signed_in(cast.sam).get("/notices/"))


def test_it_asks_the_database_no_more_for_many(
    cast: Cast, django_assert_max_num_queries: object
) -> None:
    for number in range(30):
        Notice.objects.create(
            key=str(number),
            person=cast.mei,
            kind="booked",
            appointment=cast.appointment,
            facts={"starts_at": cast.appointment.starts_at.isoformat()},
        )
    client = house.signed_in(cast.mei)
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        assert text(client.get("/notices/")).count("Your visit is booked") == 20


def test_it_keeps_the_choice_of_mails(cast: Cast) -> None:
    client = house.signed_in(cast.mei)
    client.post("/account/notifications/", {"mails_reminders": "on"})
    mei = User.objects.get(pk=cast.mei.pk)
    assert (mei.mails_bookings, mei.mails_reminders, mei.mails_offers) == (False, True, False)


def test_a_feed_holds_the_persons_visits(cast: Cast) -> None:
    other = house.visit(cast.mei, cast.tomas, of=cast.service, starts_at=house.tomorrow())
    changing.cancel(other, cast.mei)
    answer = Client().get(address(cast.mei))
    assert answer["Content-Type"].startswith("text/calendar")
    events = Calendar.from_ical(answer.content).walk("VEVENT")
    states = {str(event["UID"]).partition("@")[0]: str(event["STATUS"]) for event in events}
    assert states == {str(cast.appointment.pk): "CONFIRMED", str(other.pk): "CANCELLED"}
    assert cast.service.name not in answer.content.decode()


def test_a_feed_asks_the_database_no_more_for_many(
    cast: Cast, django_assert_max_num_queries: object
) -> None:
    for day in range(1, 20):
        start = house.tomorrow() + timedelta(days=day)
        house.visit(cast.mei, cast.ada, of=cast.service, starts_at=start)
    path = address(cast.mei)
    with django_assert_max_num_queries(4):  # type: ignore[operator]
        assert Client().get(path).status_code == 200


def test_a_new_address_kills_the_old(cast: Cast) -> None:
    old = address(cast.mei)
    client = house.signed_in(cast.mei)
    client.post("/account/calendar/", {"new": "1"})
    assert Client().get(old).status_code == 404
    new = address(cast.mei)
    client.post("/account/calendar/", {"off": "1"})
    assert Client().get(new).status_code == 404
    assert "no such address" in text(client.get("/account/calendar/"))
    # Switched on again it is yet another one.
    again = address(cast.mei)
    assert again not in (old, new)
    assert Client().get(new).status_code == 404


@pytest.mark.parametrize("token", ["x", "a.b.c", "%20", "x" * 500])
def test_a_forged_address_is_nothing(cast: Cast, token: str) -> None:
    address(cast.mei)
    assert Client().get(f"/calendar/{token}.ics").status_code == 404


def test_an_address_of_somebody_who_is_gone_is_nothing(cast: Cast) -> None:
    path = address(cast.mei)
    User.objects.filter(pk=cast.mei.pk).update(is_active=False)
    assert Client().get(path).status_code == 404
    assert Appointment.objects.filter(patient=cast.mei).exists()
