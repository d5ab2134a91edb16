"""Redis and web processes die while people talk: nothing is lost, doubled or mixed up."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

import pytest
from pytest_django import Settings

from tests.hostile.crowd import Pair, Tally, make_seats
from tests.support.cast import Cast
from tests.support.redis import MortalRedis
from tests.support.servers import free_port
from tests.support.web import web_process

# After the last word everything must be there within this.
SETTLE_SECS = 90.0


class Site:
    """Web processes that die and come back at the same address."""

    def __init__(self, count: int) -> None:
        self._ports = [free_port() for _ in range(count)]
        self._running: dict[int, ExitStack] = {}
        self.urls = [f"ws://127.0.0.1:{port}" for port in self._ports]

    def start(self, which: int) -> None:
        process = self._running[which] = ExitStack()
        process.enter_context(web_process(self._ports[which]))

    def kill(self, which: int) -> None:
        self._running.pop(which).close()

    def close(self) -> None:
        for which in list(self._running):
            self.kill(which)


@pytest.fixture
def mortal_redis(
    tmp_path_factory: pytest.TempPathFactory, settings: Settings
) -> Iterator[MortalRedis]:
    mortal = MortalRedis(tmp_path_factory.mktemp("r"))
    mortal.start()
    settings.REDIS_URL = mortal.url
    yield mortal
    mortal.kill()


async def talk(
    pairs: list[Pair], plan: Sequence[tuple[float, str]], trouble: "Trouble", *, signals: int,
    chats: int, secs: float,
) -> float:  # fmt: skip
    """Everyone talks while trouble comes; returns how long after the last word all was there."""
    try:
        for pair in pairs:
            await pair.meet()
        async with asyncio.TaskGroup() as group:
            group.create_task(trouble.happen(plan))
            for pair in pairs:
                for talker in pair.people:
                    group.create_task(talker.talk(signals=signals, chats=chats, secs=secs))
        ended = time.monotonic()
        while time.monotonic() - ended < SETTLE_SECS:
            if all(pair.has_all(signals=signals, chats=chats) for pair in pairs):
                break
            await asyncio.sleep(0.1)
        # A double would still come now.
        await asyncio.sleep(1)
        return time.monotonic() - ended - 1
    finally:
        for pair in pairs:
            for talker in pair.people:
                talker.go()


class Trouble:
    """What happens to the site, and when."""

    def __init__(self, site: Site, mortal: MortalRedis, *, away_secs: float) -> None:
        self._site = site
        self._redis = mortal
        self._away_secs = away_secs

    async def happen(self, plan: Sequence[tuple[float, str]]) -> None:
        """`plan` is a list of seconds and what happens then: `redis`, `flush` or `web`."""
        started = time.monotonic()
        for at, what in plan:
            await asyncio.sleep(max(0, started + at - time.monotonic()))
            if what == "flush":
                self._redis.forget()
            elif what == "redis":
                await self._restart(self._redis.kill, self._redis.start)
            else:
                await self._restart(lambda: self._site.kill(0), lambda: self._site.start(0))

    async def _restart(self, kill: object, start: object) -> None:
        assert callable(kill)
        assert callable(start)
        await asyncio.to_thread(kill)
        await asyncio.sleep(self._away_secs)
        await asyncio.to_thread(start)


def trial(
    cast: Cast, mortal: MortalRedis, plan: Sequence[tuple[float, str]], *, processes: int,
    calls: int, signals: int, chats: int, secs: float, away_secs: float = 0.5,
) -> tuple[Tally, float]:  # fmt: skip
    """The tally of `calls` visits that talk for `secs`, and the seconds until all was there."""
    site = Site(processes)
    try:
        for which in range(processes):
            site.start(which)
        # Half of the visits sit across two processes, half of them on one.
        ends = [(site.urls[n % processes], site.urls[n // 2 % processes]) for n in range(calls)]
        pairs_of_seats = make_seats(cast, ends)

        async def run() -> tuple[list[Pair], float]:
            pairs = [Pair(number, seats) for number, seats in enumerate(pairs_of_seats)]
            trouble = Trouble(site, mortal, away_secs=away_secs)
            late = await talk(pairs, plan, trouble, signals=signals, chats=chats, secs=secs)
            return pairs, late

        pairs, late_secs = asyncio.run(run())
    finally:
        site.close()
    tally = Tally()
    for pair in pairs:
        pair.judge(tally, signals=signals, chats=chats)
    return tally, late_secs


def test_it_costs_two_people_on_one_process_nothing_when_redis_restarts(
    cast: Cast, mortal_redis: MortalRedis
) -> None:
    plan = [(0.5, "redis")]
    tally, _ = trial(cast, mortal_redis, plan, processes=1, calls=1, signals=30, chats=4, secs=2)
    assert tally.wrong == []
    assert (tally.signals, tally.sockets) == (60, 2)


def test_it_loses_nothing_when_redis_and_a_web_process_die(
    cast: Cast, mortal_redis: MortalRedis
) -> None:
    plan = [(0.3, "redis"), (1.5, "flush"), (1.8, "web")]
    tally, _ = trial(cast, mortal_redis, plan, processes=2, calls=4, signals=20, chats=3, secs=3)
    assert tally.wrong == []
    assert tally.signals == 4 * 2 * 20


@pytest.mark.lab
@pytest.mark.timeout(900)
def test_it_loses_nothing_of_ten_thousand_facts_and_signals(
    cast: Cast, mortal_redis: MortalRedis
) -> None:
    plan = [(5, "redis"), (14, "flush"), (20, "redis"), (30, "web"), (45, "redis")]
    tally, late_secs = trial(
        cast, mortal_redis, plan, processes=2, calls=100, signals=40, chats=10, secs=60, away_secs=2
    )
    print(f"\nfacts {tally.facts}, signals {tally.signals}, sockets {tally.sockets}, "
          f"resent {tally.resent}, asked again {tally.asked_again}, wrong {len(tally.wrong)}, "
          f"all there {late_secs:.1f} s after the last word")  # fmt: skip
    assert tally.wrong == []
    assert tally.facts + tally.signals >= 10_000
