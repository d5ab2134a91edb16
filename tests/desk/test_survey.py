"""What people say about their contact: who may, when, once, and on which page."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Role, User
from audit.models import AuditEntry
from calls.models import QueueEntry, SurveyAnswer
from calls.services.desk import surveys
from calls.services.desk.errors import AnsweredBefore, NotOver, NotYourContact
from tests.desk import house

pytestmark = pytest.mark.django_db

GOOD: dict[str, Any] = {"score": 4, "solved": "yes", "comment": "Quick and kind."}


@pytest.fixture
def talked(ada: User) -> QueueEntry:
    """A guest's contact that somebody has answered and that is over."""
    entry = house.come(house.queue(ada))
    now = timezone.now()
    QueueEntry.objects.filter(pk=entry.pk).update(
        state="done", agent=ada, answered_at=now, ended_at=now
    )
    entry.refresh_from_db()
    return entry


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(entry: QueueEntry) -> str:
    return f"/contacts/{entry.pk}/survey/"


def test_it_keeps_an_answer_and_a_change_within_a_day(talked: QueueEntry) -> None:
    first = surveys.answer(talked, talked.person, **GOOD)
    assert (first.score, first.solved, first.comment) == (4, "yes", "Quick and kind.")
    assert first.changed_at is None
    second = surveys.answer(talked, talked.person, score=2, solved="no")
    assert (second.pk, second.score, second.comment) == (first.pk, 2, "")
    assert second.answered_at == first.answered_at
    assert second.changed_at is not None
    assert AuditEntry.objects.filter(action="desk.survey", allowed=True).count() == 2


def test_it_changes_nothing_after_a_day(talked: QueueEntry) -> None:
    surveys.answer(talked, talked.person, **GOOD)
    SurveyAnswer.objects.update(answered_at=timezone.now() - timedelta(days=1, seconds=1))
    with pytest.raises(AnsweredBefore):
        surveys.answer(talked, talked.person, score=1, solved="no")
    assert SurveyAnswer.objects.get().score == 4


def test_only_the_person_answers(talked: QueueEntry, ada: User) -> None:
    with pytest.raises(NotYourContact):
        surveys.answer(talked, ada, **GOOD)
    assert not SurveyAnswer.objects.exists()


@pytest.mark.parametrize("state", ["waiting", "ringing", "answered", "left"])
def test_it_waits_for_the_end_of_a_talk(talked: QueueEntry, ada: User, state: str) -> None:
    is_over = state == "left"
    QueueEntry.objects.filter(pk=talked.pk).update(
        state=state,
        ended_at=timezone.now() if is_over else None,
        answered_at=timezone.now() if state == "answered" else None,
    )
    talked.refresh_from_db()
    with pytest.raises(NotOver):
        surveys.answer(talked, talked.person, **GOOD)
    client = signed_in(talked.person)
    assert "It is not over yet" in client.get(page(talked)).content.decode()
    assert client.post(page(talked), GOOD).status_code == 409
    assert not SurveyAnswer.objects.exists()


# --- The page ------------------------------------------------------------------------------------
def test_a_guest_answers_and_is_thanked(talked: QueueEntry) -> None:
    client = signed_in(talked.person)
    shown = client.get(page(talked)).content.decode()
    for words in ("How was it?", "Very good", "Is your issue solved?", "Ada Brandt", "Billing"):
        assert words in shown
    answer = client.post(page(talked), GOOD, follow=True)
    assert answer.redirect_chain == [(page(talked), 302)]
    thanks = answer.content.decode()
    assert thanks.count("Thank you") == 2  # the title of the tab, and the heading
    assert "How was it?" not in re.sub(r"<legend.*?</legend>", "", thanks)
    assert "Your answer is kept." in thanks
    assert "Quick and kind." in thanks
    assert SurveyAnswer.objects.get(entry=talked).score == 4


def test_an_old_answer_is_only_thanked_for(talked: QueueEntry) -> None:
    surveys.answer(talked, talked.person, **GOOD)
    SurveyAnswer.objects.update(answered_at=timezone.now() - timedelta(days=2))
    client = signed_in(talked.person)
    shown = client.get(page(talked)).content.decode()
    assert "You have answered, and we have read it." in shown
    assert "<textarea" not in shown
    assert client.post(page(talked), GOOD | {"score": 1}).status_code == 409
    assert SurveyAnswer.objects.get().score == 4


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"score": ""}, "Please choose one of the five."),
        ({"score": "0"}, "0 is not one of the available choices."),
        ({"score": "6"}, "6 is not one of the available choices."),
        ({"score": "4.5"}, "4.5 is not one of the available choices."),
        ({"solved": ""}, "Please say whether it is solved."),
        ({"solved": "maybe"}, "maybe is not one of the available choices."),
        ({"comment": "x" * 1001}, "at most 1000 characters"),
    ],
)
def test_it_says_what_is_missing(talked: QueueEntry, wrong: dict[str, str], words: str) -> None:
    answer = signed_in(talked.person).post(page(talked), GOOD | wrong)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert not SurveyAnswer.objects.exists()


def test_it_is_nobody_elses(talked: QueueEntry, ada: User) -> None:
    mei = house.person("Mei Lin", Role.PATIENT)
    boss = house.person("Ines Falk", Role.SUPERVISOR)
    for who in (ada, mei, boss):
        assert signed_in(who).get(page(talked)).status_code == 404
        assert signed_in(who).post(page(talked), GOOD).status_code == 404
    assert Client().get(page(talked)).status_code == 404
    assert AuditEntry.objects.filter(action="desk.survey", allowed=False).count() == 6
    assert not SurveyAnswer.objects.exists()


def test_it_shows_markup_as_text(talked: QueueEntry) -> None:
    client = signed_in(talked.person)
    client.post(page(talked), GOOD | {"comment": "<script>alert(1)</script>"})
    assert "<script>alert(1)" not in client.get(page(talked)).content.decode()
