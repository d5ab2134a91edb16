"""A house with a past in a process of its own, and how long a search for free times takes in it."""

from dataclasses import dataclass

from bench.child import Child


@dataclass(frozen=True)
class Search:
    """One search: how long it took, how many queries it made, how many starts it found."""

    millis: float
    queries: int
    starts: int


class House(Child):
    """Started with a database and a number of appointments; `search()` asks it once."""

    def __init__(self, url: str, appointments: int) -> None:
        super().__init__(url, "bench.booking.searching", str(appointments))

    def search(self) -> Search:
        return Search(**self.ask("search"))
