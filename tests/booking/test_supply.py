"""What makes a time free or not: buffers, notice, horizon, single days, holidays, time off."""

from datetime import UTC, date, datetime, time, timedelta
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from calls.models import Availability, CallSession, DayHours, Service, TakenTime
from calls.services.scheduling import booking
from calls.services.scheduling.errors import OutsideHours, SlotTaken, TooSoon
from calls.services.scheduling.free_times import Supply, free_times, next_free
from calls.services.scheduling.hours import Window, as_moment
from tests.booking import house

pytestmark = pytest.mark.django_db

HALF = timedelta(minutes=30)


def day_of(day: date) -> Window:
    start = datetime.combine(day, time(), tzinfo=UTC)
    return Window(start, start + timedelta(days=1))


def clocks(service: Service, agent: User, day: date) -> list[str]:
    """The free starts of one day in UTC."""
    [found] = free_times(service, agent, day_of(day), ZoneInfo("UTC"))
    return [f"{moment:%H:%M}" for moment in found.times]


def in_days(days: int) -> date:
    return timezone.now().date() + timedelta(days=days)


def test_it_keeps_the_buffers_of_both_visits(ada: User, consultation: Service) -> None:
    consultation.buffer_before_minutes, consultation.buffer_after_minutes = 10, 20
    consultation.save()
    house.visit(house.person("mei"), ada, of=consultation, starts_at=house.tomorrow())
    taken = TakenTime.objects.get(person=ada)
    assert (taken.starts_at, taken.ends_at) == (
        house.tomorrow(time(9, 50)),
        house.tomorrow(time(10, 50)),
    )
    free = clocks(consultation, ada, in_days(1))
    assert "09:00" in free
    assert {"09:30", "10:00", "10:30"}.isdisjoint(free)
    assert "11:00" in free
    with pytest.raises(SlotTaken):
        booking.book(
            house.person("sam"),
            ada,
            service=consultation,
            starts_at=house.tomorrow(time(10, 30)),
            zone=ada.zone,
        )


def test_it_keeps_the_notice_of_the_service(ada: User, consultation: Service) -> None:
    consultation.notice_minutes = 48 * 60
    consultation.save()
    assert next_free(consultation, ada, limit=1)[0] > timezone.now() + timedelta(hours=48)
    mei = house.person("mei")
    with pytest.raises(TooSoon):
        booking.book(mei, ada, service=consultation, starts_at=house.tomorrow(), zone=mei.zone)
    by_staff = booking.Details(by=ada)
    assert booking.book(
        mei,
        ada,
        service=consultation,
        starts_at=house.tomorrow(),
        zone=mei.zone,
        details=by_staff,
    )


def test_it_shows_nothing_past_the_horizon(ada: User, consultation: Service) -> None:
    consultation.horizon_days = 3
    consultation.save()
    last = next_free(consultation, ada, limit=10_000)[-1]
    assert timezone.now() + timedelta(days=3) - HALF < last <= timezone.now() + timedelta(days=3)


def test_a_single_day_stands_in_place_of_the_week(ada: User, consultation: Service) -> None:
    DayHours.objects.create(agent=ada, date=in_days(3), starts=time(9), ends=time(10))
    DayHours.objects.create(agent=ada, date=in_days(3), starts=time(14), ends=time(15))
    assert clocks(consultation, ada, in_days(3)) == ["09:00", "09:30", "14:00", "14:30"]
    assert len(clocks(consultation, ada, in_days(4))) == 48


def test_a_single_day_without_hours_is_a_day_away(ada: User, consultation: Service) -> None:
    DayHours.objects.create(agent=ada, date=in_days(3))
    assert clocks(consultation, ada, in_days(3)) == []
    mei, start = house.person("mei"), datetime.combine(in_days(3), time(10), tzinfo=UTC)
    with pytest.raises(OutsideHours):
        booking.book(mei, ada, service=consultation, starts_at=start, zone=mei.zone)


