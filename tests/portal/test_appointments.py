"""A visit's page, its calendar file and its cancellation, for each role and state."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Role, User
from audit.models import AuditEntry
from calls.models import Appointment, CallSession, Service
from tests.booking import house
from tests.booking.house import text

pytestmark = pytest.mark.django_db

PAGES = ("", "calendar.ics")


@pytest.fixture
def ada(consultation: Service) -> User:
    return house.agent(zone="America/New_York", service=consultation)


@pytest.fixture
def mei() -> User:
    return house.person("mei", zone="Europe/Berlin")


@pytest.fixture
def visit(mei: User, ada: User, consultation: Service) -> Appointment:
    return house.visit(mei, ada, of=consultation, starts_at=house.tomorrow())


def address(visit: Appointment, page: str = "") -> str:
    return f"/appointments/{visit.pk}/{page}"


@pytest.mark.parametrize("page", PAGES)
def test_it_shows_the_anonymous_nothing(visit: Appointment, page: str) -> None:
    answer, unknown = Client().get(address(visit, page)), Client().get(f"/appointments/{uuid4()}/")
    assert answer.status_code == unknown.status_code == 404


@pytest.mark.parametrize("page", [*PAGES, "cancel/"])
@pytest.mark.parametrize("role", [Role.PATIENT, Role.AGENT, Role.SUPERVISOR, Role.ADMINISTRATOR])
def test_it_has_nothing_for_others_and_notes_that_they_asked(
    visit: Appointment, page: str, role: Role
) -> None:
    other = house.person("other", role)
    client = house.signed_in(other)
    ask = client.post if page == "cancel/" else client.get
    answer, unknown = ask(address(visit, page)), ask(f"/appointments/{uuid4()}/{page}")
    assert answer.status_code == unknown.status_code == 404
    visit.refresh_from_db()
    assert visit.state == "booked"
    refused = AuditEntry.objects.get(target=str(visit.pk), allowed=False)
    assert refused.actor == str(other.pk)


def test_it_cancels_for_neither_the_anonymous_nor_by_reading(visit: Appointment) -> None:
    assert Client().post(address(visit, "cancel/")).status_code == 404
    assert house.signed_in(visit.patient).get(address(visit, "cancel/")).status_code == 405
    visit.refresh_from_db()
    assert visit.state == "booked"


def test_it_needs_the_forms_own_token_to_cancel(visit: Appointment) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(visit.patient, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(address(visit, "cancel/")).status_code == 403


def test_it_shows_the_time_in_both_zones(visit: Appointment, mei: User, ada: User) -> None:
    seen = text(house.signed_in(mei).get(address(visit)))
    local = visit.starts_at.astimezone(mei.zone)
    assert f"{local:%H:%M}–" in seen
    assert f"{visit.starts_at.astimezone(ada.zone):%H:%M}–" in seen
    assert "America/New York" in seen
    assert "Europe/Berlin" in text(house.signed_in(ada).get(address(visit)))


def test_it_names_the_other_person(visit: Appointment, mei: User, ada: User) -> None:
    assert "Ada" in text(house.signed_in(mei).get(address(visit)))
    assert "Mei" in text(house.signed_in(ada).get(address(visit)))


def test_it_opens_the_door_half_an_hour_before(mei: User, ada: User, consultation: Service) -> None:
    now = timezone.now()
    early = house.visit(mei, ada, of=consultation, starts_at=now + timedelta(minutes=31))
    client = house.signed_in(mei)
    assert "You can join from" in text(client.get(address(early)))
    Appointment.objects.update(starts_at=now + timedelta(minutes=29))
    seen = text(client.get(address(early)))
    assert "You can join from" not in seen
    assert f"/calls/{early.call.pk}/" in seen


@pytest.mark.parametrize(
    ("state", "words"),
    [("cancelled", "does not take place"), ("completed", "This visit is over")],
)
def test_it_offers_no_door_when_a_visit_is_cancelled_or_over(
    mei: User, ada: User, consultation: Service, state: str, words: str
) -> None:
    over = house.visit(
        mei, ada, of=consultation, starts_at=timezone.now() + timedelta(minutes=5), state=state
    )
    seen = text(house.signed_in(mei).get(address(over)))
    assert words in seen
    assert "/calls/" not in seen
    assert "cancel/" not in seen


def test_it_says_that_a_visit_did_not_take_place(
    mei: User, ada: User, consultation: Service
) -> None:
    missed = house.visit(mei, ada, of=consultation, starts_at=timezone.now() - timedelta(days=1))
    assert "did not take place" in text(house.signed_in(mei).get(address(missed)))


def test_it_cancels_for_each_of_the_two(visit: Appointment, ada: User, mei: User) -> None:
    client = house.signed_in(ada)
    answer = client.post(address(visit, "cancel/"), follow=True)
    assert "The visit is cancelled." in text(answer)
    assert "You cancelled this visit." in text(answer)
    assert "Ada cancelled this visit." in text(house.signed_in(mei).get(address(visit)))
    again = house.signed_in(mei).post(address(visit, "cancel/"), follow=True)
    assert "was cancelled before" in text(again)


def test_it_does_not_cancel_a_live_visit(visit: Appointment, mei: User) -> None:
    CallSession.objects.update(state="live", live_at=timezone.now())
    answer = house.signed_in(mei).post(address(visit, "cancel/"), follow=True)
    assert "This visit has begun." in text(answer)


def test_it_gives_a_calendar_file_with_a_safe_name(visit: Appointment, mei: User) -> None:
    answer = house.signed_in(mei).get(address(visit, "calendar.ics"))
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Content-Disposition"] == (
        f'attachment; filename="visit-{visit.starts_at:%Y-%m-%d}.ics"'
    )
    unfolded = answer.content.replace(b"\r\n ", b"")
    assert f"URL:http://testserver/appointments/{visit.pk}/".encode() in unfolded


def test_it_shows_markup_in_names_as_text(visit: Appointment, ada: User, mei: User) -> None:
    User.objects.filter(pk=mei.pk).update(display_name="<script>alert(1)</script>")
    assert "<script>alert" not in text(house.signed_in(ada).get(address(visit)))
