"""Every change of the clocks in every time zone, over ten years."""

import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
LAST = datetime(2036, 1, 1, tzinfo=UTC)
STEP = timedelta(days=7)


@cache
def all_transitions() -> list[tuple[str, datetime]]:
    """Each zone's name with the first moment (UTC) under another offset, in order."""
    names = sorted(zoneinfo.available_timezones() - {"localtime"})
    return [(name, moment) for name in names for moment in _transitions(ZoneInfo(name))]


def _transitions(zone: ZoneInfo) -> Iterator[datetime]:
    before = FIRST
    while before < LAST:
        after = before + STEP
        if _offset(before, zone) != _offset(after, zone):
            yield _first_other(before, after, zone)
        before = after


def _first_other(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        middle = middle.replace(microsecond=0)
        if middle == low:
            break
        if _offset(middle, zone) == _offset(low, zone):
            low = middle
        else:
            high = middle
    return high


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta | None:
    return moment.astimezone(zone).utcoffset()
