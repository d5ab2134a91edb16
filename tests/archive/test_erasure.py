"""Erased for good: wherever the work is interrupted, and after a backup was restored."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from calls import chain
from calls.archive import erasure as remains
from calls.archive import notes, store
from calls.archive.keys import recording_key
from calls.archive.vault import KeyUnavailable
from calls.models import (
    ErasureCertificate,
    FileJob,
    LedgerEntry,
    LegalHold,
    Recording,
    Segment,
    Service,
    Track,
)
from calls.models.keeping import document_digest
from calls.services import deletion, erasure, holds
from calls.states import RecordingState
from tests.archive.kept import administrators, files_left, kept, names_of
from tests.support.cast import Cast, make_cast


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def recording(cast: Cast) -> Recording:
    return kept(cast.call)


def overdue(recording: Recording) -> None:
    Recording.objects.filter(pk=recording.pk).update(
        delete_after=timezone.now() - timedelta(minutes=1)
    )


def sweep() -> None:
    erasure.erase_due()
    remains.sweep()


def assert_erased_once(recording: Recording) -> ErasureCertificate:
    recording.refresh_from_db()
    assert recording.state == RecordingState.ERASED
    assert bytes(recording.wrapped_key) == b""
    assert files_left(recording) == []
    assert names_of(recording) == []
    certificate = ErasureCertificate.objects.get(recording=recording)
    assert certificate.copied_at
    assert certificate.cleared_at
    assert notes.read(notes.erased_name(recording.pk)) == certificate.document
    return certificate


def test_it_erases_what_was_kept_long_enough(recording: Recording) -> None:
    overdue(recording)
    sweep()
    certificate = assert_erased_once(recording)
    assert certificate.cause == "retention"
    with pytest.raises(KeyUnavailable):
        recording_key(recording)


def test_it_keeps_what_is_not_due(recording: Recording) -> None:
    Recording.objects.update(delete_after=timezone.now() + timedelta(minutes=5))
    sweep()
    assert len(files_left(recording)) == 6


def test_it_certifies_what_was_there(recording: Recording) -> None:
    wrapped, sizes = bytes(recording.wrapped_key), Segment.objects.values_list("size_bytes")
    total = sum(size for (size,) in sizes)
    overdue(recording)
    sweep()
    certificate = ErasureCertificate.objects.get()
    document: dict[str, Any] = certificate.document
    assert document["held"] == {
        "people": 2,
        "tracks": 2,
        "segments": 4,
        "segment_bytes": total,
        "files": 2,
        "file_bytes": 54,
    }
    assert certificate.sha256 == document_digest(document)
    assert wrapped.hex() not in json.dumps(document)
    assert len(document["key"]["wrapped_sha256"]) == 64


def test_it_ends_the_ledger_with_the_certificate(recording: Recording) -> None:
    overdue(recording)
    sweep()
    entries = LedgerEntry.objects.filter(recording=recording)
    document = ErasureCertificate.objects.get().document
    assert chain.check([it.link for it in entries], head=document["ledger"]["head"]) == []
    assert [it.body.get("certificate") for it in entries][-1] == document["certificate"]


def test_it_keeps_who_was_recorded_when_without_content(recording: Recording) -> None:
    overdue(recording)
    sweep()
    assert Track.objects.filter(recording=recording).count() == 2
    assert recording.call.participants.count() == 2


def test_it_forgets_the_files_that_were_to_be_made(cast: Cast, recording: Recording) -> None:
    FileJob.objects.create(
        recording=recording, kind="mp4", asked_by=cast.ada, asked_at=timezone.now()
    )
    overdue(recording)
    sweep()
    assert not FileJob.objects.exists()


def test_it_refuses_a_key_for_an_erased_one(recording: Recording) -> None:
    overdue(recording)
    sweep()
    with pytest.raises(IntegrityError), transaction.atomic():
        Recording.objects.filter(pk=recording.pk).update(wrapped_key=b"another")


@pytest.mark.parametrize("state", ["recording", "finalising"])
def test_it_waits_for_what_is_being_made(cast: Cast, state: str) -> None:
    recording = kept(cast.call, state=state)
    overdue(recording)
    sweep()
    assert len(files_left(recording)) == 6
    with pytest.raises(holds.NotNow):
        erasure.erase(recording.pk, cause="retention")


class Killed(BaseException):
    """Here the process dies: nothing catches this."""


STEPS: dict[str, tuple[object, str, int]] = {
    "before the certificate": (ErasureCertificate.objects, "create", 1),
    "after the certificate": (erasure, "_close_what_waits", 1),
    "before the copy": (store, "write", 1),
    "before the first file": (store, "delete", 1),
    "between two files": (store, "delete", 3),
    "between a file and its row": (Segment, "delete", 2),
    "before the rest": (remains, "_delete_rest", 1),
}


@pytest.fixture
def killing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[object, str, int], None]]:
    """Let the `nth` call of something be the end of the process."""
    with monkeypatch.context() as patch:

        def kill(owner: object, name: str, nth: int) -> None:
            real, calls = getattr(owner, name), iter(range(1, 1000))

            def dying(*args: Any, **kwargs: Any) -> Any:
                if next(calls) == nth:
                    raise Killed
                return real(*args, **kwargs)

            patch.setattr(owner, name, dying)

        yield kill


@pytest.mark.parametrize("spooled", [False, True], ids=["stored", "spooled"])
@pytest.mark.parametrize("step", STEPS)
def test_it_goes_on_where_it_was_killed(
    cast: Cast, step: str, spooled: bool, monkeypatch: pytest.MonkeyPatch, killing: Any
) -> None:
    recording = kept(cast.call, spooled=spooled)
    overdue(recording)
    killing(*STEPS[step])
    with pytest.raises(Killed):
        sweep()
    monkeypatch.undo()
    sweep()
    sweep()
    assert_erased_once(recording)
    entries = LedgerEntry.objects.filter(recording=recording)
    assert [it.body["kind"] for it in entries].count("erased") == 1


def test_it_tries_again_when_the_storage_was_away(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(name: str, data: bytes = b"") -> None:
        raise store.StorageAway("no answer")

    overdue(recording)
    with monkeypatch.context() as patch:
        patch.setattr(store, "write", away)
        sweep()
    assert ErasureCertificate.objects.get().cleared_at is None
    sweep()
    assert_erased_once(recording)


def test_it_erases_nothing_whose_time_was_lengthened_meanwhile(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = timezone.now() + timedelta(days=1)
    Recording.objects.filter(pk=recording.pk).update(delete_after=later)
    monkeypatch.setattr("calls.services.retention.due", lambda _limit: iter([recording.pk]))
    assert erasure.erase_due() == 0
    assert len(files_left(recording)) == 6


def test_it_deletes_what_no_row_names(recording: Recording) -> None:
    name = f"{recording.pk}/orphan.media.part"
    store.write(name, b"left by a killed finaliser")
    overdue(recording)
    sweep()
    assert_erased_once(recording)


def test_it_deletes_what_was_kept_beside_the_spool(recording: Recording) -> None:
    beside = store.kept_path(f"{recording.pk}/x.seg")
    beside.parent.mkdir(parents=True)
    beside.write_bytes(b"uploaded before")
    erasure.erase(recording.pk, cause="retention")
    remains.clear_spool()
    assert not beside.exists()


def test_it_waits_for_another_machine_s_spool(
    cast: Cast, tmp_path: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = kept(cast.call, spooled=True)
    overdue(recording)
    here = settings.RECORDING_SPOOL
    settings.RECORDING_SPOOL = str(tmp_path / "elsewhere")
    sweep()
    assert ErasureCertificate.objects.get().cleared_at is None
    settings.RECORDING_SPOOL = here
    assert remains.clear_spool() == 6
    settings.RECORDING_SPOOL = str(tmp_path / "elsewhere")
    sweep()
    assert_erased_once(recording)


def test_it_leaves_nothing_of_a_deletion_open(recording: Recording) -> None:
    kai, _noor = administrators()
    Service.objects.update(deletion_needs_two=True)
    wish = deletion.ask(kai, recording.pk, purpose="asked by the patient")
    overdue(recording)
    sweep()
    wish.refresh_from_db()
    assert wish.state == "refused"


def test_it_keeps_held_ones_for_as_long_as_the_hold_stands(
    cast: Cast, recording: Recording
) -> None:
    hold = holds.place(cast.ada, recording.pk, purpose="a case")
    overdue(recording)
    sweep()
    assert len(files_left(recording)) == 6
    holds.lift(cast.ada, hold.pk, purpose="closed")
    sweep()
    assert_erased_once(recording)
    assert LegalHold.objects.count() == 1
