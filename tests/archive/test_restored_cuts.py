"""A backup brings back what somebody had taken out: it is taken out again."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from accounts.models import Role
from calls.archive import erasure as remains
from calls.archive import notes, store
from calls.archive.ledger import ledgers
from calls.archive.restored import cut_restored
from calls.archive.sources import verify_stored
from calls.models import Artifact, CutOut, LedgerEntry, Recording, Segment
from calls.recorder.worker import finalize_recording
from calls.services import cutting, erasure, holds
from calls.states import RecordingState
from calls.tasks import AGAIN
from tests.archive.captured import captured, moment, recording
from tests.archive.test_cutting import arrivals, patient
from tests.support.cast import person

__all__ = ["captured", "recording"]


@pytest.fixture
def restored(captured: Recording) -> Recording:
    """The database is the one of before a cut; the storage knows of it."""
    cut = captured
    finalize_recording(str(cut.pk))
    models: tuple[Any, ...] = (Segment, Artifact, LedgerEntry)
    kept = {model: list(model.objects.values()) for model in models}
    before = Recording.objects.values().get(pk=cut.pk)
    mei = patient(cut)
    assert mei.user
    cut.refresh_from_db()
    cutting.cut_out(mei.user, cut, mei, moment(3.0), moment(4.0))
    finalize_recording(str(cut.pk))
    assert CutOut.objects.get().done_at
    for model in (CutOut, LedgerEntry, Artifact, Segment):
        model.objects.all().delete()
    Recording.objects.filter(pk=cut.pk).update(**before)
    for model, lines in kept.items():
        model.objects.bulk_create(model(**line) for line in lines)
    cut.refresh_from_db()
    return cut


def test_it_takes_out_again_what_a_backup_brought_back(restored: Recording) -> None:
    assert cut_restored(AGAIN) == [restored.pk]
    assert cut_restored(AGAIN) == []
    finalize_recording(str(restored.pk))
    restored.refresh_from_db()
    assert restored.state == RecordingState.READY
    kept = arrivals(restored, patient(restored))
    assert not [at for at in kept if 2.5 <= at <= 4.5]
    # What was left of a segment is not lost with the part that was cut.
    assert [at for at in kept if 2.0 < at < 2.5]
    assert [at for at in kept if 4.5 < at < 5.0]
    assert verify_stored(restored).damage == []
    account = next(a for a in ledgers(restored) if a.participant == patient(restored).pk)
    assert "cut_out" in {gap.cause for gap in account.audio.gaps}
    assert cut_restored(AGAIN) == []


def test_it_waits_for_the_end_of_a_restored_hold(restored: Recording) -> None:
    root = person("root@example.com", "Root", Role.ADMINISTRATOR)
    hold = holds.place(root, restored.pk, purpose="A complaint")
    assert cut_restored(AGAIN) == [restored.pk]
    restored.refresh_from_db()
    assert (restored.state, CutOut.objects.get().done_at) == (RecordingState.READY, None)
    assert cut_restored(AGAIN) == []
    holds.lift(root, hold.pk, purpose="Settled")
    restored.refresh_from_db()
    assert restored.state == RecordingState.FINALISING


def test_it_takes_out_every_part_though_the_first_has_begun(restored: Recording) -> None:
    ((_recording, name),) = list(notes.of_cuts(restored.pk))
    told = notes.read(name)
    assert told
    other = {**told, "wish": str(uuid4()), "ends_at": moment(1.9).isoformat()}
    other["starts_at"] = moment(1.6).isoformat()
    notes.ensure(notes.cut_name(restored.pk, UUID(other["wish"])), other)
    assert cut_restored(AGAIN) == [restored.pk, restored.pk]
    finalize_recording(str(restored.pk))
    restored.refresh_from_db()
    assert restored.state == RecordingState.READY
    kept = arrivals(restored, patient(restored))
    assert not [at for at in kept if 1.1 <= at <= 2.4 or 2.5 <= at <= 4.5]


def test_it_believes_no_note_that_was_altered_or_moved(restored: Recording) -> None:
    ((_recording, name),) = list(notes.of_cuts(restored.pk))
    written = json.loads(store.read_bytes(name))
    other = notes.cut_name(restored.pk, restored.pk)
    store.write(other, json.dumps(written).encode())
    written["document"]["ends_at"] = timezone.now().isoformat()
    store.write(name, json.dumps(written).encode())
    assert cut_restored(AGAIN) == []


def test_it_passes_over_people_whom_the_older_database_does_not_know(restored: Recording) -> None:
    ((_recording, name),) = list(notes.of_cuts(restored.pk))
    told = notes.read(name)
    assert told
    store.delete(name)
    notes.ensure(name, {**told, "participant": str(restored.pk)})
    assert cut_restored(AGAIN) == []
    restored.refresh_from_db()
    assert restored.state == RecordingState.READY


def test_its_notes_go_with_the_recording(restored: Recording) -> None:
    erasure.erase(restored.pk, cause="retention")
    assert remains.clear(restored.pk)
    assert list(notes.of_cuts(restored.pk)) == []
    assert notes.read(notes.erased_name(restored.pk))
