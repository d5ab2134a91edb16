"""What a recording stands on goes away, or is there twice: nothing is lost that was captured."""

import asyncio
import os
import shutil
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.hostile.recorder_proof import Track, faults, tracks
from tests.hostile.recorder_site import RecorderSite, recorder_site
from tests.support.cloud import ACCESS, REGION, Cloud
from tests.support.servers import missing, wait_for
from tests.support.speaker import Conversation

pytestmark = [pytest.mark.lab, pytest.mark.timeout(900)]
AWAY_SECS = 10.0
# Between two pictures that are kept; a fault beside the recorder costs none of them.
UNBROKEN_SECS = 0.5
TOLD_SECS = 5.0
SPOOL_BYTES = 64 * 1024 * 1024
BUCKET = "recordings"

Trial = Callable[[Conversation], Awaitable[None]]


@pytest.fixture(scope="module")
def site() -> Iterator[RecorderSite]:
    with recorder_site() as started:
        yield started


def talk(site: RecorderSite, trial: Trial) -> Conversation:
    """One visit that is recorded while the trial goes on."""

    async def run() -> Conversation:
        visit = Conversation(site.url, site.archive.visits(1)[0])
        try:
            await visit.begin()
            await trial(visit)
            await visit.end()
        finally:
            await visit.go()
        return visit

    return asyncio.run(run())


def judged(site: RecorderSite, visit: Conversation) -> list[Track]:
    row = site.archive.when_over(visit.id, secs=120)
    archive = site.archive.archive(row["id"])
    assert faults(archive, visit, []) == []
    return tracks(archive)


def unbroken(what: str, found: list[Track]) -> None:
    """Print the longest time between two pictures of each person, and assert that it is short."""
    for track in found:
        times = sorted(track.times)
        most = max(two - one for one, two in pairwise(times))
        print(f"\n{what}: {track.role} {times[-1] - times[0]:.0f} s, longest hole {most:.2f} s")
        assert most <= UNBROKEN_SECS


def test_it_captures_on_while_redis_is_away(site: RecorderSite) -> None:
    async def trial(visit: Conversation) -> None:
        await asyncio.sleep(5)
        await asyncio.to_thread(site.redis.kill)
        await asyncio.sleep(AWAY_SECS)
        await asyncio.to_thread(site.redis.start)
        await asyncio.sleep(8)

    unbroken("Redis away for ten seconds", judged(site, talk(site, trial)))


def test_it_captures_on_while_the_database_is_away(site: RecorderSite) -> None:
    async def trial(visit: Conversation) -> None:
        await asyncio.sleep(5)
        await asyncio.to_thread(site.cluster.halt)
        await asyncio.sleep(AWAY_SECS)
        await asyncio.to_thread(site.cluster.resume)
        await asyncio.sleep(12)

    unbroken("PostgreSQL away for ten seconds", judged(site, talk(site, trial)))


def test_it_records_once_with_two_schedulers(site: RecorderSite) -> None:
    schedule = str(site.group.data_dir / "run" / "second-beat")
    second = site.start(
        "celery", "--quiet", "--app", "config", "beat", "--schedule", schedule, "--pidfile", ""
    )

    async def trial(visit: Conversation) -> None:
        await asyncio.sleep(15)

    try:
        visit = talk(site, trial)
        found = judged(site, visit)
    finally:
        second.kill()
        second.wait(timeout=10)
    unbroken("two schedulers", found)
    assert site.archive.recording(visit.id)["attempts"] == 1


def test_it_does_once_what_five_messages_say(site: RecorderSite) -> None:
    async def trial(visit: Conversation) -> None:
        recording = site.archive.recording(visit.id)["id"]
        for task in ("calls.record", "calls.finalize"):
            site.archive.ask("hint", task=task, recording=recording, times=5)
        await asyncio.sleep(10)

    visit = talk(site, trial)
    recording = site.archive.recording(visit.id)["id"]
    for task in ("calls.finalize", "calls.record"):
        site.archive.ask("hint", task=task, recording=recording, times=5)
    unbroken("five messages", judged(site, visit))
    assert site.archive.recording(visit.id)["attempts"] == 1


