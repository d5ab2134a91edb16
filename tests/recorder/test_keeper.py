"""Segments reach the disk though the database is away; their lines follow."""

from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.db import DataError, OperationalError
from django.test import override_settings
from django.utils import timezone

from calls.archive import lines, store
from calls.archive.keys import make_recording_key
from calls.archive.lines import TrackPlace
from calls.archive.manifest import check
from calls.archive.segments import SegmentInfo
from calls.archive.store import StorageAway
from calls.archive.vault import DataKey
from calls.archive.writing import OpenSegment, write_segment
from calls.models import Leg, Participant, Recording, Segment, Track
from calls.recorder import keeper as module
from calls.recorder.keeper import Keeper
from tests.recorder.peers import until
from tests.recorder.test_writer import frame
from tests.support.cast import Cast


def make_place(cast: Cast) -> tuple[TrackPlace, Recording]:
    person = Participant.objects.filter(call=cast.call).earliest("pk")
    leg = Leg.objects.create(participant=person, seen_at=timezone.now())
    recording = Recording.objects.create(
        call=cast.call, asked_by=person, asked_at=timezone.now(), state="recording"
    )
    return TrackPlace(recording.pk, person.pk, leg.pk, uuid4()), recording


def segment(index: int) -> OpenSegment:
    made = OpenSegment(index, started_at=1000.0 + index, ended_at=1000.0 + index)
    made.add(frame(1000.5 + index))
    return made


