"""The flight recorder drawn: lanes above each other on one time axis, as SVG paths. Pure.

Each lane is 1000 wide and 100 high and is stretched to the page; words stand beside it in HTML.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from uuid import UUID

from calls.protocol import SAMPLE_EVERY_SECS
from calls.services.flight import Flight, Point, loss_of

WIDTH, HEIGHT = 1000, 100
RUNGS = ("full", "small", "audio", "text")
# No more dots than a screen has room for, and rows than somebody reads.
MOST_DOTS = 300
MOST_ROWS = 40
# Samples come a bit more seldom than buckets: so many buckets apart, a line goes on.
_GAP = 3


@dataclass(frozen=True, slots=True)
class Band:
    """A piece of somebody's strip: `step` is a rung of the ladder, or `reconnecting`."""

    x: float
    width: float
    step: str


@dataclass(frozen=True, slots=True)
class Line:
    """One person's line in a lane; `person` counts from 1 and picks the colour."""

    person: int
    path: str


@dataclass(frozen=True, slots=True)
class Lane:
    """`top` is the value of the upper edge, in the unit that `name` has."""

    name: str
    top: int
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Row:
    """Some seconds of one person, for the table; None is what nobody measured."""

    at: datetime
    person: int
    step: str
    loss_percent: float | None
    round_trip_ms: int | None
    kbps: int | None
    picture: str
    route: str


@dataclass(frozen=True, slots=True)
class Chart:
    since: datetime
    until: datetime
    strips: Sequence[Sequence[Band]]
    """One for each of the people."""
    lanes: Sequence[Lane]
    marks: Sequence[float]
    """Where the facts are, from left to right."""
    rows: Sequence[Row]

    @property
    def middle(self) -> datetime:
        return self.since + (self.until - self.since) / 2


