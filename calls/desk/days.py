"""Days by the clock of a zone: their edges in seconds since 1970, whatever the clocks do."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

HALF_HOUR_SECS = 1800.0
_ONE_DAY = timedelta(days=1)


def midnight(day: date, zone: ZoneInfo) -> float:
    """When the day begins; where the clocks skip midnight, with its first minute."""
    return datetime.combine(day, time(), tzinfo=zone).timestamp()


def day_edges(first: date, last: date, zone: ZoneInfo) -> list[float]:
    """The midnights from the one that begins `first` to the one that ends `last`."""
    count = (last - first).days + 2
    return [midnight(first + number * _ONE_DAY, zone) for number in range(count)]


def half_hours(day: date, zone: ZoneInfo) -> list[float]:
    """The edges of the half hours: 49 of them, 47 or 51 on a day of 23 or 25 hours."""
    start, end = day_edges(day, day, zone)
    edges = [start]
    while edges[-1] < end:
        edges.append(min(edges[-1] + HALF_HOUR_SECS, end))
    return edges


def place(moment: float, edges: Sequence[float]) -> int | None:
    """The number of the stretch between two edges that the moment is in; None outside of them."""
    if not edges[0] <= moment < edges[-1]:
        return None
    return bisect_right(edges, moment) - 1


def counted(moments: Iterable[float], edges: Sequence[float]) -> list[int]:
    """How many moments lie between each edge and the next."""
    counts = [0] * (len(edges) - 1)
    for moment in moments:
        number = place(moment, edges)
        if number is not None:
            counts[number] += 1
    return counts


def shares(start: float, end: float, edges: Sequence[float]) -> list[tuple[int, float]]:
    """The seconds of a stretch by the numbers of those between the edges that it touches."""
    start, end = max(start, edges[0]), min(end, edges[-1])
    found = []
    while start < end:
        number = bisect_right(edges, start) - 1
        stop = min(end, edges[number + 1])
        found.append((number, stop - start))
        start = stop
    return found
