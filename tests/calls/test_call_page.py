"""The page of a visit, as the server renders it."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.models import User
from audit.models import AuditEntry
from calls.models import Appointment, CallSession
from calls.models.service import RecordingPolicy
from calls.states import AppointmentState, CallState
from calls.templatetags import desk
from calls.views.call_words import WORDS
from calls.views.meeting_words import VISIT
from tests.support.cast import Cast, make_cast

MODULES = Path(settings.BASE_DIR) / "static/js/call"


@pytest.fixture
def people(db: None) -> Cast:
    return make_cast()


def page_for(client: Client, user: User, people: Cast) -> str:
    client.force_login(user)
    response = client.get(f"/calls/{people.call.pk}/")
    assert response.status_code == 200
    return response.content.decode()


def test_it_does_not_exist_for_anonymous_people(client: Client, people: Cast) -> None:
    assert client.get(f"/calls/{people.call.pk}/").status_code == 404


@pytest.mark.parametrize("who", ["sam", "tomas"])
def test_it_does_not_exist_for_others_and_says_so_to_the_audit(
    client: Client, people: Cast, who: str
) -> None:
    client.force_login(getattr(people, who))
    assert client.get(f"/calls/{people.call.pk}/").status_code == 404
    entry = AuditEntry.objects.get(action="call.view")
    assert not entry.allowed


def test_it_refuses_to_be_posted_to(client: Client, people: Cast) -> None:
    client.force_login(people.mei)
    assert client.post(f"/calls/{people.call.pk}/").status_code == 405


def test_it_lets_only_itself_ask_for_devices(client: Client, people: Cast) -> None:
    client.force_login(people.mei)
    response = client.get(f"/calls/{people.call.pk}/")
    assert "camera=(self), microphone=(self)" in response["Permissions-Policy"]
    assert "script-src 'self'" in response["Content-Security-Policy"]


def test_it_names_the_other_person(client: Client, people: Cast) -> None:
    assert "Waiting for Dr. Ada Brandt" in page_for(client, people.mei, people)
    assert '"other": "Mei Lin"' in page_for(client, people.ada, people)


def test_it_lets_only_the_agent_end_and_record(client: Client, people: Cast) -> None:
    agent = page_for(client, people.ada, people)
    assert 'data-action="end"' in agent
    assert 'data-action="record"' in agent
    patient = page_for(client, people.mei, people)
    assert 'data-action="end"' not in patient
    assert 'data-action="record"' not in patient
    assert 'data-action="withdraw"' in patient


def test_it_offers_no_recording_where_the_service_is_never_recorded(
    client: Client, people: Cast
) -> None:
    people.service.recording_policy = RecordingPolicy.NEVER
    people.service.save()
    assert 'data-action="record"' not in page_for(client, people.ada, people)


def test_it_gives_agreeing_and_declining_equal_weight(client: Client, people: Cast) -> None:
    patient = page_for(client, people.mei, people)
    answers = re.findall(r'<button class="([^"]+)"[^>]*data-action="(?:agree|decline)"', patient)
    assert answers == ["button", "button"]
    assert "May we record this visit?" in patient


def test_it_tells_early_people_when_the_door_opens(client: Client, people: Cast) -> None:
    start = timezone.now() + timedelta(minutes=settings.JOIN_EARLY_MINUTES + 20)
    CallSession.objects.filter(pk=people.call.pk).update(
        starts_at=start, ends_at=start + timedelta(minutes=30)
    )
    client.force_login(people.mei)
    response = client.get(f"/calls/{people.call.pk}/")
    assert "You are early" in response.content.decode()
    assert 19 * 60 < int(response["Refresh"]) <= 20 * 60 + 1


def test_it_looks_again_every_hour_before_a_visit_that_is_far(client: Client, people: Cast) -> None:
    start = timezone.now() + timedelta(hours=5)
    CallSession.objects.filter(pk=people.call.pk).update(
        starts_at=start, ends_at=start + timedelta(minutes=30)
    )
    client.force_login(people.mei)
    assert client.get(f"/calls/{people.call.pk}/")["Refresh"] == "3601"


def test_it_says_that_a_visit_was_cancelled(client: Client, people: Cast) -> None:
    Appointment.objects.filter(pk=people.appointment.pk).update(state=AppointmentState.CANCELLED)
    page = page_for(client, people.mei, people)
    assert "This visit was cancelled" in page
    assert "js/call/main.js" not in page


def test_it_shows_afterwards_how_long_it_lasted(client: Client, people: Cast) -> None:
    now = timezone.now()
    CallSession.objects.filter(pk=people.call.pk).update(
        state=CallState.ENDED, live_at=now - timedelta(minutes=12), ended_at=now
    )
    page = page_for(client, people.mei, people)
    assert "It lasted 12 minutes." in page
    assert "js/call/main.js" not in page


def test_it_has_a_sentence_for_every_key_that_the_modules_name() -> None:
    text = "".join(path.read_text() for path in MODULES.glob("*.js"))
    named = set(re.findall(r'\bt\(\s*"(\w+)"', text)) | {"lasted_one", "lasted_other"}
    assert named
    # An agent's page has the words of the desk as well.
    assert named <= set(WORDS) | set(desk.WORDS)


def test_it_has_the_help_for_every_fault_of_a_device() -> None:
    faults = re.search(r"@typedef \{([^}]+)\} Fault", (MODULES / "capture.js").read_text())
    assert faults
    for fault in re.findall(r'"(\w+)"', faults[1]):
        assert {f"{fault}_{which}" for which in ("audio", "video", "both")} <= set(WORDS)
        assert f"{fault}_help" in WORDS or f"{fault}_help_other" in WORDS


def test_it_hands_the_words_over_as_data(client: Client, people: Cast) -> None:
    page = page_for(client, people.mei, people)
    found = re.search(r'<script id="call-words" type="application/json">(.+?)</script>', page)
    assert found
    assert set(json.loads(found[1])) == set(WORDS) | set(VISIT)
