"""A booked time is the wall-clock time that was meant, in every zone, whatever its clocks do."""

import zoneinfo
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Role, User
from calls.models import Appointment, Availability
from calls.services.scheduling import series, zone_rules
from calls.services.scheduling.hours import Hours, Window, as_moment, moment_of
from calls.services.scheduling.places import offset_minutes
from tests.booking import house
from tests.booking.transitions import all_transitions

ZONES = sorted(zoneinfo.available_timezones() - {"localtime"})
HALF_HOUR = timedelta(minutes=30)
near_a_change = st.sampled_from(range(-96, 97)).map(lambda steps: steps * HALF_HOUR)
clocks = st.builds(
    time, st.integers(min_value=0, max_value=23), st.sampled_from((0, 15, 30, 45, 59))
)


def visit_at(moment: datetime, zone: ZoneInfo, *, offset: int | None = None) -> Appointment:
    """An unsaved visit, booked in `zone` under today's rules, or under those that had `offset`."""
    booked_under = offset_minutes(moment, zone) if offset is None else offset
    return Appointment(starts_at=moment, booked_zone=zone.key, booked_offset_minutes=booked_under)


def test_it_knows_every_change_of_the_clocks_of_ten_years() -> None:
    changes = all_transitions()
    assert ("Europe/Berlin", datetime(2027, 3, 28, 1, tzinfo=UTC)) in changes
    assert ("America/New_York", datetime(2026, 11, 1, 6, tzinfo=UTC)) in changes
    assert ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC)) in changes
    assert len(changes) > 3500


def test_it_leaves_every_visit_near_every_change_where_it_was_booked() -> None:
    for name, change in all_transitions():
        zone = ZoneInfo(name)
        for steps in (-3, -2, -1, 0, 1, 2, 3):
            moment = change + steps * HALF_HOUR
            assert zone_rules.meant(visit_at(moment, zone)) == moment, (name, moment)


@settings(max_examples=300, deadline=None)
@given(name=st.sampled_from(ZONES), at=st.datetimes(datetime(2026, 1, 1), datetime(2036, 1, 1)))
def test_it_leaves_any_visit_where_it_was_booked(name: str, at: datetime) -> None:
    moment = at.replace(second=0, microsecond=0, tzinfo=UTC)
    assert zone_rules.meant(visit_at(moment, ZoneInfo(name))) == moment


@settings(max_examples=300, deadline=None)
@given(
    name=st.sampled_from(ZONES),
    at=st.datetimes(datetime(2026, 1, 1), datetime(2036, 1, 1)),
    moved=st.sampled_from((-120, -60, -30, 30, 60, 120)),
)
def test_it_keeps_the_wall_clock_when_the_rules_change(name: str, at: datetime, moved: int) -> None:
    zone = ZoneInfo(name)
    moment = at.replace(second=0, microsecond=0, tzinfo=UTC)
    # Booked under rules that had the zone `moved` minutes elsewhere: people agreed on this clock.
    offset = offset_minutes(moment, zone) + moved
    agreed = (moment + timedelta(minutes=offset)).replace(tzinfo=None)
    start = zone_rules.meant(visit_at(moment, zone, offset=offset))
    shown = start.astimezone(zone).replace(tzinfo=None)
    is_left_out = (
        agreed.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) != agreed
    )
    assert shown == agreed or is_left_out


def test_it_reads_an_hour_that_comes_twice_as_it_was_booked() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert first.astimezone(berlin).time() == second.astimezone(berlin).time() == time(2, 30)
    assert zone_rules.meant(visit_at(first, berlin)) == first
    assert zone_rules.meant(visit_at(second, berlin)) == second


def test_it_keeps_a_visit_of_a_zone_that_is_gone() -> None:
    moment = datetime(2027, 1, 1, 9, tzinfo=UTC)
    visit = Appointment(starts_at=moment, booked_zone="Mars/Olympus", booked_offset_minutes=60)
    assert zone_rules.meant(visit) == moment


@settings(max_examples=200, deadline=None)
@given(change=st.sampled_from(all_transitions()), before=near_a_change, weeks=st.integers(1, 11))
def test_it_repeats_a_series_at_the_same_clock(
    change: tuple[str, datetime], before: timedelta, weeks: int
) -> None:
    zone, first = ZoneInfo(change[0]), change[1] + before
    later = series.weekly(first, zone, weeks)
    wanted = first.astimezone(zone).replace(tzinfo=None) + timedelta(weeks=weeks)
    shown = later.astimezone(zone).replace(tzinfo=None)
    # Only a clock that is left out that day may be another one, by as much as is left out.
    assert shown == wanted or abs(shown - wanted) <= timedelta(hours=24)
    exists = wanted.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    assert shown == wanted or exists != wanted


@pytest.mark.django_db
@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    change=st.sampled_from(all_transitions()),
    starts=clocks,
    ends=clocks,
    days=st.integers(min_value=0, max_value=3),
)
def test_it_has_the_same_shifts_as_the_slow_way(
    agent: User, change: tuple[str, datetime], starts: time, ends: time, days: int
) -> None:
    if ends <= starts:
        return
    Availability.objects.filter(agent=agent).delete()
    agent.time_zone, moment = change
    Availability.objects.bulk_create(
        Availability(agent=agent, weekday=day, starts=starts, ends=ends) for day in range(7)
    )
    window = Window(moment - timedelta(days=2), moment + timedelta(days=days + 1))
    shifts = Hours([agent], window).shifts(agent)
    first = window.start.astimezone(agent.zone).date()
    last = window.end.astimezone(agent.zone).date()
    for offset in range((last - first).days + 1):
        span = slow_shift(first + timedelta(days=offset), starts, ends, agent.zone)
        assert span in shifts or span[1] <= span[0], (change, offset)
    assert shifts == sorted(set(shifts))


@pytest.fixture
def agent(db: None) -> User:
    return house.person("ada", Role.AGENT)


def slow_shift(day: date, starts: time, ends: time, zone: ZoneInfo) -> tuple[int, int]:
    """By arithmetic of whole dates, without the short cut for days without a change."""
    start = datetime.combine(day, starts, tzinfo=zone).astimezone(UTC)
    if ends == time(23, 59):
        end = datetime.combine(day + timedelta(days=1), time(), tzinfo=zone).astimezone(UTC)
    else:
        end = datetime.combine(day, ends, tzinfo=zone).astimezone(UTC)
    return int(start.timestamp()), int(end.timestamp())


def test_it_counts_a_left_out_clock_with_the_offset_before() -> None:
    # RFC 5545 section 3.3.5: 02:30 on that day is read as 03:30.
    moment = as_moment(moment_of(date(2027, 3, 28), time(2, 30), ZoneInfo("Europe/Berlin")))
    assert moment == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
