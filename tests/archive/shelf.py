"""Segments in a spool of the test's own, with their rows, as a recorder leaves them."""

import itertools
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from calls.archive import store
from calls.archive.keys import make_recording_key, recording_key
from calls.archive.segments import EncodedFrame
from calls.archive.store import spool_path, spool_root
from calls.archive.writing import OpenSegment, write_segment
from calls.models import CallSession, Leg, Participant, Recording, Segment, Track

MARK = b"spoken in the consulting room, planted in plaintext"
START = 1_700_000_000.0

_numbers = itertools.count()


@pytest.fixture(autouse=True)
def folders(settings: Settings, tmp_path: Path) -> None:
    """A spool and a storage of the test's own."""
    settings.RECORDING_SPOOL = tmp_path / "spool"
    folder = settings.STORAGES[settings.RECORDING_STORAGE]
    options = {**folder["OPTIONS"], "location": str(tmp_path / "recordings")}
    settings.STORAGES = {
        **settings.STORAGES,
        settings.RECORDING_STORAGE: {**folder, "OPTIONS": options},
    }


def waiting() -> int:
    return Segment.objects.filter(stored_at__isnull=True).count()


def in_spool() -> list[str]:
    return [file.name for file in store.list_folder(store.spool_root())]


def recording_of(call: CallSession, *, state: str = "finalising") -> Recording:
    """A recording with a key and one track of the patient; segments by `write`."""
    people = {person.role: person for person in Participant.objects.filter(call=call)}
    now = timezone.now()
    made = Recording.objects.create(
        call=call, state=state, asked_by=people["agent"], asked_at=now, started_at=now,
        stopped_at=now,
    )  # fmt: skip
    make_recording_key(made)
    patient = people["patient"]
    leg = Leg.objects.create(participant=patient, seen_at=now, state="closed")
    Track.objects.create(recording=made, participant=patient, leg=leg, started_at=now)
    return made


def write(recording: Recording, count: int = 1, *, size_bytes: int = 4000) -> list[str]:
    """The names of so many more segments, written to the spool; without rows: see `enlist`."""
    track = Track.objects.select_related("recording").get(recording=recording)
    return [_write(track, next(_numbers), size_bytes) for _ in range(count)]


def enlisted(recording: Recording, count: int = 1, *, size_bytes: int = 4000) -> list[str]:
    """The same with their rows."""
    names = write(recording, count, size_bytes=size_bytes)
    track = Track.objects.get(recording=recording)
    for name in names:
        Segment.objects.create(
            track=track, index=int(name[-10:-4]), name=name, sha256=store.sha256(name),
            size_bytes=spool_path(name).stat().st_size, started_at=_moment(START),
            ended_at=_moment(START + 1),
        )  # fmt: skip
    return names


def _write(track: Track, index: int, size_bytes: int) -> str:
    segment = OpenSegment(index, START, START + 1)
    frame = EncodedFrame(
        kind="audio", codec="opus", data=(MARK * (size_bytes // len(MARK) + 1))[:size_bytes],
        source=1, rtp_time=0, clock_rate=48000, keyframe=False, arrived_at=START,
    )  # fmt: skip
    segment.add(frame)
    info = write_segment(
        spool_root(), segment, recording_key(track.recording),
        recording=track.recording_id, participant=track.participant_id, track=track.pk,
    )  # fmt: skip
    return info.name


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
