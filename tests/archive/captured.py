"""A recording as a recorder leaves it: segments in the spool, their lines, the ledger."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.files.storage import storages

from calls.archive.keys import recording_key
from calls.archive.lines import TrackPlace, add_segment
from calls.archive.segments import unpack
from calls.archive.store import spool_root
from calls.archive.writing import OpenSegment, write_segment
from calls.models import LedgerEntry, Recording, Segment
from calls.states import LedgerKind, RecordingState
from tests.recorder.footage import cut, records
from tests.recorder.test_finalize import recording as finalisable

START = 1_700_000_000.0
recording = finalisable


def moment(secs: float) -> datetime:
    return datetime.fromtimestamp(START + secs, UTC)


@pytest.fixture
def captured(recording: Recording) -> Recording:
    """As `recording`, with the ledger of what was captured, and stopped after ten seconds."""
    Recording.objects.filter(pk=recording.pk).update(state=RecordingState.RECORDING)
    Segment.objects.all().delete()
    key = recording_key(recording)
    write = LedgerEntry.objects.append
    write(recording.pk, LedgerKind.BEGUN, at=START, quality="small")
    for person in recording.call.participants.exclude(role="recorder"):
        write(recording.pk, LedgerKind.CONSENT, at=START, participant=person.pk, state="given")
    for track in recording.tracks.all():
        place = TrackPlace(recording.pk, track.participant_id, track.leg_id, track.pk)
        start = track.started_at.timestamp()
        for index, plaintext in enumerate(cut(records(start=start))):
            segment = OpenSegment(index, start, start)
            for record in unpack(plaintext):
                if not segment.plaintext:
                    segment.started_at = record.arrived_at
                segment.add(record)
            info = write_segment(
                spool_root(), segment, key,
                recording=recording.pk, participant=track.participant_id, track=track.pk,
            )  # fmt: skip
            add_segment(place, info)
    Recording.objects.filter(pk=recording.pk).update(
        state=RecordingState.FINALISING, stopped_at=moment(10)
    )
    write(recording.pk, LedgerKind.STOPPED, at=START + 10, reason="stopped")
    recording.refresh_from_db()
    return recording


def lies_at(name: str) -> Path:
    """Where a file is: in the spool, or in the folder that is the tests' storage."""
    path = spool_root() / name
    return path if path.exists() else Path(storages["recordings"].path(name))
