"""The way in: the queues of the first page, and `/talk/<queue>/` for everybody who opens it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Role, User
from calls.models import Queue, QueueDay, QueueEntry, QueueHours
from calls.services.desk import waiting
from tests.booking.house import signed_in, text
from tests.desk import house
from tests.desk.visitors import come, fields

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def unhurried(settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"queue_entry": "1000/m/ip"}


@pytest.fixture
def billing() -> Queue:
    return house.queue(description="Invoices and payments", languages=["en", "de"])


def close(queue: Queue) -> None:
    """It opens tomorrow at noon."""
    tomorrow = timezone.localdate() + timedelta(days=1)
    QueueDay.objects.create(queue=queue, date=tomorrow, starts="12:00", ends="18:00")


def test_the_first_page_says_which_queues_there_are(billing: Queue) -> None:
    page = text(Client().get("/"))
    assert "Talk to someone now" in page
    assert "Invoices and payments" in page
    assert "/talk/billing/" in page
    assert "Nobody is at the desk right now." in page
    Queue.objects.update(is_public=False)
    assert "Talk to someone now" not in text(Client().get("/"))


@pytest.mark.parametrize(
    ("takes", "words"),
    [
        ((True, True), "You can wait, be called back, or write."),
        ((True, False), "You can wait, or be called back."),
        ((False, True), "You can wait, or write."),
        ((False, False), "Nobody is at the desk right now. You can wait."),
    ],
)
def test_an_open_queue_without_agents_says_so_and_what_is_left(
    billing: Queue, takes: tuple[bool, bool], words: str
) -> None:
    Queue.objects.update(takes_callbacks=takes[0], takes_messages=takes[1])
    page = text(Client().get("/talk/"))
    assert "Open, nobody there" in page
    assert words in page


def test_queues_that_somebody_answers_now_come_first(billing: Queue) -> None:
    ada = house.person("Ada Brandt")
    house.queue(ada, name="Repairs")
    house.sit_down(ada)
    page = text(Client().get("/"))
    assert page.index("/talk/repairs/") < page.index("/talk/billing/")


def test_it_says_that_one_is_answered_at_once_only_where_an_agent_is_free(billing: Queue) -> None:
    ada = house.person("Ada Brandt")
    billing.agents.add(ada)
    house.sit_down(ada)
    page = text(Client().get("/talk/"))
    assert "No one waits: usually answered at once." in page
    assert "1 person answers" in page
    house.come(billing, waited_secs=60)
    page = text(Client().get("/talk/"))
    assert "at once" not in page
    assert "About 4 minutes, seldom more than 13." in page


def test_the_queues_cost_as_much_as_one(billing: Queue, mei: User) -> None:
    costs = []
    for count in (0, 5):
        for number in range(count):
            more = house.queue(house.person(f"Agent {number}"), name=f"Queue {number}")
            house.come(more, f"Guest {number}")
            QueueHours.objects.create(queue=more, weekday=0, starts="08:00", ends="18:00")
        for client, path in ((Client(), "/"), (Client(), "/talk/"), (signed_in(mei), "/home/")):
            client.get(path)
            with CaptureQueriesContext(connection) as captured:
                client.get(path)
            costs.append(len(captured))
    assert costs[:3] == costs[3:]
    assert max(costs) <= 12


def test_a_visitor_waits_as_a_guest(billing: Queue) -> None:
    client = Client()
    answer = come(
        billing,
        client,
        subject="An  invoice ",
        media="audio",
        language="de",
        time_zone="Asia/Shanghai",
    )
    entry = QueueEntry.objects.get()
    assert answer["Location"] == f"/calls/{entry.call_id}/"
    assert (entry.name, entry.subject) == ("Mei Lin", "An invoice")
    assert (entry.media, entry.language, entry.origin) == ("audio", "de", "")
    assert (entry.person.role, entry.person.time_zone) == ("guest", "Asia/Shanghai")
    assert client.get(answer["Location"]).status_code == 200


def test_an_account_waits_as_itself(billing: Queue, mei: User) -> None:
    client = signed_in(mei)
    page = client.get("/talk/billing/")
    assert fields(page)["name"] == "Mei Lin"
    assert fields(page, "letter_form")["email"] == "mei.lin@example.com"
    come(billing, client)
    assert QueueEntry.objects.get().person == mei
    assert "You are waiting in Billing: place 1" in text(client.get("/home/"))


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR, Role.ADMINISTRATOR])
def test_it_is_not_for_staff(billing: Queue, role: Role) -> None:
    client = signed_in(house.person("Ada Brandt", role))
    assert "This page is for people who need somebody" in text(client.get("/talk/billing/"))
    assert come(billing, client).status_code == 403
    assert not QueueEntry.objects.exists()


@pytest.mark.parametrize("who", ["guest", "account"])
def test_who_waits_is_led_back_to_the_same_place(billing: Queue, mei: User, who: str) -> None:
    client = Client() if who == "guest" else signed_in(mei)
    call = come(billing, client)["Location"]
    entry = QueueEntry.objects.get()
    # The tab was closed a minute and a half ago.
    QueueEntry.objects.update(away_since=timezone.now() - timedelta(seconds=90))
    waiting.sweep()
    assert client.get("/talk/billing/")["Location"] == call
    assert come(billing, client)["Location"] == call
    assert QueueEntry.objects.get() == entry


def test_who_is_away_for_longer_starts_anew(billing: Queue) -> None:
    client = Client()
    come(billing, client)
    QueueEntry.objects.update(away_since=timezone.now() - waiting.PLACE_KEPT)
    waiting.sweep()
    assert client.get("/talk/billing/").status_code == 200
    come(billing, client)
    assert [entry.state for entry in QueueEntry.objects.order_by("arrived_at")] == [
        "left",
        "waiting",
    ]


def test_a_guest_of_another_queue_becomes_a_new_guest(billing: Queue) -> None:
    front = house.queue(name="Front desk")
    client = Client()
    come(billing, client)
    assert "you leave that one" in text(client.get("/talk/front-desk/"))
    come(front, client)
    assert QueueEntry.objects.values("person").distinct().count() == 2
    assert client.get("/talk/front-desk/").status_code == 302


def test_a_closed_queue_says_when_it_opens(
    billing: Queue, mei: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    Queue.objects.update(closing="We are having lunch.", time_zone="Asia/Tokyo")
    monkeypatch.setattr(timezone, "now", lambda: datetime(2027, 1, 5, 6, tzinfo=UTC))
    close(billing)
    page = text(Client().get("/talk/billing/"))
    assert "We are having lunch." in page
    assert 'data-own-time="no">tomorrow 12:00</time>' in page
    assert "(Asia/Tokyo)" in page
    assert "Talk to someone now</button>" not in page
    User.objects.filter(pk=mei.pk).update(time_zone="Europe/Berlin")
    page = text(signed_in(mei).get("/talk/billing/"))
    assert 'data-own-time="yes">tomorrow 04:00</time>' in page
    assert "(your time)" in page
    answer = come(billing)
    assert answer.status_code == 400
    assert "closed at the moment" in text(answer)
    assert not QueueEntry.objects.exists()


@pytest.mark.parametrize("why", ["closed", "full", "open"])
def test_it_takes_word_of_who_does_not_wait(billing: Queue, why: str) -> None:
    if why == "closed":
        close(billing)
    if why == "full":
        Queue.objects.update(most_waiting=0)
    first, second = Client(), Client()
    come(billing, first, kind="callback", phone="+49 30 1234567")
    come(billing, second, kind="message", message="Please look.", email="mei@example.com")
    asked, written = QueueEntry.objects.order_by("arrived_at")
    assert (asked.kind, asked.phone) == ("callback", "+49 30 1234567")
    assert (written.kind, written.email) == ("message", "mei@example.com")
    assert "We call you back: Billing" in text(first.get(f"/contacts/{asked.pk}/"))
    assert second.get(f"/contacts/{asked.pk}/").status_code == 404
    assert "We answer to mei@example.com" in text(second.get(f"/contacts/{written.pk}/"))


def test_a_full_queue_says_so(billing: Queue) -> None:
    Queue.objects.update(most_waiting=1)
    house.come(billing)
    assert "More people wait than we can answer" in text(Client().get("/talk/billing/"))
    answer = come(billing)
    assert answer.status_code == 400
    assert "Please ask for a call back or write to us." in text(answer)


def test_it_offers_only_what_the_queue_takes(billing: Queue) -> None:
    Queue.objects.update(takes_callbacks=False, takes_messages=False)
    page = Client().get("/talk/billing/")
    assert page.context["callback_form"] is page.context["letter_form"] is None
    assert come(billing, kind="callback", phone="12345").status_code == 400
    Queue.objects.update(is_active=False)
    assert "Please come again later." in text(Client().get("/talk/billing/"))
    assert come(billing).status_code == 400
    assert not QueueEntry.objects.exists()


def test_a_letter_keeps_nobody_from_talking(billing: Queue, mei: User) -> None:
    client = signed_in(mei)
    for _ in range(2):
        come(billing, client, kind="message", message="Please look.", email="mei@example.com")
    assert QueueEntry.objects.count() == 1
    come(billing, client)
    assert sorted(QueueEntry.objects.values_list("kind", flat=True)) == ["live", "message"]
    home = text(client.get("/home/"))
    assert "Your message is with us: Billing" in home
    assert "You are waiting in Billing: place 1" in home


def test_it_names_the_day_on_which_it_opens(
    billing: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    QueueHours.objects.create(queue=billing, weekday=1, starts="08:00", ends="18:00")
    for day, words in ((5, "today 08:00"), (8, "Tuesday 08:00")):
        now = datetime(2027, 1, day, 6, tzinfo=UTC)
        monkeypatch.setattr(timezone, "now", lambda now=now: now)
        assert f">{words}</time>" in text(Client().get("/talk/billing/"))
