"""The recorder in a visit: joined, captured, finalised, played; withdrawn, killed, taken over."""

import asyncio
import itertools
import os
import shutil
import signal
import struct
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import av
import pytest
from django.utils import timezone
from pytest_django import Settings

from audit.models import AuditEntry
from calls.archive.keys import recording_key
from calls.archive.ledger import ledgers
from calls.archive.manifest import check
from calls.archive.playback import open_artifact
from calls.archive.store import spool_root
from calls.archive.writing import DiskFull
from calls.models import Artifact, Consent, Recording, Segment, Track
from calls.recorder import keeper
from calls.recorder.worker import finalize_recording, record
from calls.states import ConsentState, RecordingState
from tests.recorder.peers import HEIGHT, WIDTH, until
from tests.recorder.stage import WebServer, agreed_visit, start_recorder, web_server
from tests.support.cast import Cast

__all__ = ["web_server"]

# Long enough that ciphertext does not hold one by chance: 7 bytes of a VP8 keyframe's head.
PICTURE_HEAD = b"\x9d\x01\x2a" + struct.pack("<HH", WIDTH, HEIGHT)
MAGIC = (PICTURE_HEAD, b"OpusHead", b"matroska")


async def in_thread(task: Callable[[str], None], recording: Recording) -> None:
    await asyncio.to_thread(task, str(recording.pk))


def segments(recording: Recording) -> int:
    return Segment.objects.filter(track__recording=recording).count()


async def seen(count: int, recording: Recording, *, secs: float = 60) -> None:
    """Until so many segments of all together are in the manifest."""
    async with asyncio.timeout(secs):
        while await asyncio.to_thread(segments, recording) < count:
            await asyncio.sleep(0.1)


async def second_segments(recording: Recording) -> None:
    """Until each connection has its second segment in the manifest."""
    seconds = Segment.objects.filter(track__recording=recording, index=1)
    async with asyncio.timeout(60):
        while await seconds.acount() < 2:
            await asyncio.sleep(0.1)


async def tracked(count: int) -> None:
    """Until so many connections have a segment on the disk."""
    async with asyncio.timeout(60):
        while await Track.objects.acount() < count:
            await asyncio.sleep(0.1)


async def test_it_captures_a_visit_that_then_plays(cast: Cast, web_server: WebServer) -> None:
    async with agreed_visit(web_server, cast) as visit:
        guest, doctor, recording = visit
        work = asyncio.create_task(in_thread(record, recording))
        await guest.fact("recording_started")
        await tracked(2)
        await second_segments(recording)
        await doctor.do("end")
        await asyncio.wait_for(work, 30)
    assert (await Recording.objects.aget()).state == RecordingState.FINALISING
    for path in spool_root().rglob("*.*"):
        assert path.read_bytes().startswith(b"PSEG1")
        assert not any(magic in path.read_bytes() for magic in MAGIC)
    await in_thread(finalize_recording, recording)
    assert (await Recording.objects.aget()).state == RecordingState.READY
    files = [artifact async for artifact in Artifact.objects.select_related("recording")]
    assert sorted(file.kind for file in files) == ["media", "media", "poster", "poster"]
    for artifact in files:
        if artifact.kind == "media":
            await asyncio.to_thread(_probe, artifact)
    assert await asyncio.to_thread(_damage, recording) == []


def _damage(recording: Recording) -> list[object]:
    recording.refresh_from_db()
    return list(check(recording, key=recording_key(recording)))


def _probe(artifact: Artifact) -> None:
    """What the file holds is what was sent: every frame decodes, at the pace it was made."""
    with open_artifact(artifact) as file, av.open(file, "r") as container:
        video = list(container.decode(video=0))
    with open_artifact(artifact) as file, av.open(file, "r") as container:
        audio = list(container.decode(audio=0))
        assert container.duration is not None
        assert abs(container.duration / 1e6 - artifact.duration_secs) < 0.1
    assert len(video) == artifact.details["video_frames"] > 60
    assert len(audio) == artifact.details["audio_frames"] > 100
    assert artifact.duration_secs >= 5
    steps = [(b.time or 0) - (a.time or 0) for a, b in itertools.pairwise(video)]
    assert max(steps) < 1
    assert abs((video[-1].time or 0) - (audio[-1].time or 0)) < 2


