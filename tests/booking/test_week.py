"""Changing one's hours: whole weeks, single days, and what lies outside of them then."""

from datetime import time, timedelta

import pytest

from accounts.models import User
from audit.models import AuditEntry
from calls.models import Availability, DayHours, Service, SlotOffer, WaitingListEntry
from calls.services.scheduling import week
from calls.services.scheduling.free_times import next_free
from calls.services.scheduling.week import Shift
from tests.booking import house

pytestmark = pytest.mark.django_db

MORNING, EVENING = Shift(0, time(8), time(12)), Shift(0, time(17), time(20))


def save(agent: User, *shifts: Shift) -> None:
    week.set_week(agent, shifts, by=agent, seen=week.version_of(week.week_of(agent)))


def test_it_replaces_the_week(ada: User) -> None:
    save(ada, EVENING, MORNING)
    assert week.week_of(ada) == [MORNING, EVENING]
    entry = AuditEntry.objects.get(action="hours.week")
    assert (entry.target, entry.actor) == (str(ada.pk), str(ada.pk))
    save(ada)
    assert week.week_of(ada) == []


@pytest.mark.parametrize(
    "shifts",
    [
        [Shift(0, time(12), time(8))],
        [Shift(0, time(8), time(8))],
        [MORNING, Shift(0, time(11), time(13))],
        [Shift(7, time(8), time(9))],
        [
            Shift(0, time(hour, minute), time(hour, minute + 1))
            for hour in range(24)
            for minute in (0, 10, 20)
        ],
    ],
)
def test_it_takes_no_impossible_week(ada: User, shifts: list[Shift]) -> None:
    before = week.week_of(ada)
    with pytest.raises(week.WrongHours):
        save(ada, *shifts)
    assert week.week_of(ada) == before


def test_it_overwrites_nobody_elses_change(ada: User) -> None:
    seen = week.version_of(week.week_of(ada))
    save(ada, MORNING)
    with pytest.raises(week.OutdatedWeek):
        week.set_week(ada, [EVENING], by=ada, seen=seen)
    assert week.week_of(ada) == [MORNING]


def test_a_single_day_stands_in_place_of_the_week(ada: User, consultation: Service) -> None:
    day = house.tomorrow().date()
    week.set_day(ada, day, [(time(9), time(10))], by=ada)
    assert [
        f"{moment:%H:%M}"
        for moment in next_free(consultation, ada, after=house.tomorrow(time(0)))[:2]
    ] == ["09:00", "09:30"]
    week.set_day(ada, day, [], by=ada)
    assert DayHours.objects.get(agent=ada).starts is None
    assert next_free(consultation, ada, after=house.tomorrow(time(0)))[0].date() > day
    week.forget_day(ada, day, by=ada)
    assert not DayHours.objects.exists()


def test_it_names_the_visits_outside(ada: User, consultation: Service) -> None:
    inside = house.visit(house.person("mei"), ada, of=consultation, starts_at=house.tomorrow())
    late = house.tomorrow(time(20))
    outside = house.visit(house.person("sam"), ada, of=consultation, starts_at=late)
    assert week.visits_outside(ada) == []
    save(ada, *(Shift(day, time(8), time(12)) for day in range(7)))
    assert week.visits_outside(ada) == [outside]
    week.set_day(ada, inside.starts_at.date(), [], by=ada)
    assert week.visits_outside(ada) == [inside, outside]


def test_new_hours_are_offered_to_those_who_wait(ada: User, consultation: Service) -> None:
    Availability.objects.all().delete()
    day = house.tomorrow().date()
    WaitingListEntry.objects.create(
        service=consultation,
        patient=house.person("mei"),
        from_date=day,
        until_date=day + timedelta(days=6),
    )
    save(ada, *(Shift(day, time(8), time(12)) for day in range(7)))
    assert SlotOffer.objects.get().agent == ada
