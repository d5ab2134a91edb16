"""Stretches of time: (begin, end) pairs in seconds, whole ones or not."""

from collections.abc import Iterable
from typing import TypeVar

Secs = TypeVar("Secs", int, float)


def merged(spans: Iterable[tuple[Secs, Secs]]) -> tuple[tuple[Secs, Secs], ...]:
    """Stretches of time in order, those that touch made one."""
    found: list[tuple[Secs, Secs]] = []
    for starts, ends in sorted(spans):
        if found and starts <= found[-1][1]:
            found[-1] = found[-1][0], max(ends, found[-1][1])
        elif ends > starts:
            found.append((starts, ends))
    return tuple(found)
