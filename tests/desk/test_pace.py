"""What people are told about their wait, from what was answered lately."""

from datetime import timedelta

import pytest
from django.utils import timezone

from calls.desk.estimate import estimate
from calls.desk.states import AgentState, EntryState
from calls.models import DeskAgent, QueueEntry
from calls.services.desk import line
from tests.desk import house

pytestmark = pytest.mark.django_db


def test_the_pace_counts_the_time_in_which_somebody_stood_in_line() -> None:
    ada = house.person("Ada Brandt")
    billing = house.queue(ada)
    house.sit_down(ada)
    DeskAgent.objects.update(state=AgentState.BUSY)
    now = timezone.now()
    mei = house.come(billing, "Mei Lin")
    sam, li = house.come(billing, "Sam"), house.come(billing, "Li")

    def stood(entry: QueueEntry, came: int, answered: int) -> None:
        """So many seconds ago; they are spoken with."""
        QueueEntry.objects.filter(pk=entry.pk).update(
            arrived_at=now - timedelta(seconds=came),
            answered_at=now - timedelta(seconds=answered),
            state=EntryState.ANSWERED,
            agent=ada,
        )

    # A hundred seconds of the last half hour with somebody in line, and two answers in them.
    stood(sam, came=900, answered=840)
    stood(li, came=860, answered=830)
    QueueEntry.objects.filter(pk=mei.pk).update(arrived_at=now - timedelta(seconds=30))
    place = line.places(now)[mei.pk]
    assert (place.number, place.agents) == (1, 1)
    # One agent and five minutes a contact are assumed, with the weight of three answers.
    told = estimate(ahead=0, pace=(3 + 2) / (3 * 300 + 100))
    assert told is not None
    assert place.estimate is not None
    assert place.estimate.middle_secs == pytest.approx(told.middle_secs)


def test_half_an_hour_in_which_nobody_came_slows_nothing_down() -> None:
    ada = house.person("Ada Brandt")
    billing = house.queue(ada)
    house.sit_down(ada)
    DeskAgent.objects.update(state=AgentState.BUSY)
    now = timezone.now()
    mei = house.come(billing, "Mei Lin")
    QueueEntry.objects.filter(pk=mei.pk).update(arrived_at=now)
    assert line.places(now)[mei.pk].estimate == estimate(ahead=0, pace=1 / 300)
