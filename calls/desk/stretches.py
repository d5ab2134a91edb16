"""Stretches of time: (begin, end) pairs in seconds."""

from collections.abc import Iterable


def merged(spans: Iterable[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Stretches of time in order, those that touch made one."""
    found: list[tuple[float, float]] = []
    for starts, ends in sorted(spans):
        if found and starts <= found[-1][1]:
            found[-1] = found[-1][0], max(ends, found[-1][1])
        elif ends > starts:
            found.append((starts, ends))
    return tuple(found)
