"""Before a visit: the kept device test, checking in, and what the agent says became of it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Role, User
from audit.models import AuditEntry
from calls.forms.readiness import FINDINGS
from calls.models import AdvanceConsent, Appointment, DeviceTest, Notice, Participant, Service
from calls.services import readiness
from calls.views.readiness_words import IN_SHORT, TEST_WORDS
from tests.booking import house
from tests.booking.house import text

pytestmark = pytest.mark.django_db

GOOD = dict.fromkeys(("browser", "camera", "microphone", "speaker", "network"), "ok")


@pytest.fixture
def visit(mei: User, ada: User, consultation: Service) -> Appointment:
    return house.visit(mei, ada, of=consultation, starts_at=house.tomorrow())


def due(visit: Appointment, *, minutes: int) -> Appointment:
    """The visit so many minutes from now."""
    start = timezone.now() + timedelta(minutes=minutes)
    span = {"starts_at": start, "ends_at": start + timedelta(minutes=30)}
    Appointment.objects.filter(pk=visit.pk).update(**span)
    type(visit.call).objects.filter(pk=visit.call_id).update(**span)
    visit.refresh_from_db()
    return visit


# --- The device test ------------------------------------------------------------------------------
def test_it_keeps_what_a_test_found(visit: Appointment, mei: User, ada: User) -> None:
    client = house.signed_in(mei)
    page = f"/appointments/{visit.pk}/test/"
    assert "Nobody sees or hears you" in text(client.get(page))
    bad = client.post(page, {**GOOD, "camera": "refused"})
    assert bad.json() == {"outcome": "problem"}
    assert "Camera not allowed" in text(client.get(page))
    seen = text(house.signed_in(ada).get(f"/appointments/{visit.pk}/"))
    assert "Problem" in seen
    assert "Camera not allowed" in seen
    assert client.post(page, GOOD).json() == {"outcome": "ready"}
    assert "Your devices work." in text(client.get(f"/appointments/{visit.pk}/"))
    assert DeviceTest.objects.get(appointment=visit, person=mei).outcome == "ready"


def test_a_visit_in_writing_needs_no_camera(mei: User, ada: User) -> None:
    chat = house.service("Chat", media="text")
    visit = house.visit(mei, ada, of=chat, starts_at=house.tomorrow())
    sent = {"browser": "ok", "network": "ok", "camera": "missing"}
    answer = house.signed_in(mei).post(f"/appointments/{visit.pk}/test/", sent)
    assert answer.json() == {"outcome": "ready"}
    assert DeviceTest.objects.get().parts == {"browser": "ok", "network": "ok"}


@pytest.mark.parametrize(
    "sent", [{}, {"camera": "rubbish"}, {"camera": "x" * 5000}, {"network": "ok\0"}]
)
def test_it_keeps_no_rubbish(visit: Appointment, mei: User, sent: dict[str, str]) -> None:
    answer = house.signed_in(mei).post(f"/appointments/{visit.pk}/test/", sent)
    assert answer.status_code == 400
    assert answer.json()["errors"]
    assert not DeviceTest.objects.exists()


def test_nothing_is_tested_for_a_visit_that_is_over(mei: User, ada: User) -> None:
    start = house.tomorrow() - timedelta(days=3)
    over = house.visit(mei, ada, of=house.service("Old"), starts_at=start, state="completed")
    answer = house.signed_in(mei).post(f"/appointments/{over.pk}/test/", GOOD)
    assert answer.status_code == 409


def test_every_finding_has_its_words() -> None:
    assert set(FINDINGS) == {part for parts in readiness.NEEDED.values() for part in parts}
    for part, findings in FINDINGS.items():
        for finding in set(findings) - {"ok"}:
            assert (part, finding) in IN_SHORT
    for part in ("browser", "speaker", "network"):
        for finding in set(FINDINGS[part]) - {"skipped"}:
            assert f"test_{part}_{finding}" in TEST_WORDS


# --- Checking in ----------------------------------------------------------------------------------
def test_a_patient_checks_in_once(visit: Appointment, mei: User, ada: User) -> None:
    due(visit, minutes=90)
    client = house.signed_in(mei)
    assert "Check in" in text(client.get(f"/appointments/{visit.pk}/"))
    client.post(f"/appointments/{visit.pk}/check-in/")
    visit.refresh_from_db()
    first = visit.checked_in_at
    assert first is not None
    assert "You are checked in." in text(
        client.post(f"/appointments/{visit.pk}/check-in/", follow=True)
    )
    visit.refresh_from_db()
    assert visit.checked_in_at == first
    assert AuditEntry.objects.filter(action="appointment.check_in").count() == 1


def test_nobody_checks_in_days_before_or_for_somebody_else(
    visit: Appointment, mei: User, ada: User
) -> None:
    due(visit, minutes=60 * 25)
    for person in (mei, ada):
        house.signed_in(person).post(f"/appointments/{visit.pk}/check-in/")
    due(visit, minutes=60)
    house.signed_in(ada).post(f"/appointments/{visit.pk}/check-in/")
    visit.refresh_from_db()
    assert visit.checked_in_at is None


def test_home_names_the_one_next_thing(visit: Appointment, mei: User) -> None:
    client = house.signed_in(mei)
    due(visit, minutes=90)
    assert f"/appointments/{visit.pk}/test/" in text(client.get("/home/"))
    client.post(f"/appointments/{visit.pk}/test/", GOOD)
    assert f"/appointments/{visit.pk}/check-in/" in text(client.get("/home/"))
    client.post(f"/appointments/{visit.pk}/check-in/")
    assert "All is ready." in text(client.get("/home/"))
    due(visit, minutes=5)
    assert "Your visit is open" in text(client.get("/home/"))


# --- What became of it ----------------------------------------------------------------------------
def outcome(client: Client, visit: Appointment, said: str) -> str:
    answer = client.post(f"/appointments/{visit.pk}/outcome/", {"outcome": said}, follow=True)
    visit.refresh_from_db()
    return text(answer)


def test_an_agent_says_that_the_patient_did_not_come(visit: Appointment, ada: User) -> None:
    client = house.signed_in(ada)
    due(visit, minutes=-5)
    assert "did not come" not in text(client.get(f"/appointments/{visit.pk}/"))
    assert "cannot be said" in outcome(client, visit, "missed")
    assert visit.state == "booked"
    due(visit, minutes=-visit.service.no_show_minutes - 1)
    assert "did not come" in text(client.get(f"/appointments/{visit.pk}/"))
    assert "It took place all the same" in outcome(client, visit, "missed")
    assert visit.state == "no_show"
    assert Notice.objects.filter(kind="missed", appointment=visit).exists()
    outcome(client, visit, "took_place")
    assert visit.state == "completed"
    assert "Book a follow-up" in text(client.get(f"/appointments/{visit.pk}/"))


def test_whoever_waits_did_come(visit: Appointment, mei: User, ada: User) -> None:
    due(visit, minutes=-25)
    Participant.objects.filter(call=visit.call, user=mei).update(state="waiting")
    assert "cannot be said" in outcome(house.signed_in(ada), visit, "missed")
    assert visit.state == "booked"


@pytest.mark.parametrize("said", ["", "completed", "missed'", "took_place"])
def test_nobody_says_anything_else(visit: Appointment, ada: User, said: str) -> None:
    assert "cannot be said" in outcome(house.signed_in(ada), visit, said)
    assert visit.state == "booked"


def test_only_its_agent_decides(visit: Appointment, mei: User) -> None:
    due(visit, minutes=-29)
    boss = house.person("boss", Role.SUPERVISOR)
    for person in (mei, boss, house.person("eve", Role.AGENT)):
        client = house.signed_in(person)
        for what in ("outcome", "policy"):
            assert client.post(f"/appointments/{visit.pk}/{what}/").status_code == 404


# --- How this visit is recorded -------------------------------------------------------------------
def test_an_agent_plans_the_recording_of_one_visit(
    visit: Appointment, mei: User, ada: User
) -> None:
    client = house.signed_in(ada)
    page = f"/appointments/{visit.pk}/policy/"
    assert "Recording of this visit" in text(client.get(f"/appointments/{visit.pk}/"))
    client.post(page, {"policy": "booking"})
    visit.refresh_from_db()
    assert visit.effective_policy == "booking"
    AdvanceConsent.objects.create(
        appointment=visit, person=mei, granted=True, text_version="1", language="en"
    )
    client.post(page, {"policy": "never"})
    visit.refresh_from_db()
    assert visit.effective_policy == "never"
    assert not AdvanceConsent.objects.exists()
    client.post(page, {"policy": "rubbish"})
    visit.refresh_from_db()
    assert visit.effective_policy == "never"


def test_what_is_never_recorded_stays_so(mei: User, ada: User) -> None:
    quiet = house.service("Quiet", recording_policy="never")
    visit = house.visit(mei, ada, of=quiet, starts_at=house.tomorrow())
    house.signed_in(ada).post(f"/appointments/{visit.pk}/policy/", {"policy": "ask"})
    visit.refresh_from_db()
    assert visit.recording_policy == ""