async def test_it_ends_a_person_at_once_when_they_withdraw(
    cast: Cast, web_server: WebServer
) -> None:
    async with agreed_visit(web_server, cast) as visit:
        guest, _doctor, recording = visit
        work = asyncio.create_task(in_thread(record, recording))
        await guest.fact("recording_started")
        await tracked(2)
        await guest.do("record_consent", granted=False, text_version="recording-test")
        await asyncio.wait_for(work, 30)
        withdrawn = await guest.fact("consent_withdrawn")
    tracks = [track async for track in Track.objects.filter(participant_id=guest.you)]
    last = await Segment.objects.filter(track__in=tracks).alatest("ended_at")
    assert last.ended_at.isoformat(timespec="milliseconds")[:23] <= withdrawn["at"][:23]
    assert [track.end_reason for track in tracks] == ["withdrawn"]


async def test_it_keeps_nothing_of_anybody_while_somebody_is_on_hold(
    cast: Cast, web_server: WebServer
) -> None:
    """These callers send on, as no page of ours would."""
    async with agreed_visit(web_server, cast) as visit:
        guest, doctor, recording = visit
        work = asyncio.create_task(in_thread(record, recording))
        await guest.fact("recording_started")
        await second_segments(recording)
        await doctor.do("hold", participant=guest.you)
        held = await guest.fact("held")
        await asyncio.sleep(3)  # what has to be there is a gap of some length
        await doctor.do("resume", participant=guest.you)
        resumed = await guest.fact("resumed")
        before = await asyncio.to_thread(segments, recording)
        await seen(before + 4, recording)
        await doctor.do("end")
        await asyncio.wait_for(work, 30)
    recording = await Recording.objects.aget()
    assert recording.started_at
    start, stop = (
        (datetime.fromisoformat(fact["at"]) - recording.started_at).total_seconds()
        for fact in (held, resumed)
    )
    for account in await asyncio.to_thread(ledgers, recording):
        found = [gap for gap in account.whole.gaps if gap.cause == "held"]
        assert len(found) == 1
        assert found[0].start_secs < start + 1
        assert found[0].end_secs > stop - 0.2


async def test_it_loses_at_most_one_segment_when_it_is_killed(
    cast: Cast, web_server: WebServer, tmp_path: Path
) -> None:
    async with agreed_visit(web_server, cast) as visit:
        guest, doctor, recording = visit
        log = tmp_path / "recorder.log"
        first = await asyncio.to_thread(start_recorder, recording, log)
        await tracked(2)
        await seen(4, recording)
        os.kill(first.pid, signal.SIGKILL)
        await asyncio.to_thread(first.wait)
        await Recording.objects.filter(pk=recording.pk).aupdate(lease_expires_at=None)
        second = await asyncio.to_thread(start_recorder, recording, log)
        await tracked(4)
        await doctor.do("record_stop")
        await asyncio.to_thread(second.wait, 40)
        assert guest.facts
    assert await asyncio.to_thread(_damage, recording) == []
    await in_thread(finalize_recording, recording)
    assert await Artifact.objects.filter(kind="media").acount() == 2
    assert await Track.objects.acount() == 4, log.read_text()


async def test_it_hands_over_when_it_is_told_to_stop(
    cast: Cast, web_server: WebServer, tmp_path: Path
) -> None:
    async with agreed_visit(web_server, cast) as visit:
        guest, _doctor, recording = visit
        process = await asyncio.to_thread(start_recorder, recording, tmp_path / "log")
        await guest.fact("recording_started")
        await tracked(2)
        process.send_signal(signal.SIGTERM)
        await asyncio.to_thread(process.wait, 40)
        await until(lambda: process.returncode == 0)
        row = await Recording.objects.aget()
        assert (row.state, row.lease_owner) == (RecordingState.RECORDING, "")
        assert await Segment.objects.acount() >= 2
        reasons = {track.end_reason async for track in Track.objects.all()}
        assert reasons == {"recorder_restarted"}


async def test_it_has_one_effect_when_the_hint_comes_five_times(
    cast: Cast, web_server: WebServer
) -> None:
    async with agreed_visit(web_server, cast) as visit:
        guest, doctor, recording = visit
        work = [asyncio.create_task(in_thread(record, recording)) for _ in range(5)]
        await guest.fact("recording_started")
        await tracked(2)
        await doctor.do("record_stop")
        await asyncio.wait_for(asyncio.gather(*work), 40)
    assert await Track.objects.acount() == 2
    await asyncio.gather(*(in_thread(finalize_recording, recording) for _ in range(5)))
    assert await Artifact.objects.filter(kind="media").acount() == 2
    assert (await Recording.objects.aget()).state == RecordingState.READY


