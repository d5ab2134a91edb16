"""Who has spoken with somebody at the desk knows their case too."""

from typing import Any

import pytest
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import Role, User
from calls.models import Handling, NotNow, Queue, QueueEntry
from tests.booking import house as booking
from tests.booking.house import signed_in, text
from tests.desk import house
from tests.desk.before import contact_of_before, seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return house.person("Dr. Ada Brandt")


def spoke(person: User, queue: Queue, *, days: int, **fields: Any) -> QueueEntry:
    """They spoke so many days ago."""
    entry = contact_of_before(queue, days=days)
    QueueEntry.objects.filter(pk=entry.pk).update(person=person, **fields)
    return entry


def home(person: User) -> str:
    return text(signed_in(person).get("/home/"))


def test_who_spoke_with_somebody_knows_their_case(mei: User, ada: User, billing: Queue) -> None:
    entry = spoke(mei, billing, days=40)
    assert "knows your case" not in home(mei)  # nobody is at the desk
    house.sit_down(ada)
    day = date_format(entry.arrived_at, "j F Y")
    for path in ("/home/", "/talk/", f"/contacts/{entry.pk}/"):
        page = text(signed_in(mei).get(path))
        assert "Dr. Ada Brandt knows your case" in page
        assert f"Because you spoke on {day}; at the desk now: Billing." in page
        assert 'href="/talk/billing/">Talk now' in page


@pytest.mark.parametrize("what", ["old", "letter", "advice", "other", "aside"])
def test_what_was_no_talk_with_them_suggests_nothing(
    mei: User, ada: User, billing: Queue, what: str
) -> None:
    house.sit_down(ada)
    who = house.person("Sam Okafor", Role.PATIENT) if what == "other" else mei
    kind = {"kind": "message", "message": "Hello"} if what == "letter" else {}
    spoke(who, billing, days=190 if what == "old" else 40, **kind)
    if what == "advice":
        Handling.objects.update(is_consult=True)
    if what == "aside":
        NotNow.objects.create(person=mei, at=timezone.now())
    assert "knows your case" not in home(mei)


def test_a_visit_whose_agent_is_there_comes_before_a_talk(mei: User, billing: Queue) -> None:
    tomas = house.person("Tomas Ruiz")
    service = booking.service()
    service.agents.add(tomas)
    seen(mei, tomas, service, 20)
    spoke(mei, billing, days=5)
    house.sit_down(billing.agents.get())
    assert "Dr. Ada Brandt knows your case" in home(mei)
    house.queue(tomas, name="Clinic")
    house.sit_down(tomas)
    assert "Tomas Ruiz knows your case" in home(mei)
