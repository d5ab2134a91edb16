"""The recorder and the finalisers are killed and frozen: little is lost, and the ledger knows it.

PARLOUR_KILLS and PARLOUR_SEED choose how often, and which moments.
"""

import asyncio
import os
import random
import signal
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

import pytest

from tests.hostile.recorder_proof import NEW_LEG_SECS, Blow, faults, outcomes, tracks
from tests.hostile.recorder_site import RecorderSite, recorder_site, send_signal
from tests.support.speaker import Conversation

pytestmark = [pytest.mark.lab, pytest.mark.timeout(3600)]
KILLS = int(os.environ.get("PARLOUR_KILLS", "50"))
SEED = int(os.environ.get("PARLOUR_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
VISITS = 3
FINALISER_KILLS = max(1, KILLS // 5)
FREEZES = max(1, KILLS // 10)
# Longer than a lease.
FROZEN_SECS = 9.0
FINALISED_SECS = 240.0
FINALISED_AGAIN_SECS = 60.0
FINALISERS_EACH = 2

Trial = Callable[["Trouble"], Awaitable[None]]


@pytest.fixture(scope="module")
def site() -> Iterator[RecorderSite]:
    with recorder_site() as started:
        yield started


class Trouble:
    """One recorded visit and what is done to its recorder."""

    def __init__(self, site: RecorderSite, visit: Conversation, chance: random.Random) -> None:
        self.site, self.visit, self.chance = site, visit, chance
        self.blows: list[Blow] = []

    async def holder(self) -> int:
        """The process that captures, waited for."""
        async with asyncio.timeout(60):
            while (pid := self.site.holder(self.visit.id)) is None:
                await asyncio.sleep(0.1)
        return pid

    async def kill(self) -> None:
        pid = await self.holder()
        send_signal(pid, signal.SIGKILL)
        self.blows.append(Blow(time.time(), time.time()))

    async def freeze(self, secs: float) -> None:
        pid, began = await self.holder(), time.time()
        send_signal(pid, signal.SIGSTOP)
        await asyncio.sleep(secs)
        send_signal(pid, signal.SIGCONT)
        # Another takes over while it stands still.
        self.blows.append(Blow(began, began))

    async def kill_finalisers(self, times: int, killed: list[float]) -> None:
        """Kill whoever finalises, a moment after they began; the last one gets it done."""
        seen: dict[int, float] = {}
        async with asyncio.timeout(FINALISED_SECS):
            while len(seen) < times and self._row().get("state") != "ready":
                pid = self.site.holder(self.visit.id, states=("finalising",))
                if pid is not None and pid not in seen:
                    await asyncio.sleep(self.chance.uniform(0, 0.05))
                    send_signal(pid, signal.SIGKILL)
                    seen[pid] = time.time()
                await asyncio.sleep(0.005)
            while self._row().get("state") != "ready":
                await asyncio.sleep(0.2)
        if seen:
            killed += seen.values()
            after = time.time() - max(seen.values())
            assert after <= FINALISED_AGAIN_SECS, f"finalised {after:.0f} s after the last kill"

    def _row(self) -> dict[str, Any]:
        return self.site.archive.recording(self.visit.id)

    async def end(self) -> None:
        """End the visit; what follows the last blow is part of the trial."""
        await asyncio.sleep(NEW_LEG_SECS + 4)
        await self.visit.end()

    async def pause(self, least: float, most: float) -> None:
        await asyncio.sleep(self.chance.uniform(least, most))


async def talk(site: RecorderSite, count: int, trial: Trial) -> list[Trouble]:
    """So many visits at once go through the same trial, each with moments of its own."""
    visits = [Conversation(site.url, visit) for visit in site.archive.visits(count)]
    chances = [random.Random(SEED + number) for number in range(count)]
    troubles = [Trouble(site, *pair) for pair in zip(visits, chances, strict=True)]

    async def one(trouble: Trouble) -> None:
        await trouble.visit.begin()
        await trial(trouble)

    try:
        await asyncio.gather(*(one(trouble) for trouble in troubles))
    finally:
        for visit in visits:
            await visit.go()
    return troubles


def judge(what: str, site: RecorderSite, troubles: Sequence[Trouble]) -> None:
    """Print the figures of all visits, then assert that no bound is broken in any."""
    wrong, lost, back = [], [], []
    print(f"\n{what}, seed {SEED}")
    for visit, blows in ((trouble.visit, trouble.blows) for trouble in troubles):
        row = site.archive.when_over(visit.id, secs=FINALISED_SECS)
        archive = site.archive.archive(row["id"])
        wrong += [f"{row['id']}: {fault}" for fault in faults(archive, visit, blows)]
        for track in tracks(archive):
            for _, before, after in outcomes(track, visit.sent(track.role), blows):
                lost.append(before)
                back += [] if after is None else [after]
        causes = sorted({gap[2] for account in archive["accounts"] for gap in account["gaps"]})
        secs = row["stopped_at"] - row["started_at"]
        print(f"  {secs:.0f} s, {len(blows)} blows, gaps: {', '.join(causes)}")
    if lost and back:
        print(f"  lost before: median {statistics.median(lost):.1f} s, most {max(lost):.1f} s")
        print(f"  back after: median {statistics.median(back):.1f} s, most {max(back):.1f} s")
    print("\n".join(f"  {fault}" for fault in wrong))
    assert wrong == []


def test_it_loses_a_segment_at_most_when_the_recorder_is_killed(site: RecorderSite) -> None:
    each = -(-KILLS // VISITS)

    async def trial(trouble: Trouble) -> None:
        for _ in range(each):
            await trouble.pause(1, 16)
            await trouble.kill()
        await trouble.end()

    judge(f"{VISITS * each} kills", site, asyncio.run(talk(site, VISITS, trial)))


def test_it_counts_a_frozen_recorder_as_dead(site: RecorderSite) -> None:
    async def trial(trouble: Trouble) -> None:
        for _ in range(FREEZES):
            await trouble.pause(5, 9)
            await trouble.freeze(FROZEN_SECS)
        await trouble.end()

    judge(f"{FREEZES} freezes", site, asyncio.run(talk(site, 1, trial)))


def test_it_makes_each_file_once_though_finalisers_die(site: RecorderSite) -> None:
    killed: list[float] = []

    async def trial(trouble: Trouble) -> None:
        await trouble.pause(8, 12)
        hunter = asyncio.create_task(trouble.kill_finalisers(FINALISERS_EACH, killed))
        await trouble.visit.end()
        await hunter

    rounds = -(-FINALISER_KILLS // (VISITS * FINALISERS_EACH))
    troubles = [each for _ in range(rounds) for each in asyncio.run(talk(site, VISITS, trial))]
    judge(f"{len(killed)} kills while finalising", site, troubles)
    assert len(killed) >= FINALISER_KILLS // 2
