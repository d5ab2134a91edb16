"""A backup brings back what was erased: it is erased again, unless a hold came back with it."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from calls.archive import erasure as remains
from calls.archive import notes, store
from calls.archive.keys import recording_key
from calls.archive.restored import erase_restored
from calls.models import ErasureCertificate, LedgerEntry, Recording
from calls.models.keeping import document_digest
from calls.services import erasure, holds
from calls.states import RecordingState
from calls.tasks import AGAIN
from tests.archive.kept import kept
from tests.support.cast import Cast, make_cast


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def recording(cast: Cast) -> Recording:
    return kept(cast.call)


def sweep() -> None:
    erasure.erase_due()
    remains.sweep()


BACKUP = ("state", "wrapped_key", "erased_at", "ledger_number", "ledger_head")


def certificate_of(recording: Recording) -> object:
    return notes.read(notes.erased_name(recording.pk))


@pytest.fixture
def restored(recording: Recording) -> Recording:
    """Erased, and then brought back by a backup that was made before."""
    before = Recording.objects.values(*BACKUP).get(pk=recording.pk)
    entries = LedgerEntry.objects.filter(recording=recording).count()
    Recording.objects.update(delete_after=timezone.now() - timedelta(minutes=1))
    sweep()
    ErasureCertificate.objects.all().delete()
    LedgerEntry.objects.filter(recording=recording, number__gt=entries).delete()
    Recording.objects.filter(pk=recording.pk).update(**before, delete_after=None)
    recording.refresh_from_db()
    assert recording_key(recording)
    return recording


def test_it_erases_again_what_a_backup_brought_back(restored: Recording) -> None:
    first = certificate_of(restored)
    assert erase_restored(AGAIN) == [restored.pk]
    remains.sweep()
    restored.refresh_from_db()
    assert (restored.state, bytes(restored.wrapped_key)) == (RecordingState.ERASED, b"")
    certificate = ErasureCertificate.objects.get()
    assert (certificate.cause, certificate.document["earlier"]) == ("restored", first)
    assert certificate_of(restored) == first
    assert erase_restored(AGAIN) == []


def test_it_does_not_erase_again_under_a_restored_hold(cast: Cast, restored: Recording) -> None:
    hold = holds.place(cast.ada, restored.pk, purpose="a case")
    assert erase_restored(AGAIN) == []
    holds.lift(cast.ada, hold.pk, purpose="closed")
    assert erase_restored(AGAIN) == [restored.pk]


def test_it_does_not_believe_an_altered_certificate(restored: Recording) -> None:
    name = notes.erased_name(restored.pk)
    text = store.read_bytes(name).replace(b"retention", b"deletion!")
    store.write(name, text)
    assert erase_restored(AGAIN) == []


def test_it_does_not_believe_a_certificate_that_somebody_else_wrote(restored: Recording) -> None:
    name = notes.erased_name(restored.pk)
    written = json.loads(store.read_bytes(name))
    written["document"]["cause"] = "made up"
    written["sha256"] = document_digest(written["document"])
    store.write(name, json.dumps(written).encode())
    assert erase_restored(AGAIN) == []
