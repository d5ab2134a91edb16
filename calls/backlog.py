"""What waits for Redis while it is away, counted: it never grows without bound."""

from collections import deque

# What of one shard waits; more is dropped, oldest first.
MOST_BACKLOG_BYTES = 1024 * 1024


class Backlog:
    """What waits, in order: at most MOST_BACKLOG_BYTES, but always the newest."""

    __slots__ = ("_bytes", "items")

    def __init__(self) -> None:
        self.items: deque[list[str]] = deque()
        self._bytes = 0

    def add(self, item: list[str]) -> None:
        self.items.append(item)
        self._bytes += _size(item)
        while self._bytes > MOST_BACKLOG_BYTES and len(self.items) > 1:
            self._bytes -= _size(self.items.popleft())


def _size(item: list[str]) -> int:
    return sum(map(len, item)) + 100  # what a list of texts takes besides