async def test_it_keeps_segments_while_the_database_is_away(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, recording = await sync_to_async(make_place)(cast)
    key = await sync_to_async(make_recording_key)(recording)
    monkeypatch.setattr(module, "RETRY_SECS", 0.05)
    add, refusals = lines.add_segment, iter(range(4))

    def away_at_first(*args: object) -> None:
        if next(refusals, None) is not None:
            raise OperationalError("the server closed the connection")
        add(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(lines, "add_segment", away_at_first)
    faults: list[str] = []
    keeper = Keeper(tmp_path, key, failed=faults.append)
    keeper.start()
    for index in range(3):
        keeper.put(place, segment(index))
    keeper.end_track(place, at=1004.0, reason="left")
    await until(lambda: len(list(tmp_path.rglob("*.seg"))) == 3)
    await keeper.finish()
    rows = [row.index async for row in Segment.objects.order_by("index")]
    track = await Track.objects.aget()
    assert (rows, track.end_reason, faults) == ([0, 1, 2], "left", [])


async def test_it_keeps_the_lines_until_it_may_not_go_on(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, recording = await sync_to_async(make_place)(cast)
    key = await sync_to_async(make_recording_key)(recording)
    monkeypatch.setattr(module, "RETRY_SECS", 0.01)
    away = True
    add = lines.add_segment

    def add_unless_away(*args: Any) -> None:
        if away:
            raise OperationalError("the server closed the connection")
        add(*args)

    monkeypatch.setattr(lines, "add_segment", add_unless_away)
    keeper = Keeper(tmp_path, key, failed=lambda _: None)
    keeper.start()
    keeper.put(place, segment(0))
    await keeper.finish(patience_secs=0.5, go_on=lambda: False)
    assert not await Segment.objects.aexists()
    asked: list[bool] = []

    def come_back() -> bool:
        nonlocal away
        asked.append(True)
        away = len(asked) < 5
        return True

    await keeper.finish(patience_secs=0, go_on=come_back)
    assert await Segment.objects.acount() == 1


async def test_one_line_that_cannot_be_written_keeps_no_other_back(
    cast: Cast, tmp_path: Path
) -> None:
    place, recording = await sync_to_async(make_place)(cast)
    key = await sync_to_async(make_recording_key)(recording)
    keeper = Keeper(tmp_path, key, failed=lambda _: None)
    for fault in (OSError("no such file"), DataError("out of range")):
        keeper.note(partial(fail_with, fault))
    keeper.put(place, segment(0))
    keeper.start()
    assert await keeper.finish()
    assert await Segment.objects.acount() == 1


def fail_with(fault: Exception) -> None:
    raise fault


async def test_it_leaves_to_the_finaliser_what_lies_in_a_storage_that_is_away(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, recording = await sync_to_async(make_place)(cast)
    key = await sync_to_async(make_recording_key)(recording)
    keeper = Keeper(tmp_path, key, failed=lambda _: None)
    keeper.start()
    keeper.put(place, seconds(0, 1000.0, 1001.0, 1002.0))
    await until(lambda: len(list(tmp_path.rglob("*.seg"))) == 1)
    for path in tmp_path.rglob("*.seg"):
        path.unlink()

    def away(_name: str) -> bytes:
        raise StorageAway("no route to the bucket")

    monkeypatch.setattr(store, "read_bytes", away)
    keeper.end_track(place, at=1000.5, reason="withdrawn", cut=True)
    assert await keeper.finish()
    row = await Segment.objects.aget()
    assert (row.ended_at.timestamp(), row.video_frames) == (1002.0, 3)


async def test_it_takes_back_what_came_after_a_withdrawal(cast: Cast, tmp_path: Path) -> None:
    place, recording = await sync_to_async(make_place)(cast)
    key = await sync_to_async(make_recording_key)(recording)
    keeper = Keeper(tmp_path, key, failed=lambda _: None)
    keeper.start()
    keeper.put(place, seconds(0, 1000.0, 1001.0, 1002.0))
    keeper.put(place, seconds(1, 1003.0, 1004.0, 1005.0))
    keeper.put(place, seconds(2, 1006.0, 1007.0))
    await until(lambda: len(list(tmp_path.rglob("*.seg"))) == 3)
    keeper.put(place, seconds(3, 1008.0))
    keeper.end_track(place, at=1004.5, reason="withdrawn", cut=True)
    await keeper.finish()
    rows = [row async for row in Segment.objects.order_by("index")]
    assert [(row.index, row.ended_at.timestamp(), row.video_frames) for row in rows] == [
        (0, 1002.0, 3),
        (1, 1004.0, 2),
    ]
    names = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.seg"))
    assert names == [row.name for row in rows]
    assert await sync_to_async(check_all)(recording, tmp_path, key) == []


async def test_it_deletes_no_file_that_its_line_still_names(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, recording = await sync_to_async(make_place)(cast)
    key = await sync_to_async(make_recording_key)(recording)
    monkeypatch.setattr(module, "RETRY_SECS", 0.05)
    replace, is_away = lines.replace_segment, [True]

    def away_at_first(*args: Any) -> None:
        if is_away:
            raise OperationalError("the server closed the connection")
        replace(*args)

    monkeypatch.setattr(lines, "replace_segment", away_at_first)
    keeper = Keeper(tmp_path, key, failed=lambda _: None)
    keeper.start()
    keeper.put(place, seconds(0, 1000.0, 1001.0, 1002.0))
    await until(lambda: len(list(tmp_path.rglob("*.seg"))) == 1)
    keeper.end_track(place, at=1001.5, reason="withdrawn", cut=True)
    await until(lambda: len(list(tmp_path.rglob("*.seg"))) == 2)
    row = await Segment.objects.aget()
    assert (tmp_path / row.name).exists()
    is_away.clear()
    assert await keeper.finish()
    row = await Segment.objects.aget()
    assert [path.name for path in tmp_path.rglob("*.seg")] == ["000000-1.seg"]
    assert row.name.endswith("/000000-1.seg")


async def test_it_never_writes_what_waited_when_consent_was_withdrawn(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, recording = await sync_to_async(make_place)(cast)
    key = await sync_to_async(make_recording_key)(recording)
    written: list[tuple[int, int]] = []

    def note(root: Path, segment: OpenSegment, *args: Any, **place: Any) -> SegmentInfo:
        written.append((segment.index, segment.video_frames))
        return write_segment(root, segment, *args, **place)

    monkeypatch.setattr(module, "write_segment", note)
    keeper = Keeper(tmp_path, key, failed=lambda _: None)
    keeper.put(place, seconds(0, 1000.0, 1001.0, 1002.0))
    keeper.put(place, seconds(1, 1003.0))
    keeper.end_track(place, at=1001.5, reason="withdrawn", cut=True)
    keeper.start()
    await keeper.finish()
    assert written == [(0, 2)]


def seconds(index: int, *arrivals: float) -> OpenSegment:
    made = OpenSegment(index, started_at=arrivals[0], ended_at=arrivals[0])
    for at in arrivals:
        made.add(frame(at))
    return made


def check_all(recording: Recording, root: Path, key: DataKey) -> list[object]:
    with override_settings(RECORDING_SPOOL=root):
        return list(check(recording, key=key))


async def test_it_stops_when_the_disk_cannot_follow(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, recording = await sync_to_async(make_place)(cast)
    key = await sync_to_async(make_recording_key)(recording)
    monkeypatch.setattr(module, "WAITING_BYTES", 100)
    faults: list[str] = []
    keeper = Keeper(tmp_path, key, failed=faults.append)
    keeper.put(place, segment(0))
    keeper.put(place, segment(1))
    assert faults == ["disk_slow", "disk_slow"]
