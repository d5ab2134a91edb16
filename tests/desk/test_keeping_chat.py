"""How long the chat of contacts is kept: not while it is part of something that stays."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from calls.models import CallEvent, CallSession, Queue, QueueEntry, Recording
from calls.services.desk import keeping, sweeping
from tests.desk import house
from tests.desk.kept import FIELDS, chat_of, contact, say, words
from tests.desk.late import Late

pytestmark = pytest.mark.django_db


@pytest.fixture
def billing(billing: Queue, ada: User) -> Queue:
    """With Ada at the desk."""
    house.sit_down(ada)
    return billing


@pytest.mark.parametrize("state", ["recording", "stopping", "finalising", "ready", "failed"])
def test_the_chat_of_a_recording_stays_while_there_is_one(
    billing: Queue, ada: User, state: str
) -> None:
    entry, now = contact(billing, ada, days=90), timezone.now()
    Recording.objects.create(call=entry.call, state=state, asked_at=now, started_at=now)
    Queue.objects.update(**dict.fromkeys(FIELDS, 1))
    before = words(entry)["chat_kept_days"]
    assert keeping.sweep() == len(FIELDS) - 1
    assert words(entry)["chat_kept_days"] == before != []
    Recording.objects.update(state="erased", erased_at=now)
    assert keeping.sweep() == 1
    assert words(entry)["chat_kept_days"] == []


def test_a_recording_that_captured_nothing_keeps_no_chat(billing: Queue, ada: User) -> None:
    entry = contact(billing, ada, days=90)
    Recording.objects.create(call=entry.call, state="failed", asked_at=timezone.now())
    Queue.objects.update(chat_kept_days=1)
    assert keeping.sweep() == 1
    assert words(entry)["chat_kept_days"] == []


@pytest.mark.parametrize("state", ["open", "live"])
def test_the_chat_of_a_call_that_goes_on_stays(billing: Queue, ada: User, state: str) -> None:
    entry = contact(billing, ada, days=90)
    CallSession.objects.filter(pk=entry.call_id).update(state=state, ended_at=None)
    Queue.objects.update(chat_kept_days=1)
    assert keeping.sweep() == 0
    assert words(entry)["chat_kept_days"] != []


def test_the_history_of_a_call_keeps_its_facts_and_neither_words_nor_names(
    billing: Queue, ada: User
) -> None:
    entry = contact(billing, ada, days=3)
    before = CallEvent.objects.filter(call=entry.call_id).values_list("seq", "at", "kind")
    told = list(before)
    Queue.objects.update(**dict.fromkeys(FIELDS, 1))
    keeping.sweep()
    assert list(before.all()) == told
    (line,) = chat_of(entry)
    assert (line["name"], line["text"]) == (keeping.NOBODY, "")
    assert "Mei Lin" not in str(list(CallEvent.objects.values_list("data", flat=True)))


def test_the_chat_of_a_booked_visit_stays_with_the_visit() -> None:
    late = Late()
    sweeping.sweep()
    say(late.entry, "The other knee too")
    ended = timezone.now() - timedelta(days=90)
    CallSession.objects.filter(pk=late.call.pk).update(state="ended", ended_at=ended)
    QueueEntry.objects.update(state="done", answered_at=ended, arrived_at=ended, ended_at=ended)
    Queue.objects.update(chat_kept_days=1)
    assert keeping.sweep() == 0
    assert [line["text"] for line in chat_of(late.entry)] == ["The other knee too"]
