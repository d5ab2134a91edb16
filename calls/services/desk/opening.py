"""When a queue is open: weekly hours in its own zone, single days, public holidays."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from accounts.holidays import holidays_of
from accounts.preferences import zone_of
from calls.desk.stretches import merged
from calls.models import Queue
from calls.services.scheduling.hours import Clock, as_moment, is_day_end, moment_of

# So far ahead a closed queue says when it opens again.
LOOKED_AHEAD_DAYS = 14
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Opening:
    """Whether a queue is open at a moment, and until or from when; None for no known end."""

    is_open: bool
    until: datetime | None
    opens_at: datetime | None


def opening(queue: Queue, now: datetime) -> Opening:
    """Reads `queue.hours` and `queue.days`, which the caller may have read before.

    A queue that was switched off is closed, and one without any hours is open day and night.
    """
    if not queue.is_active:
        return Opening(is_open=False, until=None, opens_at=None)
    if not queue.hours.all() and not queue.days.all():
        return Opening(is_open=True, until=None, opens_at=None)
    moment = now.timestamp()
    for start, end in merged(_spans(queue, now)):
        if start <= moment < end:
            return Opening(is_open=True, until=as_moment(end), opens_at=None)
        if start > moment:
            return Opening(is_open=False, until=None, opens_at=as_moment(start))
    return Opening(is_open=False, until=None, opens_at=None)


def _spans(queue: Queue, now: datetime) -> Iterator[tuple[int, int]]:
    """The open hours from yesterday on; across midnight two of them touch."""
    zone = zone_of(queue.time_zone)
    weekly: dict[int, list[Clock]] = {}
    for row in queue.hours.all():
        weekly.setdefault(row.weekday, []).append((row.starts, row.ends))
    single: dict[date, list[Clock]] = {}
    for day in queue.days.all():
        of_day = single.setdefault(day.date, [])
        if day.starts is not None and day.ends is not None:
            of_day.append((day.starts, day.ends))
    first = now.astimezone(zone).date() - ONE_DAY
    for number in range(LOOKED_AHEAD_DAYS + 2):
        day_ = first + number * ONE_DAY
        clocks = single.get(day_)
        if clocks is None:
            clocks = [] if _is_holiday(queue, day_) else weekly.get(day_.weekday(), [])
        for starts, ends in clocks:
            span = (moment_of(day_, starts, zone), _end(day_, ends, zone))
            if span[1] > span[0]:
                yield span


def _end(day: date, ends: time, zone: ZoneInfo) -> int:
    return (
        moment_of(day + ONE_DAY, time(0), zone) if is_day_end(ends) else moment_of(day, ends, zone)
    )


def _is_holiday(queue: Queue, day: date) -> bool:
    place = queue.holiday_place or settings.HOLIDAY_PLACE
    return bool(place) and day in holidays_of(place, day.year)
