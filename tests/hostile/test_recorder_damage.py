"""Whatever is altered, removed, swapped or cut off an archive is named, and the rest plays."""

import asyncio
import io
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import av
import pytest
from django.conf import settings
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.utils import timezone

from calls.archive import store
from calls.archive.finalize import finalize
from calls.archive.keys import make_recording_key
from calls.archive.lines import TrackPlace
from calls.archive.playback import open_artifact
from calls.archive.spool import upload_pending
from calls.archive.vault import DataKey
from calls.archive.writing import OpenSegment
from calls.models import Artifact, Consent, LedgerEntry, Leg, Recording, Segment
from calls.recorder.keeper import Keeper
from calls.recorder.webm import mux_person
from calls.states import LedgerKind
from tests.recorder.footage import records
from tests.support.cast import TEXT_VERSION, Cast

SECS = 5
FRAMES = SECS * 30


@pytest.fixture
def recording(cast: Cast) -> Recording:
    """Five seconds of Mei in as many segments, written by the recorder's own keeper."""
    mei = cast.call.participants.get(role="patient")
    now = timezone.now() - timedelta(seconds=SECS + 1)
    leg = Leg.objects.create(participant=mei, seen_at=now)
    made = Recording.objects.create(
        call=cast.call, asked_by=mei, asked_at=now, started_at=now, state="recording"
    )
    Consent.objects.create(
        recording=made, participant=mei, state="given", given_at=now, text_version=TEXT_VERSION
    )
    told = LedgerEntry.objects.append
    told(made.pk, LedgerKind.CONSENT, participant=mei.pk, state="given",
         text_version=TEXT_VERSION, language="en")  # fmt: skip
    told(made.pk, LedgerKind.BEGUN, quality="small")
    place = TrackPlace(made.pk, mei.pk, leg.pk, uuid4())
    asyncio.run(keep(place, make_recording_key(made)))
    told(made.pk, LedgerKind.STOPPED, reason="ended")
    Recording.objects.update(state="finalising", stopped_at=timezone.now())
    upload_pending(recording=made.pk)
    made.refresh_from_db()
    return made


async def keep(place: TrackPlace, key: DataKey) -> None:
    begin = time.time() - SECS
    faults: list[str] = []
    keeper = Keeper(store.spool_root(), key, failed=faults.append)
    keeper.start()
    segments: dict[int, OpenSegment] = {}
    for record in records(start=begin):
        second = int(record.arrived_at - begin - 0.019)
        at = record.arrived_at
        segments.setdefault(second, OpenSegment(second, at, at)).add(record)
    for second in sorted(segments):
        keeper.put(place, segments[second])
    keeper.end_track(place, at=begin + SECS, reason="ended")
    await keeper.finish()
    assert faults == []


def storage_folder() -> Path:
    return Path(storages[settings.RECORDING_STORAGE].path("."))


def segment_paths() -> list[Path]:
    """Where they lie in the storage; the spool has none any more."""
    names = list(Segment.objects.order_by("index").values_list("name", flat=True))
    assert not any(store.spool_path(name).exists() for name in names)
    return [storage_folder() / name for name in names]


def name_of(path: Path) -> str:
    return path.relative_to(storage_folder()).as_posix()


def named(recording: Recording) -> list[str]:
    """What the check names, each once; none if all is as it was recorded."""
    said = io.StringIO()
    try:
        call_command("verify_recording", str(recording.pk), stdout=said)
    except CommandError:
        lines = [line for line in said.getvalue().splitlines() if not line.startswith(" ")]
        return sorted({line.partition(": ")[0] for line in lines if is_damage(line)})
    return []


def is_damage(line: str) -> bool:
    return ".seg: " in line or line.startswith("ledger entry")


@dataclass
class Played:
    frames: int
    until_secs: float


def play(recording: Recording) -> Played:
    """Make the file that people play, and decode all of it."""
    finalize(recording, mux=mux_person, go_on=lambda: True)
    file = Artifact.objects.get(recording=recording, kind="media")
    with open_artifact(file) as sealed:
        content = sealed.read()
    with av.open(io.BytesIO(content), "r") as container:
        pictures = [float(frame.time or 0) for frame in container.decode(video=0)]
    with av.open(io.BytesIO(content), "r") as container:
        sounds = [float(frame.time or 0) for frame in container.decode(audio=0)]
    return Played(len(pictures), max(sounds))


def test_it_finds_nothing_wrong_with_what_was_recorded(recording: Recording) -> None:
    assert named(recording) == []
    assert play(recording) == Played(FRAMES, pytest.approx(SECS, abs=0.1))  # type: ignore[arg-type]


def test_it_names_a_segment_with_one_flipped_bit(recording: Recording) -> None:
    path = segment_paths()[2]
    sealed = bytearray(path.read_bytes())
    sealed[len(sealed) // 2] ^= 1
    path.write_bytes(sealed)
    assert named(recording) == [name_of(path)]
    assert play(recording) == Played(FRAMES - 30, pytest.approx(SECS, abs=0.1))  # type: ignore[arg-type]


def test_it_names_a_removed_segment(recording: Recording) -> None:
    path = segment_paths()[1]
    path.unlink()
    assert named(recording) == [name_of(path)]
    assert play(recording) == Played(FRAMES - 30, pytest.approx(SECS, abs=0.1))  # type: ignore[arg-type]


def test_it_names_two_swapped_segments(recording: Recording) -> None:
    one, other = segment_paths()[1], segment_paths()[3]
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)
    assert named(recording) == sorted([name_of(one), name_of(other)])
    assert play(recording) == Played(FRAMES - 60, pytest.approx(SECS, abs=0.1))  # type: ignore[arg-type]


def cut_files(recording: Recording) -> None:
    segment_paths()[-1].unlink()


def cut_rows(recording: Recording) -> None:
    cut_files(recording)
    Segment.objects.order_by("index").last().delete()  # type: ignore[union-attr]


def cut_lines(recording: Recording) -> None:
    cut_rows(recording)
    last = LedgerEntry.objects.filter(body__kind="segment").order_by("number").last()
    assert last is not None
    LedgerEntry.objects.filter(number__gte=last.number).delete()


@pytest.mark.parametrize("cut", [cut_files, cut_rows, cut_lines])
def test_it_names_a_tail_that_was_cut_off(
    recording: Recording, cut: Callable[[Recording], None]
) -> None:
    path = segment_paths()[-1]
    last = LedgerEntry.objects.filter(body__kind="segment").order_by("number").last()
    assert last is not None
    cut(recording)
    expected = f"ledger entry {last.number}" if cut is cut_lines else name_of(path)
    assert named(recording) == [expected]
    assert play(recording) == Played(FRAMES - 30, pytest.approx(SECS - 1, abs=0.1))  # type: ignore[arg-type]