# --- A spool that may be full, and a storage that may be away -------------------------------------
@pytest.fixture(scope="module")
def small_disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    if os.geteuid() != 0 or not shutil.which("mount"):
        missing("root and mount, for a disk of one's own")
    folder = tmp_path_factory.mktemp("disk")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SPOOL_BYTES}", "tmpfs", str(folder)],
        check=False, capture_output=True,
    )  # fmt: skip
    if mounted.returncode:
        missing("the right to mount")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=False)


@pytest.fixture(scope="module")
def storage() -> Iterator[Cloud]:
    cloud = Cloud()
    cloud.start()
    cloud.client("s3").create_bucket(Bucket=BUCKET)
    yield cloud
    cloud.stop()


@pytest.fixture(scope="module")
def far_site(small_disk: Path, storage: Cloud) -> Iterator[RecorderSite]:
    with recorder_site(
        RECORDING_SPOOL=str(small_disk / "spool"),
        RECORDING_MIN_FREE_BYTES=str(8 * 1024 * 1024),
        RECORDING_STORAGE_BUCKET=BUCKET,
        RECORDING_STORAGE_ENDPOINT=storage.url,
        RECORDING_STORAGE_REGION=REGION,
        RECORDING_STORAGE_ACCESS_KEY=ACCESS[0],
        RECORDING_STORAGE_SECRET_KEY=ACCESS[1],
    ) as started:
        yield started


def stored(storage: Cloud, recording: str) -> list[str]:
    listed = storage.client("s3").list_objects_v2(Bucket=BUCKET, Prefix=recording)
    return [each["Key"] for each in listed.get("Contents", [])]


def test_it_spools_while_the_storage_is_away(far_site: RecorderSite, storage: Cloud) -> None:
    async def trial(visit: Conversation) -> None:
        await asyncio.sleep(4)
        await asyncio.to_thread(storage.stop)
        await asyncio.sleep(3 * AWAY_SECS)
        await asyncio.to_thread(storage.start)
        await asyncio.sleep(2)

    visit = talk(far_site, trial)
    unbroken("storage away for half a minute", judged(far_site, visit))
    recording = far_site.archive.recording(visit.id)["id"]
    spool = Path(far_site.group.env["RECORDING_SPOOL"])
    wait_for(
        lambda: not [path for path in spool.rglob("*") if path.is_file()],
        "the spool is empty again",
        secs=90,
    )
    names = stored(storage, recording)
    assert sum(name.endswith(".seg") for name in names) >= 2 * 8
    assert sum(name.endswith(".media") for name in names) == 2


def test_it_stops_cleanly_on_a_full_disk(far_site: RecorderSite, small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    filled: list[float] = []

    async def trial(visit: Conversation) -> None:
        await asyncio.sleep(10)
        await asyncio.to_thread(fill, ballast)
        filled.append(time.time())
        await visit.agent.call.fact("recording_failed", secs=15)
        ballast.unlink()

    visit = talk(far_site, trial)
    row = far_site.archive.when_over(visit.id, secs=120)
    archive = far_site.archive.archive(row["id"])
    told = [at for kind, at, _ in archive["facts"] if kind == "recording_failed"]
    print(f"\nfull disk: people told {told[0] - filled[0]:.1f} s later, {archive['check']}")
    assert (row["state"], row["reason"]) == ("ready", "disk_full")
    assert faults(archive, visit, []) == []
    # What was on the disk before plays: all but the segments that were open.
    for track in tracks(archive):
        assert filled[0] - max(track.times) <= 4 + UNBROKEN_SECS
    # A segment is cut within four seconds; only then is the disk asked.
    assert told[0] - filled[0] <= 4 + TOLD_SECS


def fill(path: Path) -> None:
    """Write until nothing more goes on the disk."""
    block = bytes(64 * 1024)
    with path.open("wb", buffering=0) as file:
        try:
            while file.write(block):
                pass
        except OSError:
            return
