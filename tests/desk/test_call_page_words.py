"""What the page of a call calls itself: a visit where one was booked, else a conversation."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from calls.desk.states import EntryState
from calls.models import CallSession, QueueEntry
from calls.services.desk import offers
from calls.states import CallState
from calls.views.meeting_words import CONVERSATION, VISIT
from tests.desk import house
from tests.desk.late import Late

pytestmark = pytest.mark.django_db


def page_of(entry: QueueEntry, reader: User) -> str:
    client = Client()
    client.force_login(reader)
    return client.get(reverse("call", args=[entry.call_id])).content.decode()


def said_on(page: str) -> str:
    """What a person reads or hears of it: without the markup, with the words of the scripts."""
    return re.sub(r"<(?!script)[^>]*?(aria-label=\"[^\"]*\")?[^>]*>", r" \1 ", page)


def test_nobody_who_came_through_a_queue_reads_of_a_visit() -> None:
    ada = house.person("Ada Brandt")
    entry = house.come(house.queue(ada))
    house.sit_down(ada)
    assert not re.search(r"\bvisits?\b", said_on(page_of(entry, entry.person)), re.IGNORECASE)
    offers.accept(ada, house.offered(entry).pk)
    page = page_of(entry, ada)
    assert "End conversation" in page
    assert not re.search(r"\bvisits?\b", said_on(page), re.IGNORECASE)

    CallSession.objects.filter(pk=entry.call_id).update(
        state=CallState.ENDED, live_at=timezone.now(), ended_at=timezone.now()
    )
    QueueEntry.objects.filter(pk=entry.pk).update(
        state=EntryState.DONE, ended_at=timezone.now(), agent=ada
    )
    for reader in (entry.person, ada):
        assert "The conversation has ended" in page_of(entry, reader)


def test_a_visit_that_fell_back_to_a_queue_stays_a_visit() -> None:
    late = Late()
    late.accepted()
    assert "End visit" in page_of(late.entry, late.tomas)


def test_both_kinds_have_the_same_sentences() -> None:
    assert set(VISIT) == set(CONVERSATION)