async def test_it_goes_on_while_the_web_process_is_away(cast: Cast, web_server: WebServer) -> None:
    async with agreed_visit(web_server, cast) as visit:
        guest, _doctor, recording = visit
        work = asyncio.create_task(in_thread(record, recording))
        await guest.fact("recording_started")
        await tracked(2)
        await asyncio.to_thread(web_server.kill)
        before = await asyncio.to_thread(segments, recording)
        await seen(before + 2, recording)
        await asyncio.to_thread(web_server.start)
        before = await asyncio.to_thread(segments, recording)
        await seen(before + 2, recording)
        assert await Track.objects.acount() == 2
        await Recording.objects.aupdate(state=RecordingState.STOPPING)
        await asyncio.wait_for(work, 30)


async def test_it_cuts_at_a_withdrawal_that_only_the_rows_tell_of(
    cast: Cast, web_server: WebServer
) -> None:
    async with agreed_visit(web_server, cast) as visit:
        guest, _doctor, recording = visit
        work = asyncio.create_task(in_thread(record, recording))
        await guest.fact("recording_started")
        await tracked(2)
        await asyncio.to_thread(web_server.kill)
        await Consent.objects.filter(participant_id=guest.you).aupdate(
            state=ConsentState.WITHDRAWN, withdrawn_at=timezone.now()
        )
        await Recording.objects.aupdate(state=RecordingState.STOPPING)
        await asyncio.wait_for(work, 30)
    withdrawn = await Consent.objects.aget(participant_id=guest.you)
    track = await Track.objects.aget(participant_id=guest.you)
    last = await Segment.objects.filter(track=track).alatest("ended_at")
    assert withdrawn.withdrawn_at is not None
    assert last.ended_at <= withdrawn.withdrawn_at
    assert (track.end_reason, track.ended_at) == ("withdrawn", withdrawn.withdrawn_at)
    assert await asyncio.to_thread(_damage, recording) == []


async def test_it_drops_and_audits_private_candidates(
    cast: Cast, web_server: WebServer, settings: Settings
) -> None:
    settings.RECORDER_ALLOW_PRIVATE_CANDIDATES = False
    async with agreed_visit(web_server, cast) as visit:
        guest, doctor, recording = visit
        work = asyncio.create_task(in_thread(record, recording))
        await guest.fact("recording_started")
        async with asyncio.timeout(40):
            while not await AuditEntry.objects.filter(action="recorder.candidate").aexists():
                await asyncio.sleep(0.05)
        await doctor.do("record_stop")
        await asyncio.wait_for(work, 30)
    entry = await AuditEntry.objects.filter(action="recorder.candidate").afirst()
    assert entry is not None
    assert (entry.allowed, entry.actor in (guest.you, doctor.you)) == (False, True)


async def test_it_stops_cleanly_when_the_disk_fills(
    cast: Cast, web_server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with agreed_visit(web_server, cast) as visit:
        guest, _doctor, recording = visit
        work = asyncio.create_task(in_thread(record, recording))
        await tracked(2)

        def full(*_: object, **__: object) -> None:
            raise DiskFull("The disk is full.")

        monkeypatch.setattr(keeper, "write_segment", full)
        failed = await guest.fact("recording_failed")
        await asyncio.wait_for(work, 30)
    assert failed["data"]["reason"] == "disk_full"
    await in_thread(finalize_recording, recording)
    assert (await Recording.objects.aget()).state == RecordingState.READY
    assert await Artifact.objects.filter(kind="media").acount() == 2


async def test_it_does_not_begin_on_a_full_disk(
    cast: Cast, web_server: WebServer, settings: Settings
) -> None:
    settings.RECORDING_MIN_FREE_BYTES = 1 << 60
    async with agreed_visit(web_server, cast) as visit:
        guest, _doctor, recording = visit
        await in_thread(record, recording)
        failed = await guest.fact("recording_failed")
    assert failed["data"]["reason"] == "disk_full"
    assert (await Recording.objects.aget()).state == RecordingState.FAILED


@pytest.fixture(autouse=True)
def _files_of_this_test_only() -> None:
    shutil.rmtree(spool_root(), ignore_errors=True)
