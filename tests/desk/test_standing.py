"""What the desk's list says of each of those in line, as each agent reads it."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from calls.desk.states import EntryKind
from calls.models import Queue, QueueEntry, QueueOffer
from calls.services.desk import agents, news, offers, transferring
from calls.views.desk.standing import badges
from tests.desk import house
from tests.desk.test_desk_pages import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def billing(ada: User, tomas: User) -> Queue:
    return house.queue(ada, tomas)


def says(entry: QueueEntry, reader: User) -> str:
    rows = QueueEntry.objects.filter(pk=entry.pk).select_related("reserved_for")
    return badges(list(rows), reader=reader, now=timezone.now())[entry.pk].text


def test_who_waits_and_who_is_not_ready_are_told_apart(billing: Queue, ada: User) -> None:
    assert says(house.come(billing), ada) == "Waits"
    early = house.come(billing, "Sam Okafor", is_there=False)
    assert says(early, ada) == "Away"
    QueueEntry.objects.filter(pk=early.pk).update(away_since=None)
    assert says(early, ada) == "In the device check"


def test_it_says_where_it_rings_and_who_did_not_take_it(
    billing: Queue, ada: User, tomas: User
) -> None:
    house.sit_down(ada, idle_secs=90)
    mei = house.come(billing)
    offer = house.offered(mei)
    assert (says(mei, ada), says(mei, tomas)) == ("Rings at your desk", "Rings at Ada Brandt")
    offers.decline(ada, offer.pk)
    assert (says(mei, ada), says(mei, tomas)) == ("You declined", "Ada Brandt declined")
    house.sit_down(tomas)
    second = house.offered(mei)
    assert says(mei, ada) == "Rings at Tomas Ruiz"
    QueueOffer.objects.filter(pk=second.pk).update(
        rings_until=timezone.now() - timedelta(seconds=1)
    )
    offers.sweep()
    assert (says(mei, ada), says(mei, tomas)) == ("Tomas Ruiz did not answer", "You did not answer")


def test_who_was_handed_on_is_kept_for_a_colleague(billing: Queue, ada: User, tomas: User) -> None:
    house.sit_down(ada)
    mei = house.come(billing)
    offers.accept(ada, house.offered(mei).pk)
    house.sit_down(tomas)
    transferring.send_to_agent(mei.pk, tomas.pk, by=ada, note="")
    assert (says(mei, ada), says(mei, tomas)) == ("Kept for Tomas Ruiz", "Kept for you")
    QueueEntry.objects.filter(pk=mei.pk).update(reserved_until=timezone.now())
    assert says(mei, ada) == "Handed on"


def test_the_list_names_the_way_of_meeting_apart(billing: Queue, ada: User) -> None:
    house.come(billing)
    letter: dict[str, Any] = {"email": "m@example.com", "message": "Hello", "is_there": False}
    entry = house.come(billing, "Sam Okafor", kind=EntryKind.MESSAGE, **letter)
    html = signed_in(ada).get(reverse("desk_line")).content.decode()
    assert "By video" in html
    assert entry.get_kind_display() in html
    assert html.count('badge">Waits') == 2


def test_the_page_is_told_when_somebody_is_ready(billing: Queue, ada: User) -> None:
    agents.desk_of(ada)
    mei = house.come(billing, is_there=False)
    before = news.desks_of([ada.pk])[ada.pk].revision
    house.be_there(mei)
    assert news.desks_of([ada.pk])[ada.pk].revision != before
