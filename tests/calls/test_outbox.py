"""What waits for a reader is counted, and has an end."""

from calls.backlog import MOST_BACKLOG_BYTES, Backlog
from calls.consumers.outbox import MOST_WAITING_BYTES, PIPE, Outbox


class Stuck:
    """The pipe of a socket whose reader has stopped."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.codes: list[int] = []

    def write(self, text: str) -> None:
        self.texts.append(text)

    def waiting_bytes(self) -> int:
        return sum(len(text) for text in self.texts)

    def close(self, code: int) -> None:
        self.codes.append(code)


async def test_it_closes_a_slow_reader_long_before_a_mebibyte() -> None:
    pipe = Stuck()

    async def send(message: object) -> None:
        raise AssertionError(message)

    outbox = Outbox({"extensions": {PIPE: pipe}}, send)
    for _ in range(64):
        outbox.put("x" * 60_000)
    assert pipe.codes == [1013]
    assert pipe.waiting_bytes() < MOST_WAITING_BYTES + 64 * 1024


def test_it_keeps_the_newest_for_a_redis_that_is_away() -> None:
    backlog = Backlog()
    for number in range(200):
        backlog.add(["call", "sender", "receiver", f"{number}" + "x" * 32 * 1024, ""])
    kept = [int(item[3].rstrip("x")) for item in backlog.items]
    assert kept == list(range(200 - len(kept), 200))
    assert 20 < len(kept) <= MOST_BACKLOG_BYTES // (32 * 1024)
    backlog.add(["call", "sender", "receiver", "y" * 2 * MOST_BACKLOG_BYTES, ""])
    assert len(backlog.items) == 1
