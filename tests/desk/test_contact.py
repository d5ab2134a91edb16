"""`/contacts/<id>/`: where a contact stands, and the ways out of the line, for its person alone."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import Role, User
from audit.models import AuditEntry
from calls.models import Queue, QueueEntry
from calls.services.desk import arriving, offers, waiting
from calls.services.desk.arriving import Arrival
from tests.booking.house import signed_in, text
from tests.desk import house

pytestmark = pytest.mark.django_db

PAGES = ("", "callback/", "write/", "leave/")
REACHED = {"phone": "030 1234567"}
LETTER = {"message": "Please look at it.", "email": "mei@example.com"}


@pytest.fixture
def entry(billing: Queue, mei: User) -> QueueEntry:
    return house.come(billing, person=mei)


@pytest.fixture
def client(entry: QueueEntry) -> Client:
    return signed_in(entry.person)


def at(entry: QueueEntry, page: str = "") -> str:
    return f"/contacts/{entry.pk}/{page}"


def guest_client(billing: Queue, **said: str) -> Client:
    """A visitor who has come into the queue."""
    client = Client()
    client.post(f"/talk/{billing.slug}/", {"kind": "live", "name": "May", "media": "video", **said})
    return client


@pytest.mark.parametrize("page", PAGES)
def test_it_is_its_persons_alone(entry: QueueEntry, billing: Queue, ada: User, page: str) -> None:
    sam = house.person("Sam Okafor", Role.PATIENT)
    ines = house.person("Ines Falk", Role.SUPERVISOR)
    strangers = [signed_in(sam), signed_in(ines), signed_in(ada), guest_client(billing)]
    for stranger in strangers:
        assert stranger.get(at(entry, page)).status_code == 404
        if page:
            assert stranger.post(at(entry, page), {**REACHED, **LETTER}).status_code == 404
    refused = AuditEntry.objects.filter(target=str(entry.pk), allowed=False)
    assert refused.count() == (8 if page else 4)
    assert Client().get(at(entry, page)).status_code == 404
    entry.refresh_from_db()
    assert (entry.state, entry.kind) == ("waiting", "live")


def test_it_says_nothing_of_what_does_not_exist(client: Client) -> None:
    for page in PAGES:
        assert client.get(f"/contacts/{uuid4()}/{page}").status_code == 404
    assert client.get("/contacts/%00/").status_code == 404
    assert client.get("/contacts/return/rubbish/").status_code == 404


def test_it_says_where_somebody_stands(client: Client, entry: QueueEntry, billing: Queue) -> None:
    house.come(billing, "Sam", waited_secs=300)
    page = text(client.get(at(entry)))
    assert "You are waiting in Billing: place 2" in page
    assert f"/calls/{entry.call_id}/" in page
    for way in ("callback/", "write/", "leave/"):
        assert at(entry, way) in page
    assert client.post(at(entry)).status_code == 405


def test_a_call_back_keeps_the_place(client: Client, entry: QueueEntry, billing: Queue) -> None:
    answer = client.post(
        at(entry, "callback/"), {"phone": " +49  (30)\u00a01234–567 ", "email": ""}, follow=True
    )
    entry.refresh_from_db()
    assert (entry.kind, entry.state, entry.phone) == ("callback", "waiting", "+49 (30) 1234-567")
    assert "We call you back. You can close this page." in text(answer)
    assert "We call +49 (30) 1234-567." in text(answer)
    assert client.get("/talk/billing/")["Location"] == at(entry)
    assert "We call you back: Billing" in text(client.get("/home/"))
    # What was asked for once is not asked for again, but can be called off.
    assert client.get(at(entry, "callback/"))["Location"] == at(entry)
    assert "Do not call me back" in text(client.get(at(entry)))


def test_a_message_gives_the_place_up(client: Client, entry: QueueEntry, billing: Queue) -> None:
    page = client.get(at(entry, "write/"))
    assert page.context["form"]["email"].value() == "mei.lin@example.com"
    answer = text(client.post(at(entry, "write/"), LETTER, follow=True))
    entry.refresh_from_db()
    assert (entry.kind, entry.message, entry.email) == ("message", *LETTER.values())
    assert "Your message was sent." in answer
    assert "We answer to mei@example.com." in answer
    assert client.get("/talk/billing/").status_code == 200


def test_leaving_gives_the_place_up(client: Client, entry: QueueEntry) -> None:
    assert "Give up the place" in text(client.get(at(entry, "leave/")))
    entry.refresh_from_db()
    assert entry.state == "waiting"
    answer = text(client.post(at(entry, "leave/"), follow=True))
    assert "You are not in line any more" in answer
    assert "/talk/billing/" in answer
    entry.refresh_from_db()
    assert entry.state == "left"
    assert "Billing: place" not in text(client.get("/home/"))


@pytest.mark.parametrize("page", PAGES[1:])
@pytest.mark.parametrize("state", ["left", "answered"])
def test_what_is_over_or_answered_is_not_left(
    client: Client, entry: QueueEntry, ada: User, page: str, state: str
) -> None:
    if state == "left":
        waiting.leave(entry)
    else:
        house.sit_down(ada)
        offers.accept(ada, house.offered(entry).pk)
    for ask in (client.get, client.post):
        answer = ask(at(entry, page), {**REACHED, **LETTER})
        assert answer["Location"] == at(entry)
    entry.refresh_from_db()
    assert (entry.state, entry.kind) == (state, "live")


def test_who_is_answered_is_sent_to_the_call(client: Client, entry: QueueEntry, ada: User) -> None:
    house.sit_down(ada)
    offers.accept(ada, house.offered(entry).pk)
    page = text(client.get(at(entry)))
    assert "Somebody is there for you" in page
    assert f"/calls/{entry.call_id}/" in page
    assert client.get("/talk/billing/")["Location"] == f"/calls/{entry.call_id}/"


def test_a_queue_that_closed_says_so(client: Client, entry: QueueEntry, billing: Queue) -> None:
    Queue.objects.update(is_active=False)
    waiting.sweep()
    assert "The queue has closed" in text(client.get(at(entry)))


@pytest.mark.parametrize("page", ["callback/", "write/"])
def test_what_the_queue_does_not_take_is_not_offered(
    client: Client, entry: QueueEntry, page: str
) -> None:
    Queue.objects.update(takes_callbacks=False, takes_messages=False)
    assert at(entry, page) not in text(client.get(at(entry)))
    answer = client.post(at(entry, page), {**REACHED, **LETTER})
    assert answer["Location"] == at(entry)
    entry.refresh_from_db()
    assert entry.kind == "live"


@pytest.mark.parametrize(
    ("page", "wrong"),
    [
        ("callback/", {}),
        ("callback/", {"phone": "letters"}),
        ("callback/", {"phone": "+49\x0030 12345"}),
        ("callback/", {"phone": "1" * 41}),
        ("callback/", {"phone": "<b>12345</b>"}),
        ("callback/", {"email": "nobody"}),
        ("callback/", {"email": f"{'x' * 250}@example.com"}),
        ("write/", {}),
        ("write/", {"message": "Hello"}),
        ("write/", {"message": " ", "email": "mei@example.com"}),
        ("write/", {"message": "x" * 4001, "email": "mei@example.com"}),
    ],
)
def test_it_takes_nothing_odd(
    client: Client, entry: QueueEntry, page: str, wrong: dict[str, str]
) -> None:
    answer = client.post(at(entry, page), wrong)
    assert answer.status_code == 400
    assert "Something is not right yet" in text(answer)
    entry.refresh_from_db()
    assert entry.kind == "live"


def test_guests_reach_what_is_theirs_and_nothing_else(billing: Queue) -> None:
    client = guest_client(billing)
    entry = QueueEntry.objects.get()
    for page in PAGES:
        assert client.get(at(entry, page)).status_code == 200
    assert client.get("/home/")["Location"] == "/guest/"
    assert client.get("/guest/")["Location"] == f"/calls/{entry.call_id}/"
    client.post(at(entry, "callback/"), REACHED)
    assert client.get("/guest/")["Location"] == at(entry)
    client.post(at(entry, "leave/"))
    assert client.get("/guest/")["Location"] == at(entry)


def test_the_second_of_two_tabs_is_told(
    client: Client, entry: QueueEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page was loaded before the other tab gave the place up."""
    real = waiting.call_me_back

    def too_late(row: QueueEntry, **said: Any) -> None:
        waiting.leave(row)
        real(row, **said)

    monkeypatch.setattr(waiting, "call_me_back", too_late)
    answer = text(client.post(at(entry, "callback/"), REACHED, follow=True))
    assert "You do not wait in this queue any more." in answer
    assert "You are not in line any more" in answer


def test_a_home_of_many_contacts_costs_as_much_as_one(mei: User, client: Client) -> None:
    from tests.portal.test_page_costs import queries

    one = queries(mei, "/home/")
    for number in range(6):
        other = house.queue(name=f"Queue {number}")
        arriving.arrive(
            other, Arrival(name="Mei", phone="12345"), person=mei, time_zone="UTC", language="en"
        )
    assert queries(mei, "/home/") == one <= 12
