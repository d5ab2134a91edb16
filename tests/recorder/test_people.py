"""Who is captured: an end counts at once, whatever their connection does, and nobody floods."""

import asyncio
from pathlib import Path
from uuid import uuid4

import pytest

from calls.archive.segments import EncodedFrame
from calls.archive.vault import Vault
from calls.recorder import participant
from calls.recorder.keeper import Keeper
from calls.recorder.participant import FLOOD_BPS, FLOOD_SECS, RecordedPerson
from calls.recorder.people import People

RECORDING = uuid4()
KEY = Vault([b"k" * 32]).new_data_key(RECORDING)[0]


def somebody(root: Path) -> RecordedPerson:
    return RecordedPerson(
        recording=RECORDING, participant=uuid4(), leg=uuid4(),
        keeper=Keeper(root, KEY, failed=lambda _: None), ice_servers=[], max_bitrate_bps=500_000,
        allow_private=True, dropped=lambda _: None,
    )  # fmt: skip


def frame(at: float, size: int = 1000, *, keyframe: bool = True) -> EncodedFrame:
    return EncodedFrame("video", "vp8", bytes(size), 1, int(at * 90000), 90000, keyframe, at)


async def test_nobody_waits_for_a_connection_that_does_not_hang_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = asyncio.Event()
    people = People(RECORDING)
    both = [somebody(tmp_path), somebody(tmp_path)]
    for person in both:
        monkeypatch.setattr(person._connection, "close", answered.wait)
        people.add(person.place.leg, person)
    for person in both:
        await people.close(person.place.leg, reason="left", not_after=1000.0)
        assert person.closed
    assert not people.legs
    going = asyncio.create_task(people.gone())
    await asyncio.sleep(0.05)
    assert not going.done()
    answered.set()
    await going


async def test_nothing_is_kept_while_somebody_is_on_hold_and_then_a_whole_picture_first(
    tmp_path: Path,
) -> None:
    people, person = People(RECORDING), somebody(tmp_path)
    leg, kept = person.place.leg, []
    person._keep = lambda segment: kept.append(segment)  # type: ignore[method-assign]
    people.add(leg, person)
    person._take(frame(1.0))
    people.pause({leg: "held"})
    person._take(frame(2.0))
    people.pause({})
    person._take(frame(3.0, keyframe=False))
    person._take(frame(4.0))
    person._take(frame(5.0, keyframe=False))
    person.end(reason="ended", not_after=9.0)
    segments = [segment for segment in kept if segment is not None]
    assert [(one.started_at, one.ended_at) for one in segments] == [(1.0, 1.0), (4.0, 5.0)]


async def test_a_connection_that_never_hangs_up_is_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(participant, "HANG_UP_SECS", 0.05)
    people, person = People(RECORDING), somebody(tmp_path)
    monkeypatch.setattr(person._connection, "close", asyncio.Event().wait)
    people.add(person.place.leg, person)
    await people.close(person.place.leg, reason="left", not_after=1000.0)
    await people.gone()


async def test_it_takes_nothing_over_that_ended_while_it_was_answered(tmp_path: Path) -> None:
    person = somebody(tmp_path)
    person.end(reason="left")
    person._tap.attach()
    assert person._tap._pulse is None
    await person.hang_up()


async def test_it_knows_who_sends_far_more_than_is_asked_for(tmp_path: Path) -> None:
    person = somebody(tmp_path)
    begun = person._counted_from
    fair = int(FLOOD_BPS / 8 * FLOOD_SECS)
    told = []
    for at, size in ((0.5, fair), (0.75, 1), (1.5, fair)):
        person._take(frame(begun + at * FLOOD_SECS, size))
        person.tick(begun + (at + 0.25) * FLOOD_SECS)
        told.append(person.floods)
    assert told == [False, True, False]
    person.end(reason="too_much")
    await person.hang_up()