class _Axis:
    """From a moment to a place, and to the bucket of moments that are drawn as one dot."""

    def __init__(self, since: datetime, until: datetime) -> None:
        self.since = since
        self.secs = max(1.0, (until - since).total_seconds())

    def x(self, at: datetime) -> float:
        share = (at - self.since).total_seconds() / self.secs
        return round(WIDTH * min(1.0, max(0.0, share)), 1)

    def length(self, most: int) -> timedelta:
        """Of one bucket, if there shall be no more than `most`."""
        return timedelta(seconds=max(SAMPLE_EVERY_SECS, ceil(self.secs / most)))

    def buckets(self, points: Iterable[Point], length: timedelta) -> dict[datetime, list[Point]]:
        """The points by the end of their bucket, in order; empty ones are left out."""
        found: dict[datetime, list[Point]] = defaultdict(list)
        for point in points:
            found[self.since + ((point.at - self.since) // length + 1) * length].append(point)
        return dict(sorted(found.items()))


Measure = Callable[[UUID, Sequence[Point]], float | None]


def chart(flight: Flight) -> Chart | None:
    """None where nothing was measured and nothing happened."""
    moments = [point.at for point in flight.points] + [fact.at for fact in flight.happenings]
    if not moments:
        return None
    since, until = min(moments), max(moments)
    axis = _Axis(since, until)
    people = [person.pk for person in flight.people]
    dots = axis.buckets(flight.points, axis.length(MOST_DOTS))
    return Chart(
        since=since,
        until=until,
        strips=[_strip(axis, who, dots) for who in people],
        lanes=[
            _lane(axis, "loss", people, dots, _loss, least=10),
            _lane(axis, "round_trip", people, dots, _round_trip, least=200),
            _lane(axis, "bitrate", people, dots, _kbps, least=500),
            _lane(axis, "picture", people, dots, _lines, least=360),
        ],
        marks=[axis.x(one.at) for one in flight.happenings],
        rows=_rows(axis, people, flight.points),
    )


def _strip(axis: _Axis, who: UUID, dots: dict[datetime, list[Point]]) -> list[Band]:
    """The steps of what `who` sent, pieces of the same step put together."""
    bands: list[Band] = []
    length = axis.length(MOST_DOTS)
    last = None
    for at, points in dots.items():
        step = _step(who, points)
        if not step:
            continue
        follows = last is not None and at - last <= _GAP * length
        x = bands[-1].x + bands[-1].width if bands and follows else axis.x(at - length)
        if bands and follows and bands[-1].step == step:
            x = bands.pop().x
        bands.append(Band(x, round(axis.x(at) - x, 1), step))
        last = at
    return bands


def _lane(
    axis: _Axis,
    name: str,
    people: Sequence[UUID],
    dots: dict[datetime, list[Point]],
    measure: Measure,
    *,
    least: int,
) -> Lane:
    series = [[(at, measure(who, points)) for at, points in dots.items()] for who in people]
    highest = max((value or 0 for line in series for _, value in line), default=0)
    top = _round_up(max(least, highest))
    lines = [Line(number, _path(axis, line, top)) for number, line in enumerate(series, start=1)]
    return Lane(name, top, lines)


def _path(axis: _Axis, series: Sequence[tuple[datetime, float | None]], top: int) -> str:
    """An SVG path through the values; it breaks where nothing was measured."""
    parts = []
    length = axis.length(MOST_DOTS)
    last = None
    for at, value in series:
        if value is None:
            continue
        y = round(HEIGHT - HEIGHT * min(1.0, value / top), 1)
        follows = last is not None and at - last <= _GAP * length
        # A dot alone is a short dash: a line of no length is not drawn.
        parts.append(f"L{axis.x(at)} {y}" if follows else f"M{axis.x(at)} {y}h1")
        last = at
    return "".join(parts)


def _rows(axis: _Axis, people: Sequence[UUID], points: Sequence[Point]) -> list[Row]:
    rows = []
    # Long enough for a sample of everybody, however their clocks fall.
    length = max(axis.length(MOST_ROWS), timedelta(seconds=2 * SAMPLE_EVERY_SECS))
    for at, found in axis.buckets(points, length).items():
        for number, who in enumerate(people, start=1):
            step = _step(who, found)
            if not step:
                continue
            loss, delay, kbps = (measure(who, found) for measure in (_loss, _round_trip, _kbps))
            rows.append(
                Row(
                    at=at,
                    person=number,
                    step=step,
                    loss_percent=None if loss is None else round(loss, 1),
                    round_trip_ms=None if delay is None else int(delay),
                    kbps=None if kbps is None else int(kbps),
                    picture=_picture(who, found),
                    route=_route(who, found),
                )
            )
    return rows


def _step(who: UUID, points: Sequence[Point]) -> str:
    mine = [point for point in points if point.who == who]
    if any(point.state == "reconnecting" for point in mine):
        return "reconnecting"
    return max((point.rung for point in mine), key=RUNGS.index, default="")


def _loss(who: UUID, points: Sequence[Point]) -> float | None:
    found = [share for point in points if (share := loss_of(who, point)) is not None]
    return 100 * max(found) if found else None


def _round_trip(who: UUID, points: Sequence[Point]) -> float | None:
    return max((point.round_trip_ms for point in points if point.who == who), default=None)


def _kbps(who: UUID, points: Sequence[Point]) -> float | None:
    """What left `who`, to all others together."""
    to: dict[UUID, int] = {point.other: point.out_kbps for point in points if point.who == who}
    return sum(to.values()) if to else None


def _lines(who: UUID, points: Sequence[Point]) -> float | None:
    """How high the picture of `who` was where it arrived."""
    return max((point.in_height for point in points if point.other == who), default=None)


def _picture(who: UUID, points: Sequence[Point]) -> str:
    seen = [point for point in points if point.other == who and point.in_height]
    last = seen[-1] if seen else None
    return f"{last.in_width} × {last.in_height}, {last.in_fps}/s" if last else ""


def _route(who: UUID, points: Sequence[Point]) -> str:
    routes = [p for p in points if p.who == who and p.local]
    last = routes[-1] if routes else None
    return f"{last.local} – {last.remote}, {last.protocol}" if last else ""


def _round_up(value: float) -> int:
    """To one or two digits that are easy to read: 10, 20, 50, 100, 200 …"""
    size = 10
    while True:
        for step in (size, 2 * size, 5 * size):
            if value <= step:
                return step
        size *= 10
