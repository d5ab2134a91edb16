"""How much memory a recording's process has taken since it began."""

import time

import psutil

LOOKED_AT_EVERY_SECS = 5.0


class Growth:
    """Counted from its making: what the process shares with its pool is nobody's fault."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._begun_bytes = _own_bytes()
        self._looked_at = float("-inf")
        self._is_over = False

    def is_over(self) -> bool:
        """Whether it has grown past the limit; asked often, looked up every few seconds."""
        if time.monotonic() - self._looked_at > LOOKED_AT_EVERY_SECS and not self._is_over:
            self._looked_at = time.monotonic()
            self._is_over = _own_bytes() - self._begun_bytes > self._limit_bytes
        return self._is_over


def _own_bytes() -> int:
    """Without files and shared memory. Counting page by page would say more, and cost it."""
    usage = psutil.Process().memory_info()
    return int(usage.rss - usage.shared)
