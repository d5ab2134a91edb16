"""Nobody is left alone by an agent whose browser is lost, nor taken from one who is there."""

from datetime import timedelta

import pytest
from django.utils import timezone

from calls.desk.states import AgentState, EntryState, HandlingState
from calls.models import (
    Handling,
    Leg,
)
from calls.services.desk import lost
from calls.states import LegState
from tests.desk import house
from tests.desk.conversation import Conversation

pytestmark = pytest.mark.django_db


def test_a_person_whose_agent_is_lost_is_next_in_line(talk: Conversation) -> None:
    Leg.objects.filter(participant__user=talk.ada).update(
        state=LegState.CLOSED, closed_at=timezone.now()
    )
    lost.sweep()
    assert talk.entry.state == EntryState.ANSWERED  # the place of a lost page is kept a while
    long_ago = timezone.now() - lost.LOST_AFTER
    Handling.objects.filter(agent=talk.ada).update(began_at=long_ago)
    house.come(talk.billing, "Sam Okafor", waited_secs=600)
    lost.sweep()
    assert talk.entry.state == EntryState.WAITING
    assert talk.part_of(talk.ada).state == HandlingState.WRAPPING_UP
    assert house.offered(talk.entry).agent == talk.tomas


def test_a_conversation_that_everybody_has_gone_from_is_over(talk: Conversation) -> None:
    now = timezone.now()
    Leg.objects.update(state=LegState.CLOSED, closed_at=now)
    Handling.objects.update(began_at=now - lost.DESERTED_AFTER)
    lost.end_deserted()
    assert talk.entry.state == EntryState.ANSWERED  # they may still come back
    Leg.objects.update(closed_at=now - lost.DESERTED_AFTER)
    lost.end_deserted()
    assert talk.entry.state == EntryState.DONE
    assert talk.state_of(talk.ada) == AgentState.AFTER_CALL


def test_nobody_is_taken_from_an_agent_who_is_there(talk: Conversation) -> None:
    Handling.objects.update(began_at=timezone.now() - timedelta(hours=1))
    lost.sweep()
    assert talk.entry.state == EntryState.ANSWERED