def test_a_public_holiday_is_a_day_away(ada: User, consultation: Service) -> None:
    ada.holiday_place = "DE-BE"
    ada.save()
    consultation.horizon_days = 365
    consultation.save()
    # The Day of German Unity, and the day after.
    year = timezone.now().year + (timezone.now().date() >= date(timezone.now().year, 10, 1))
    with patch.object(timezone, "now", return_value=datetime(year, 9, 1, tzinfo=UTC)):
        assert clocks(consultation, ada, date(year, 10, 3)) == []
        assert len(clocks(consultation, ada, date(year, 10, 4))) == 48
        DayHours.objects.create(agent=ada, date=date(year, 10, 3), starts=time(9), ends=time(9, 30))
        assert clocks(consultation, ada, date(year, 10, 3)) == ["09:00"]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    shifts=st.lists(
        st.tuples(st.integers(0, 95), st.integers(1, 40)), min_size=1, max_size=3, unique=True
    ),
    taken=st.lists(st.tuples(st.integers(0, 110), st.integers(1, 12)), max_size=6),
    length=st.sampled_from((10, 15, 20, 30, 45, 60, 90)),
    before=st.sampled_from((0, 5, 15)),
    after=st.sampled_from((0, 10)),
)
def test_every_free_time_fits_and_nothing_that_fits_is_missing(
    ada: User,
    consultation: Service,
    shifts: list[tuple[int, int]],
    taken: list[tuple[int, int]],
    length: int,
    before: int,
    after: int,
) -> None:
    """In quarters of an hour, against the slow way that tries each start of each shift."""
    day = in_days(2)
    midnight = datetime.combine(day, time(), tzinfo=UTC)
    quarter = timedelta(minutes=15)
    Availability.objects.all().delete()
    TakenTime.objects.all().delete()
    CallSession.objects.all().delete()
    spans = []
    for start, size in dict(shifts).items():
        end = min(start + size, 95)
        if end > start:
            house.hours(ada, day.weekday(), _clock(start), _clock(end))
            spans.append((midnight + start * quarter, midnight + end * quarter))
    blocks: list[tuple[datetime, datetime]] = []
    for start, size in taken:
        block = (midnight + start * quarter, midnight + (start + size) * quarter)
        if all(block[1] <= one[0] or block[0] >= one[1] for one in blocks):
            blocks.append(block)
            call = CallSession.objects.create()
            TakenTime.objects.create(person=ada, call=call, starts_at=block[0], ends_at=block[1])
    consultation.duration_minutes = length
    consultation.buffer_before_minutes, consultation.buffer_after_minutes = before, after
    supply = Supply(consultation, [ada], day_of(day))
    found = [as_moment(start) for start in supply.free_starts()]
    slow = _slow(spans, blocks, length, before, after)
    assert found == slow
    for moment in slow[:3]:
        assert supply.free_at(moment) == [ada.pk]


def _clock(quarters: int) -> time:
    return time(quarters // 4, quarters % 4 * 15)


def _slow(
    spans: list[tuple[datetime, datetime]],
    blocks: list[tuple[datetime, datetime]],
    length: int,
    before: int,
    after: int,
) -> list[datetime]:
    size, step = timedelta(minutes=length), timedelta(minutes=min(length, 30))
    early, late = timedelta(minutes=before), timedelta(minutes=after)
    found: set[datetime] = set()
    last = datetime.min.replace(tzinfo=UTC)
    for start, end in sorted(spans):
        till = end
        for _ in spans:
            till = max([till, *(one[1] for one in spans if one[0] <= till and one[1] > till)])
        moment = start
        while moment < end:
            if moment + size <= till and moment > last:
                last = moment
                wanted = (moment - early, moment + size + late)
                if all(wanted[1] <= one[0] or wanted[0] >= one[1] for one in blocks):
                    found.add(moment)
            moment += step
    return sorted(found)
