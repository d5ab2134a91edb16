"""Answers to letters, and the link by which somebody who is called back comes to their call."""

import logging
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from audit.models import AuditEntry
from calls.models import Notice, Queue, QueueEntry
from calls.services.desk import letters, returning, waiting
from calls.services.desk.errors import NotALetter, NothingWritten, RepliedBefore
from calls.services.notices import mailing
from tests.booking.house import signed_in, text
from tests.desk import house

pytestmark = pytest.mark.django_db

ANSWER = "The invoice is right.\n\nKind regards <b>Ada</b>"


@pytest.fixture
def letter(billing: Queue) -> QueueEntry:
    return written(billing)


@pytest.fixture
def callback(billing: Queue) -> QueueEntry:
    return asked(billing)


def written(queue: Queue, **more: Any) -> QueueEntry:
    said = {"kind": "message", "message": "Is it right?", "email": "may@example.com", **more}
    return house.come(queue, "May", is_there=False, **said)


def asked(queue: Queue, **more: Any) -> QueueEntry:
    said = {"kind": "callback", "email": "may@example.com", **more}
    return house.come(queue, "May", is_there=False, **said)


def sent() -> list[str]:
    """The texts of the mails that have gone to May; the sweep sends what is due."""
    mailing.send_due()
    return [str(one.body) for one in mail.outbox if one.to == ["may@example.com"]]


def link_in(body: str) -> str:
    found = re.search(r"http://testserver(\S+)", body)
    assert found
    return found[1]


def test_an_answer_is_mailed_once(letter: QueueEntry, ada: User) -> None:
    letters.reply(letter, ada, f"  {ANSWER}\n")
    assert mail.outbox == []
    [body] = sent()
    assert "Hello May" in body
    assert "The invoice is right." in body
    assert "Kind regards <b>Ada</b>" in body
    for hidden in ("http", "Is it right?", "in your account"):
        assert hidden not in body
    [message] = mail.outbox
    assert isinstance(message, EmailMultiAlternatives)
    assert "&lt;b&gt;Ada&lt;/b&gt;" in str(message.alternatives[0][0])
    with pytest.raises(RepliedBefore):
        letters.reply(letter, ada, "Another one.")
    assert len(sent()) == 1
    letter.refresh_from_db()
    assert (letter.answer, letter.state) == (ANSWER, "waiting")
    assert AuditEntry.objects.get(action="letter.answer").actor == str(ada.pk)


def test_an_account_finds_the_answer_in_the_portal(billing: Queue, mei: User, ada: User) -> None:
    letter = written(billing, person=mei)
    letters.reply(letter, ada, ANSWER)
    client = signed_in(mei)
    assert f"/contacts/{letter.pk}/" in text(client.get("/notices/"))
    page = text(client.get(f"/contacts/{letter.pk}/"))
    assert "The invoice is right." in page
    assert "Kind regards &lt;b&gt;Ada&lt;/b&gt;" in page
    [body] = sent()
    assert f"/contacts/{letter.pk}/" in body


@pytest.mark.parametrize("empty", ["", "  \n", "x" * 4001])
def test_nothing_is_no_answer(letter: QueueEntry, ada: User, empty: str) -> None:
    with pytest.raises(NothingWritten):
        letters.reply(letter, ada, empty)
    assert not Notice.objects.exists()


def test_only_letters_are_answered(billing: Queue, ada: User) -> None:
    for entry in (asked(billing), house.come(billing)):
        with pytest.raises(NotALetter):
            letters.reply(entry, ada, ANSWER)
    assert not Notice.objects.exists()


def test_an_answer_outlives_a_mail_server_that_is_away(
    letter: QueueEntry, ada: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*_: object) -> int:
        raise OSError("connection refused")

    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, "send_messages", away)
        letters.reply(letter, ada, ANSWER)
        with caplog.at_level(logging.DEBUG):
            assert sent() == []
    for said in ("invoice", "May", "may@example.com"):
        assert said not in caplog.text
    Notice.objects.update(mail_next_at=timezone.now())
    assert len(sent()) == 1


def test_it_is_written_in_the_language_of_the_person(letter: QueueEntry, ada: User) -> None:
    User.objects.filter(pk=letter.person_id).update(language="zh-hans")
    letters.reply(letter, ada, ANSWER)
    assert "Hello May" not in sent()[0]


