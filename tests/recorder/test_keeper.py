"""Segments reach the disk though the database is away; their lines follow."""

import asyncio
from pathlib import Path
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError
from django.utils import timezone

from calls.archive.keys import make_recording_key
from calls.models import Leg, Participant, Recording, Segment, Track
from calls.recorder import keeper as module
from calls.recorder.keeper import Keeper, TrackPlace
from calls.recorder.writer import OpenSegment
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
    add, refusals = module._add_segment, iter(range(4))

    def away_at_first(*args: object) -> None:
        if next(refusals, None) is not None:
            raise OperationalError("the server closed the connection")
        add(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "_add_segment", away_at_first)
    faults: list[str] = []
    keeper = Keeper(tmp_path, key, failed=faults.append)
    keeper.start()
    for index in range(3):
        keeper.put(place, segment(index))
    keeper.end_track(place, at=1004.0, reason="left")
    while len(list(tmp_path.rglob("*.seg"))) < 3:
        await asyncio.sleep(0.01)
    await keeper.finish()
    rows = [row.index async for row in Segment.objects.order_by("index")]
    track = await Track.objects.aget()
    assert (rows, track.end_reason, faults) == ([0, 1, 2], "left", [])


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
