"""One artifact under duplicates and crashes; damage named, the rest used."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from calls.archive.finalize import finalize
from calls.archive.finished import LeaseLost
from calls.archive.keys import make_recording_key, recording_key
from calls.archive.ledger import ledgers
from calls.archive.media import Muxed, TrackReader
from calls.archive.playback import parse_range, read_artifact
from calls.archive.sealedfile import SealedFile
from calls.archive.store import spool_root
from calls.archive.vault import KeyUnavailable
from calls.archive.writing import DiskFull, OpenSegment, write_segment
from calls.models import Artifact, Consent, Leg, Participant, Recording, Segment, Track
from calls.recorder.webm import mux_person
from calls.recorder.worker import MOST_ATTEMPTS, finalize_recording
from calls.services import recording as recordings
from calls.states import RecordingState
from tests.recorder.footage import cut, records
from tests.support.cast import Cast


def add_track(recording: Recording, person: Participant, *, start: float) -> Track:
    """Five seconds of somebody, as the recorder leaves them."""
    leg = Leg.objects.create(participant=person, seen_at=timezone.now(), state="closed")
    track = Track.objects.create(
        recording=recording, participant=person, leg=leg, started_at=_moment(start)
    )
    key = recording_key(recording)
    for index, plaintext in enumerate(cut(records(start=start))):
        segment = OpenSegment(index, start + index, start + index + 1, bytearray(plaintext))
        info = write_segment(
            spool_root(), segment, key,
            recording=recording.pk, participant=person.pk, track=track.pk,
        )  # fmt: skip
        Segment.objects.create(
            track=track, index=index, name=info.name, sha256=info.sha256,
            size_bytes=info.size_bytes, started_at=_moment(info.started_at),
            ended_at=_moment(info.ended_at),
        )  # fmt: skip
    return track


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


@pytest.fixture
def recording(cast: Cast) -> Recording:
    """Captured and stopped: Mei spoke for five seconds, Dr. Ada began one second later."""
    people = {person.role: person for person in Participant.objects.filter(call=cast.call)}
    made = Recording.objects.create(
        call=cast.call, asked_by=people["agent"], asked_at=timezone.now(),
        state=RecordingState.FINALISING, started_at=_moment(1_700_000_000),
    )  # fmt: skip
    make_recording_key(made)
    for role in ("patient", "agent"):
        Consent.objects.create(
            recording=made, participant=people[role], state="given", text_version="1",
            given_at=_moment(1_699_999_990),
        )  # fmt: skip
    add_track(made, people["patient"], start=1_700_000_001.0)
    add_track(made, people["agent"], start=1_700_000_002.0)
    return made


def media(recording: Recording) -> list[Artifact]:
    files = Artifact.objects.filter(recording=recording, kind="media").select_related("recording")
    return list(files.order_by("offset_secs"))


def always() -> bool:
    return True


def test_it_makes_one_file_a_person_on_one_timeline(recording: Recording) -> None:
    finalize_recording(str(recording.pk))
    files = media(recording)
    assert [round(file.offset_secs, 1) for file in files] == [1.0, 2.0]
    assert [round(file.duration_secs, 1) for file in files] == [5.0, 5.0]
    assert [file.details["video_frames"] for file in files] == [150, 150]
    recording.refresh_from_db()
    assert recording.state == RecordingState.READY


def test_it_streams_any_part_of_it(recording: Recording) -> None:
    finalize(recording, mux=mux_person, go_on=always)
    file = media(recording)[0]
    whole = b"".join(read_artifact(file))
    assert len(whole) == file.size_bytes
    part = parse_range("bytes=70000-140000", whole_bytes=file.size_bytes)
    assert part is not None
    assert b"".join(read_artifact(file, part)) == whole[70000:140001]


def test_it_makes_one_artifact_when_two_work_at_once(recording: Recording) -> None:
    meet = threading.Barrier(2)

    def slow(readers: Sequence[TrackReader], file: SealedFile) -> Muxed:
        muxed = mux_person(readers, file)
        meet.wait(20)
        return muxed

    def work(_: int) -> int:
        try:
            return finalize(recording, mux=slow, go_on=always)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(work, range(2))) == [2, 2]
    kept = {spool_root() / file.name for file in Artifact.objects.filter(recording=recording)}
    on_disk = {
        path for path in _folder(recording).rglob("*") if path.suffix in (".media", ".poster")
    }
    assert len(media(recording)) == 2
    assert kept == on_disk


def test_it_finishes_what_a_killed_worker_left(recording: Recording) -> None:
    def dies(readers: Sequence[TrackReader], file: SealedFile) -> Muxed:
        if media(recording):
            raise KeyboardInterrupt
        return mux_person(readers, file)

    with pytest.raises(KeyboardInterrupt):
        finalize(recording, mux=dies, go_on=always)
    first = media(recording)
    assert len(first) == 1
    assert finalize(recording, mux=mux_person, go_on=always) == 2
    assert first[0].pk in {file.pk for file in media(recording)}


def test_it_stops_when_another_worker_has_the_lease(recording: Recording) -> None:
    with pytest.raises(LeaseLost):
        finalize(recording, mux=mux_person, go_on=lambda: False)
    assert media(recording) == []


def test_it_names_damage_and_plays_the_rest(recording: Recording) -> None:
    track = Track.objects.filter(recording=recording).earliest("started_at")
    track.segments.update(stored_at=timezone.now())  # else it waits for them
    altered, gone = track.segments.get(index=1), track.segments.get(index=3)
    path = spool_root() / altered.name
    flipped = bytearray(path.read_bytes())
    flipped[100] ^= 1
    path.write_bytes(bytes(flipped))
    (spool_root() / gone.name).unlink()
    finalize_recording(str(recording.pk))
    file = media(recording)[0]
    assert [each["name"] for each in file.details["damaged"]] == [altered.name, gone.name]
    assert 60 <= file.details["video_frames"] <= 90
    output = StringIO()
    with pytest.raises(CommandError, match="2 faults in 10 segments and 4 files"):
        call_command("verify_recording", str(recording.pk), stdout=output)
    assert f"{altered.name}: The file is not the one that was recorded." in output.getvalue()
    assert f"{gone.name}: The file is missing." in output.getvalue()


def test_it_notices_two_segments_in_each_others_place(recording: Recording) -> None:
    track = Track.objects.filter(recording=recording).earliest("started_at")
    first, second = track.segments.get(index=0), track.segments.get(index=1)
    Segment.objects.filter(pk=first.pk).update(name="held")
    for mine, other in ((second, first), (first, second)):
        Segment.objects.filter(pk=mine.pk).update(
            name=other.name, sha256=other.sha256, size_bytes=other.size_bytes
        )
    output = StringIO()
    with pytest.raises(CommandError, match="2 faults"):
        call_command("verify_recording", str(recording.pk), stdout=output)
    assert output.getvalue().count("belongs to another place") == 2


def test_it_says_that_all_is_well(recording: Recording) -> None:
    finalize_recording(str(recording.pk))
    output = StringIO()
    call_command("verify_recording", str(recording.pk), stdout=output)
    assert "All 10 segments and 4 files are as they were recorded." in output.getvalue()
    with pytest.raises(CommandError, match="There is no recording"):
        call_command("verify_recording", str(uuid4()))


def test_it_accounts_for_every_second(recording: Recording) -> None:
    patient = Participant.objects.get(call=recording.call, role="patient")
    add_track(recording, patient, start=1_700_000_010.0)
    Track.objects.filter(started_at=_moment(1_700_000_010.0)).update(
        ended_at=_moment(1_700_000_015.0), end_reason="left"
    )
    Consent.objects.filter(participant=patient).update(given_at=_moment(1_700_000_000.5))
    Recording.objects.update(stopped_at=_moment(1_700_000_020))
    recording.refresh_from_db()
    finalize(recording, mux=mux_person, go_on=always)
    account = next(each for each in ledgers(recording) if each.participant == patient.pk)
    assert round(account.captured_secs) == 10
    assert [(round(g.start_secs), round(g.end_secs), g.cause) for g in account.gaps] == [
        (0, 1, "not_yet_consented"),
        (6, 10, "recorder_killed"),
        (15, 20, "left"),
    ]
    output = StringIO()
    call_command("verify_recording", str(recording.pk), stdout=output)
    assert "15.0 - 20.0 s: left" in output.getvalue()


def test_it_waits_for_the_key_to_come_back(recording: Recording, settings: Settings) -> None:
    keys = settings.RECORDING_KEYS
    settings.RECORDING_KEYS = [b"x" * 32]
    finalize_recording(str(recording.pk))
    recording.refresh_from_db()
    assert recording.state == RecordingState.FINALISING
    with pytest.raises(KeyUnavailable):
        finalize(recording, mux=mux_person, go_on=always)
    settings.RECORDING_KEYS = [b"x" * 32, *keys]
    Recording.objects.update(lease_expires_at=None)
    finalize_recording(str(recording.pk))
    assert len(media(recording)) == 2


def test_it_waits_for_the_key_however_often_it_asks(
    recording: Recording, settings: Settings
) -> None:
    keys = settings.RECORDING_KEYS
    Recording.objects.update(attempts=MOST_ATTEMPTS - 1)
    settings.RECORDING_KEYS = [b"x" * 32]
    for _ in range(3):
        Recording.objects.update(lease_expires_at=None)
        finalize_recording(str(recording.pk))
    settings.RECORDING_KEYS = keys
    Recording.objects.update(lease_expires_at=None)
    finalize_recording(str(recording.pk))
    recording.refresh_from_db()
    assert recording.state == RecordingState.READY


def test_it_waits_for_room_on_the_disk_however_often_it_asks(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise DiskFull("The disk is full.")

    Recording.objects.update(attempts=MOST_ATTEMPTS - 1)
    with monkeypatch.context() as patch:
        patch.setattr("calls.archive.finalize.cut_what_must_go", full)
        for _ in range(3):
            Recording.objects.update(lease_expires_at=None)
            finalize_recording(str(recording.pk))
    Recording.objects.update(lease_expires_at=None)
    finalize_recording(str(recording.pk))
    recording.refresh_from_db()
    assert recording.state == RecordingState.READY


def test_it_gives_up_after_too_many_attempts(recording: Recording) -> None:
    Recording.objects.update(attempts=MOST_ATTEMPTS)
    finalize_recording(str(recording.pk))
    recording.refresh_from_db()
    assert (recording.state, recording.reason) == (RecordingState.FAILED, "finalise_failed")


def test_it_fails_a_recording_of_nothing(cast: Cast) -> None:
    person = Participant.objects.filter(call=cast.call).earliest("pk")
    empty = Recording.objects.create(
        call=cast.call, asked_by=person, asked_at=timezone.now(), state=RecordingState.FINALISING
    )
    finalize_recording(str(empty.pk))
    empty.refresh_from_db()
    assert (empty.state, empty.reason) == (RecordingState.FAILED, "nothing_captured")


def test_it_leaves_another_workers_recording_alone(recording: Recording) -> None:
    assert recordings.claim_finalising(recording.pk, owner="another") is not None
    finalize_recording(str(recording.pk))
    assert media(recording) == []


def _folder(recording: Recording) -> Path:
    return spool_root() / str(recording.pk)
