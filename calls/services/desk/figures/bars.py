"""Numbers drawn as bars, for an SVG that is stretched to its page. Pure.

The drawing is 1000 wide and 100 high; words stand beside it in HTML, and a table below it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 1000, 100
# So much of a slot is left free between it and the next.
_GAP = 0.24


@dataclass(frozen=True, slots=True)
class Bar:
    """`series` picks the colour. Numbers are whole or have one decimal."""

    series: int
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True, slots=True)
class Bars:
    """`top` is the number at the upper edge; `labels` stand below, evenly from left to right."""

    bars: Sequence[Bar]
    top: int
    labels: Sequence[str]


def side_by_side(series: Sequence[Sequence[int]], labels: Sequence[str]) -> Bars:
    """The bars of each slot beside each other."""
    top = _round_up(max((value for values in series for value in values), default=0))
    slots = max((len(values) for values in series), default=0)
    bars = []
    for number, values in enumerate(series):
        width = WIDTH * (1 - _GAP) / (slots or 1) / len(series)
        for slot, value in enumerate(values):
            x = WIDTH * (slot + _GAP / 2) / slots + number * width
            if value:
                bars.append(_bar(number + 1, x, 0, width, value, top))
    return Bars(bars, top, labels)


def stacked(
    series: Sequence[Sequence[int]], labels: Sequence[str], *, colours: Sequence[int]
) -> Bars:
    """The bars of each slot on top of each other, the first at the bottom."""
    slots = max((len(values) for values in series), default=0)
    heights = [0] * slots
    top = _round_up(max((sum(values) for values in zip(*series, strict=True)), default=0))
    bars = []
    for colour, values in zip(colours, series, strict=True):
        for slot, value in enumerate(values):
            if value:
                x = WIDTH * (slot + _GAP / 2) / slots
                width = WIDTH * (1 - _GAP) / slots
                bars.append(_bar(colour, x, heights[slot], width, value, top))
                heights[slot] += value
    return Bars(bars, top, labels)


def _bar(series: int, x: float, below: float, width: float, value: float, top: int) -> Bar:
    height = HEIGHT * value / top
    y = HEIGHT - HEIGHT * below / top - height
    return Bar(series, *(f"{number:.1f}" for number in (x, y, width, height)))


def _round_up(value: float) -> int:
    """To a number that is easy to read: 2, 4, 6, 8, 10, 12, 16, 20, 30, 40 … 100, 120 …"""
    for step in (2, 4, 6, 8):
        if value <= step:
            return step
    size = 1
    while True:
        for step in (10, 12, 16, 20, 30, 40, 50, 60, 80):
            if value <= step * size:
                return step * size
        size *= 10
