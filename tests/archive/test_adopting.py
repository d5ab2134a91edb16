"""What a recorder wrote and had no time to list is found again; nothing else is taken in."""

import shutil

import pytest

from calls.archive.adopting import adopt_unlisted
from calls.archive.keys import recording_key
from calls.archive.lines import TooLate, TrackPlace, add_segment
from calls.archive.manifest import info_of
from calls.archive.sources import verify_stored
from calls.archive.store import spool_path
from calls.models import Consent, LedgerEntry, Recording, Segment, Track
from calls.recorder.worker import finalize_recording
from calls.states import LedgerKind, RecordingState
from tests.archive.captured import captured, recording

__all__ = ["captured", "recording"]


@pytest.fixture
def unlisted(captured: Recording) -> Recording:
    """As if the recorder had died before the lines of the last two segments of each."""
    for track in captured.tracks.all():
        track.segments.filter(index__gte=3).delete()
    kept = Segment.objects.values_list("name", flat=True)
    entries = LedgerEntry.objects.filter(recording=captured).order_by("number")
    bodies = [
        entry.body
        for entry in entries
        if entry.body["kind"] != LedgerKind.SEGMENT.value or entry.body["name"] in kept
    ]
    entries.delete()
    Recording.objects.filter(pk=captured.pk).update(ledger_number=0, ledger_head="0" * 64)
    for body in bodies:
        told = {name: it for name, it in body.items() if name != "kind"}
        LedgerEntry.objects.append(captured.pk, LedgerKind(body["kind"]), **told)
    captured.refresh_from_db()
    return captured


def test_it_lists_them_with_their_entries_and_plays_them(unlisted: Recording) -> None:
    assert Segment.objects.count() == 6
    finalize_recording(str(unlisted.pk))
    unlisted.refresh_from_db()
    assert unlisted.state == RecordingState.READY
    assert Segment.objects.count() == 10
    assert verify_stored(unlisted).damage == []
    files = unlisted.artifacts.filter(kind="media")
    assert [file.details["video_frames"] for file in files] == [150, 150]


def test_it_does_so_once(unlisted: Recording) -> None:
    key = recording_key(unlisted)
    assert adopt_unlisted(unlisted, key) == 4
    assert adopt_unlisted(unlisted, key) == 0


def test_it_keeps_what_it_found_when_a_thawed_recorder_lists_it_after_all(
    unlisted: Recording,
) -> None:
    adopt_unlisted(unlisted, recording_key(unlisted))
    row = Segment.objects.select_related("track").filter(index=4).first()
    assert row is not None
    track = row.track
    add_segment(TrackPlace(unlisted.pk, track.participant_id, track.leg_id, track.pk), info_of(row))
    assert spool_path(row.name).exists()
    assert Segment.objects.count() == 10


def test_it_finds_a_track_that_never_had_a_line(unlisted: Recording) -> None:
    track = unlisted.tracks.first()
    assert track is not None
    track.segments.all().delete()
    Track.objects.filter(pk=track.pk).delete()
    assert adopt_unlisted(unlisted, recording_key(unlisted)) == 7
    assert Track.objects.filter(pk=track.pk).exists()


def test_it_takes_nothing_in_that_was_altered_moved_or_of_who_never_agreed(
    unlisted: Recording,
) -> None:
    one, other = unlisted.tracks.order_by("started_at")
    folder = f"{unlisted.pk}/{one.participant_id}/{one.pk}"
    path = spool_path(f"{folder}/000003.seg")
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    shutil.copy(spool_path(f"{folder}/000004.seg"), spool_path(f"{folder}/000007.seg"))
    Consent.objects.filter(participant=other.participant).update(state="asked", given_at=None)
    assert adopt_unlisted(unlisted, recording_key(unlisted)) == 1
    assert Segment.objects.get(track=one, index=4)


@pytest.mark.parametrize("withdrawn", [False, True])
def test_a_late_segment_stays_to_be_adopted_unless_consent_had_gone(
    captured: Recording, withdrawn: bool
) -> None:
    row = Segment.objects.select_related("track").latest("ended_at")
    place = TrackPlace(captured.pk, row.track.participant_id, row.track.leg_id, row.track_id)
    info = info_of(row)
    row.delete()
    if withdrawn:
        consents = Consent.objects.filter(participant=row.track.participant_id)
        consents.update(state="withdrawn", withdrawn_at=row.started_at)
    Recording.objects.filter(pk=captured.pk).update(state=RecordingState.FINALISING)
    with pytest.raises(TooLate):
        add_segment(place, info)
    assert spool_path(info.name).exists() is not withdrawn
