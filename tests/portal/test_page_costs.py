"""Home, day and details: as many queries for a full house as for an empty one, twelve at most."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import ConsentText, Role, User
from calls.models import (
    Answer,
    Appointment,
    Attachment,
    DeviceTest,
    GuestKind,
    Invitation,
    Question,
    Recording,
    Service,
    VisitNote,
)
from calls.services.scheduling import time_off
from tests.booking import house

pytestmark = pytest.mark.django_db

MOST_QUERIES = 12


@pytest.fixture
def consultation() -> Service:
    ConsentText.objects.create(version="1", language="en", title="Recording", body="Why")
    return house.service(recording_policy="booking", capacity=3)


def furnish(visit: Appointment, count: int) -> None:
    """So many questions, answers, notes, files, tests and guests of one visit."""
    for number in range(count):
        question = Question.objects.create(service=visit.service, label=f"Question {number}")
        _shared, asked = (
            Attachment.objects.create(
                appointment=visit, added_by=visit.patient, name=name, size_bytes=1
            )
            for name in ("a.pdf", "b.pdf")
        )
        Answer.objects.create(
            appointment=visit, question=question, label=question.label, attachment=asked
        )
        VisitNote.objects.create(appointment=visit, author=visit.agent, text="Drink enough.")
        DeviceTest.objects.update_or_create(
            appointment=visit, person=visit.patient, defaults={"outcome": "ready"}
        )
        now = timezone.now()
        Recording.objects.create(
            call=visit.call, state="ready", asked_at=now, started_at=now, ready_at=now
        )
        Invitation.objects.create(
            call=visit.call,
            name=f"Guest {number}",
            kind=GuestKind.RELATIVE,
            token_digest=f"{number}",
            created_by=visit.patient,
        )


def queries(user: User, path: str) -> int:
    client = house.signed_in(user)
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


@pytest.mark.parametrize("days", [3, 0, -3], ids=["coming", "open", "past"])
@pytest.mark.parametrize("who", ["mei", "ada"])
def test_a_visit_with_much_around_it_costs_as_much_as_a_bare_one(
    mei: User, ada: User, consultation: Service, who: str, days: int
) -> None:
    starts_at = timezone.now() + timedelta(days=days, minutes=5)
    state = "completed" if days < 0 else "booked"
    visit = house.visit(mei, ada, of=consultation, starts_at=starts_at, state=state)
    furnish(visit, 1)
    user = User.objects.get(email=f"{who}@example.com")
    few = queries(user, f"/appointments/{visit.pk}/")
    Invitation.objects.all().delete()
    Answer.objects.all().delete()
    furnish(visit, 12)
    assert few == queries(user, f"/appointments/{visit.pk}/") <= MOST_QUERIES


@pytest.mark.parametrize("days_away", [0, 20])
@pytest.mark.parametrize("capacity", [1, 3])
@pytest.mark.parametrize("errand", ["own", "for", "follow_up", "move"])
def test_each_step_of_booking_costs_little(
    mei: User, ada: User, errand: str, capacity: int, days_away: int
) -> None:
    """Whoever books what, and whether the first free time is near or weeks away."""
    service = house.service("Class", capacity=capacity)
    for number in range(12):
        service.agents.add(house.agent(f"agent{number}"))
    service.agents.add(ada)
    now = timezone.now()
    before = house.visit(mei, ada, of=service, starts_at=now - timedelta(days=2), state="completed")
    visit = house.visit(mei, ada, of=service, starts_at=now + timedelta(days=30))
    for agent in service.agents.all() if days_away else ():
        time_off.take(agent, starts_at=now, ends_at=now + timedelta(days=days_away), by=agent)
    address = {
        "own": "?",
        "for": f"?for={mei.pk}&",
        "follow_up": f"?for={mei.pk}&follow_up_of={before.pk}&",
        "move": f"?move={visit.pk}&",
    }[errand]
    user = ada if errand in ("for", "follow_up") else mei
    steps = [f"/book/{service.pk}/{step}{address}" for step in ("", "time/")]
    steps.append(f"{steps[1]}agent={ada.pk}")
    found = {step: queries(user, step) for step in steps}
    assert max(found.values()) <= MOST_QUERIES, found


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("mei", "/home/"),
        ("ada", "/home/"),
        ("ada", "/day/"),
        ("mei", "/notices/"),
        ("ines", "/day/"),
        ("ines", "/home/"),
    ],
)
def test_a_page_of_many_rows_costs_as_much_as_one_of_few(
    mei: User, ada: User, consultation: Service, who: str, path: str
) -> None:
    house.person("ines", Role.SUPERVISOR)
    user = User.objects.get(email=f"{who}@example.com")
    now, counts = timezone.now(), []
    for count in (2, 12):
        for number in range(count):
            other = house.person(f"patient{count}-{number}")
            ahead = timedelta(hours=1, minutes=31 * number + 400 * (count > 2))
            house.visit(other, ada, of=consultation, starts_at=now + ahead)
            past = now - timedelta(days=number + count)
            house.visit(mei, ada, of=consultation, starts_at=past, state="completed")
        counts.append(queries(user, path))
    assert counts[0] == counts[1] <= MOST_QUERIES
