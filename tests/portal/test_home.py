"""What each role sees first."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Role, User
from calls.models import Attachment, Participant, Recording, Service, VisitNote
from tests.booking import house
from tests.booking.house import text

pytestmark = pytest.mark.django_db


@pytest.fixture
def mei() -> User:
    return house.person("mei")


def wait(patient: User) -> None:
    Participant.objects.filter(user=patient).update(
        state="waiting", waiting_since=timezone.now() - timedelta(minutes=3)
    )


def test_it_sends_the_anonymous_to_sign_in() -> None:
    for path in ("/home/", "/home/waiting/"):
        assert Client().get(path)["Location"] == f"/account/login/?next={path}"


@pytest.mark.parametrize("role", [role for role in Role if role != Role.GUEST])
def test_it_has_a_home_for_every_role_that_is_only_read(role: Role) -> None:
    client = house.signed_in(house.person("someone", role))
    assert client.get("/home/").status_code == 200
    assert client.post("/home/").status_code == 405


def test_it_shows_a_patient_the_next_visit_and_its_door(
    mei: User, ada: User, consultation: Service
) -> None:
    soon = house.visit(mei, ada, of=consultation, starts_at=timezone.now() + timedelta(minutes=10))
    house.visit(mei, ada, of=consultation, starts_at=house.tomorrow() + timedelta(days=1))
    seen = text(house.signed_in(mei).get("/home/"))
    assert "Your visit is open" in seen
    assert f"/calls/{soon.call.pk}/" in seen
    assert "After that" in seen
    assert "Past visits" not in seen


def test_it_shows_nobody_the_visits_of_others(mei: User, ada: User, consultation: Service) -> None:
    visit = house.visit(mei, ada, of=consultation, starts_at=house.tomorrow())
    wait(mei)
    for name, role in (("sam", Role.PATIENT), ("tomas", Role.AGENT)):
        seen = text(house.signed_in(house.person(name, role)).get("/home/"))
        assert str(visit.pk) not in seen
        assert "Mei" not in seen


def test_it_pages_past_visits(mei: User, ada: User, consultation: Service) -> None:
    for day in range(1, 13):
        starts_at = timezone.now() - timedelta(days=day)
        house.visit(mei, ada, of=consultation, starts_at=starts_at, state="completed")
    client = house.signed_in(mei)
    assert len(client.get("/home/").context["past"]) == 10
    assert len(client.get("/home/?page=2").context["past"]) == 2
    assert client.get("/home/?page=nonsense").status_code == 200


def test_it_marks_what_was_shared_of_a_past_visit(
    mei: User, ada: User, consultation: Service
) -> None:
    before = timezone.now() - timedelta(days=1)
    plain = house.visit(mei, ada, of=consultation, starts_at=before, state="completed")
    client = house.signed_in(mei)
    assert "Shared with you" not in text(client.get("/home/"))
    VisitNote.objects.create(appointment=plain, author=ada, text="Drink enough.")
    Attachment.objects.create(appointment=plain, added_by=ada, name="a.pdf", size_bytes=1)
    Recording.objects.create(
        call=plain.call, state="ready", asked_at=before, started_at=before, ready_at=before
    )
    page = client.get("/home/")
    [seen] = page.context["past"]
    assert (seen.has_notes, seen.has_files, seen.has_recording) == (True, True, True)
    assert "Shared with you" in text(page)


def test_it_shows_an_agent_who_waits(mei: User, ada: User, consultation: Service) -> None:
    visit = house.visit(mei, ada, of=consultation, starts_at=timezone.now() + timedelta(minutes=10))
    client = house.signed_in(ada)
    assert "Nobody is waiting." in text(client.get("/home/"))
    wait(mei)
    seen = client.get("/home/waiting/")
    assert "Mei" in text(seen)
    assert f"/calls/{visit.call.pk}/" in text(seen)
    same = client.get("/home/waiting/", {"seen": seen.context["seen"]})
    assert same.status_code == 204


def test_it_shows_a_supervisor_who_waits_without_the_door(
    mei: User, ada: User, consultation: Service
) -> None:
    visit = house.visit(mei, ada, of=consultation, starts_at=timezone.now() + timedelta(minutes=10))
    wait(mei)
    seen = text(house.signed_in(house.person("ines", Role.SUPERVISOR)).get("/home/waiting/"))
    assert "Mei" in seen
    assert f"/calls/{visit.call.pk}/" not in seen


def test_it_refuses_the_waiting_list_to_patients(mei: User) -> None:
    assert house.signed_in(mei).get("/home/waiting/").status_code == 403


@pytest.mark.parametrize("who", ["mei", "ada", "ines"])
def test_it_asks_the_database_no_more_for_many_rows(
    mei: User,
    ada: User,
    consultation: Service,
    who: str,
    django_assert_max_num_queries: object,
) -> None:
    house.person("ines", Role.SUPERVISOR)
    now = timezone.now()
    for number in range(12):
        day = timedelta(days=number - 6, minutes=5)
        state = "booked" if number >= 6 else "completed"
        house.visit(mei, ada, of=consultation, starts_at=now + day, state=state)
        guest = house.person(f"guest{number}")
        house.visit(
            guest, ada, of=consultation, starts_at=now + timedelta(minutes=31 * number + 36)
        )
        wait(guest)
    client = house.signed_in(User.objects.get(email=f"{who}@example.com"))
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        assert client.get("/home/").status_code == 200
