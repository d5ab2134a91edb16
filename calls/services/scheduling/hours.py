"""When people are there: weekly shifts, days that differ and public holidays, as moments in UTC.

Moments are whole seconds since 1970 (UTC): over many people and days, arithmetic on dates would
cost more than all the rest.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import ceil
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from accounts.holidays import holidays_of
from accounts.models import User
from calls.models import Availability, DayHours

# A TimeField cannot say 24:00, so a shift until 23:59 lasts until the day's end.
END_OF_DAY = time(23, 59)
ONE_DAY = timedelta(days=1)
DAY_SECS = 24 * 3600

Span = tuple[int, int]
Clock = tuple[time, time]


@dataclass(frozen=True)
class Window:
    """From `start` up to, not including, `end`."""

    start: datetime
    end: datetime

    @property
    def secs(self) -> Span:
        return ceil(self.start.timestamp()), ceil(self.end.timestamp())

    def within(self, other: "Window") -> "Window":
        """What both have in common; of no length if that is nothing."""
        start = max(self.start, other.start)
        return Window(start, max(start, min(self.end, other.end)))


class Hours:
    """The hours of some agents over a window, read once (two queries)."""

    def __init__(self, agents: Collection[User], window: Window) -> None:
        self._window = window
        ids = [agent.pk for agent in agents]
        self._weekly: dict[tuple[UUID, int], list[Clock]] = defaultdict(list)
        weekly = Availability.objects.filter(agent__in=ids).order_by("starts")
        for agent, weekday, starts, ends in weekly.values_list(
            "agent_id", "weekday", "starts", "ends"
        ):
            self._weekly[agent, weekday].append((starts, ends))
        self._single: dict[tuple[UUID, date], list[Clock]] = {}
        near = DayHours.objects.filter(
            agent__in=ids,
            date__gte=window.start.date() - 2 * ONE_DAY,
            date__lte=window.end.date() + 2 * ONE_DAY,
        )
        for agent, day, single_start, single_end in near.order_by("starts").values_list(
            "agent_id", "date", "starts", "ends"
        ):
            of_day = self._single.setdefault((agent, day), [])
            if single_start is not None and single_end is not None:
                of_day.append((single_start, single_end))
        self._days: dict[str, list[_ZoneDay]] = {}

    def shifts(self, agent: User) -> list[Span]:
        """The agent's shifts around the window, in order; they may touch and overlap."""
        place = agent.holiday_place or settings.HOLIDAY_PLACE
        found = []
        for day in self._zone_days(agent.zone):
            clocks = self._single.get((agent.pk, day.date))
            if clocks is None:
                clocks = self._weekly.get((agent.pk, day.weekday), [])
                if clocks and place and day.date in holidays_of(place, day.date.year):
                    continue
            for starts, ends in clocks:
                span = (day.moment(starts), day.end if is_day_end(ends) else day.moment(ends))
                if span[1] > span[0]:
                    found.append(span)
        return sorted(found)

    def _zone_days(self, zone: ZoneInfo) -> list["_ZoneDay"]:
        """The days of the window by the clocks of `zone`, and one more on each side."""
        if zone.key not in self._days:
            first = self._window.start.astimezone(zone).date() - ONE_DAY
            last = self._window.end.astimezone(zone).date() + ONE_DAY
            days = [first + timedelta(days=offset) for offset in range((last - first).days + 2)]
            midnights = [moment_of(day, time(0), zone) for day in days]
            self._days[zone.key] = [
                _ZoneDay(day, day.weekday(), zone, start, end)
                for day, start, end in zip(days, midnights, midnights[1:], strict=False)
            ]
        return self._days[zone.key]


@dataclass(frozen=True, slots=True)
class _ZoneDay:
    date: date
    weekday: int
    zone: ZoneInfo
    start: int
    end: int

    def moment(self, clock: time) -> int:
        if self.end - self.start == DAY_SECS:
            return self.start + clock.hour * 3600 + clock.minute * 60 + clock.second
        return moment_of(self.date, clock, self.zone)


def moment_of(day: date, clock: time, zone: ZoneInfo) -> int:
    """The moment at which the clock in `zone` shows `clock` on `day`.

    As RFC 5545 section 3.3.5 says: the first of two such moments, and for a time that a change of
    the clocks leaves out, the one counted with the offset before it.
    """
    return int(datetime.combine(day, clock, tzinfo=zone).timestamp())


def as_moment(secs: int) -> datetime:
    """Seconds since 1970 as a time in UTC."""
    return datetime.fromtimestamp(secs, UTC)


def is_day_end(clock: time) -> bool:
    """Whether hours that end at `clock` end at midnight."""
    return clock.replace(second=0, microsecond=0) == END_OF_DAY