def test_a_call_back_is_mailed_with_the_way_to_the_call(callback: QueueEntry) -> None:
    assert letters.call_now(callback)
    assert letters.call_now(callback)
    [body] = sent()
    link = link_in(body)
    client = Client()
    assert "Somebody is there for you: Billing." in text(client.get(link))
    assert client.get(f"/calls/{callback.call_id}/").status_code == 404
    answer = client.post(link)
    assert answer["Location"] == f"/calls/{callback.call_id}/"
    assert client.get(answer["Location"]).status_code == 200
    # Here it only leads on; elsewhere it does not work a second time.
    assert client.get(link)["Location"] == f"/calls/{callback.call_id}/"
    for other in (Client().get(link), Client().post(link)):
        assert other.status_code == 410
        assert "This link does not work any more" in text(other)
    assert AuditEntry.objects.filter(action="callback.mail", target=callback.pk).exists()


def test_nobody_is_mailed_without_an_address(billing: Queue, letter: QueueEntry) -> None:
    by_phone = asked(billing, email="", phone="12345")
    over = asked(billing)
    waiting.leave(over)
    over.refresh_from_db()
    assert [letters.call_now(one) for one in (by_phone, over, letter)] == [False] * 3
    assert not Notice.objects.exists()


@pytest.mark.parametrize("why", ["late", "over"])
def test_a_mail_that_was_held_up_calls_nobody(callback: QueueEntry, why: str) -> None:
    letters.call_now(callback)
    if why == "over":
        waiting.leave(callback)
    else:
        Notice.objects.update(created_at=timezone.now() - timedelta(hours=3))
    assert sent() == []
    assert Notice.objects.get().mail_state == "none"


@pytest.mark.parametrize("why", ["late", "over", "shut"])
def test_a_link_does_not_hold_for_ever(
    callback: QueueEntry, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    link = f"/contacts/return/{returning.return_token(callback)}/"
    if why == "late":
        monkeypatch.setattr(returning, "LIFE_SECS", -1)
    elif why == "over":
        waiting.leave(callback)
    else:
        User.objects.filter(pk=callback.person_id).update(is_active=False)
    for answer in (Client().get(link), Client().post(link)):
        assert answer.status_code == 410
        assert "/talk/billing/" in text(answer)


@pytest.mark.parametrize("token", ["x", "x" * 2000, "%00", "WyJhIiwiYiJd:1abc:sig"])
def test_a_forged_link_is_nothing(callback: QueueEntry, token: str) -> None:
    for answer in (Client().get, Client().post):
        assert answer(f"/contacts/return/{token}/").status_code == 404


def test_an_account_signs_in_as_ever(billing: Queue, mei: User, ada: User) -> None:
    callback = asked(billing, person=mei)
    letters.call_now(callback)
    [body] = sent()
    assert link_in(body) == f"/calls/{callback.call_id}/"
    link = f"/contacts/return/{returning.return_token(callback)}/"
    call = f"/calls/{callback.call_id}/"
    for ask in (Client().get, Client().post):
        assert ask(link)["Location"] == f"/account/login/?next={call}"
    assert signed_in(mei).get(link)["Location"] == call
    assert signed_in(ada).get(link).status_code == 404


def test_somebody_else_is_told_that_they_are_signed_out(callback: QueueEntry, mei: User) -> None:
    link = f"/contacts/return/{returning.return_token(callback)}/"
    client = signed_in(mei)
    assert "You are signed in as Mei Lin." in text(client.get(link))
    client.post(link)
    assert client.session["_auth_user_id"] == str(callback.person_id)


def test_a_link_wants_a_token_against_forged_forms_and_is_limited(
    callback: QueueEntry, settings: Settings
) -> None:
    link = f"/contacts/return/{returning.return_token(callback)}/"
    assert Client(enforce_csrf_checks=True).post(link).status_code == 403
    settings.ACCOUNT_RATE_LIMITS = {"invitation_opened": "1/h/key"}
    assert Client().post(link).status_code == 302
    callback.refresh_from_db()
    fresh = QueueEntry.objects.select_related("person").get(pk=callback.pk)
    again = f"/contacts/return/{returning.return_token(fresh)}/"
    assert Client().post(again).status_code == 429
