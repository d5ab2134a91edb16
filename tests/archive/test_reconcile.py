"""Rows without files, files without rows: named, and deleted only where that is safe."""

import json
import os
import time
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from calls import tasks
from calls.archive import reconciliations, store
from calls.archive.reconcile import Outcome, reconcile
from calls.archive.usage import usage
from calls.models import Artifact, LedgerEntry, Reconciliation, Recording, Segment
from calls.services import erasure, holds
from calls.states import LedgerKind
from tests.archive.kept import administrators, files_left, kept, lay
from tests.support.cast import Cast, make_cast

DAYS_SECS = 86_400


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture(autouse=True)
def empty_archive(db: None) -> None:
    for name in list(store.list_names()):
        store.delete(name)
    for file in list(store.list_folder(store.spool_root())):
        store.spool_path(file.name).unlink()


@pytest.fixture
def recording(cast: Cast) -> Recording:
    return kept(cast.call)


def kinds(outcome: Outcome) -> dict[str, str]:
    return {finding.name: finding.kind for finding in outcome.findings}


def old(name: str, data: bytes = b"noise", *, days: int = 2, spooled: bool = False) -> str:
    """A file that nobody has touched for days."""
    lay(name, data, spooled=spooled)
    path = store.spool_path(name) if spooled else store._storage().path(name)
    then = time.time() - days * DAYS_SECS
    os.utime(path, (then, then))
    return name


def test_it_finds_nothing_where_all_agrees(recording: Recording) -> None:
    outcome = reconcile(delete=True)
    assert outcome.findings == []
    assert (outcome.counts["files"], outcome.counts["rows"]) == (6, 6)


def test_it_names_rows_without_their_file(recording: Recording) -> None:
    name = Segment.objects.earliest("pk").name
    store.delete(name)
    assert kinds(reconcile(delete=True)) == {name: "missing"}


def test_it_tells_the_missing_from_what_another_spool_has(recording: Recording) -> None:
    row = Segment.objects.earliest("pk")
    Segment.objects.filter(pk=row.pk).update(stored_at=None)
    store.delete(row.name)
    assert kinds(reconcile(delete=True)) == {row.name: "awaited"}


@pytest.mark.parametrize("spooled", [False, True], ids=["storage", "spool"])
def test_it_deletes_what_a_killed_finaliser_left(recording: Recording, spooled: bool) -> None:
    name = old(f"{recording.pk}/x/orphan.media", spooled=spooled)
    assert kinds(reconcile(delete=False)) == {name: "leftover"}
    assert reconcile(delete=True).counts["deleted"] == 1
    assert name not in files_left(recording)
    assert len(files_left(recording)) == 6


def test_it_deletes_no_file_beside_one_that_is_missing(recording: Recording) -> None:
    """Rows of an older database, restored: what they do not know may be all that is left."""
    name = old(f"{recording.pk}/x/newer.media")
    store.delete(Artifact.objects.earliest("pk").name)
    assert reconcile(delete=True).counts["deleted"] == 0
    assert store.exists(name)


def test_it_leaves_what_is_younger_than_a_day(recording: Recording) -> None:
    lay(f"{recording.pk}/x/young.media", b"noise")
    assert reconcile(delete=True).findings == []


def test_it_leaves_all_of_a_recording_that_is_not_over(cast: Cast) -> None:
    recording = kept(cast.call, state="recording")
    old(f"{recording.pk}/x/000009.seg.part", spooled=True)
    assert reconcile(delete=True).findings == []


def test_it_deletes_nothing_under_a_hold(cast: Cast, recording: Recording) -> None:
    holds.place(cast.ada, recording.pk, purpose="a case")
    name = old(f"{recording.pk}/x/orphan.media")
    outcome = reconcile(delete=True)
    assert [(it.kind, it.held, it.deleted) for it in outcome.findings] == [
        ("leftover", True, False)
    ]
    assert name in files_left(recording)


def test_it_keeps_segments_whose_line_was_lost(recording: Recording) -> None:
    row = Segment.objects.earliest("pk")
    row.delete()
    then = time.time() - 2 * DAYS_SECS
    os.utime(store._storage().path(row.name), (then, then))
    broken = old(row.name.replace("000000", "000007"))
    assert kinds(reconcile(delete=True)) == {row.name: "unlisted", broken: "unreadable"}
    assert len(files_left(recording)) == 7


def test_it_deletes_what_was_cut_out(recording: Recording) -> None:
    name = old(f"{recording.pk}/p/t/000003.seg", b"said after the withdrawal")
    LedgerEntry.objects.append(recording.pk, LedgerKind.CUT, was=name, segment=None)
    assert kinds(reconcile(delete=True)) == {name: "cut"}
    assert name not in files_left(recording)


def test_it_only_names_files_of_unknown_recordings(db: None) -> None:
    name = old("11111111-2222-4333-8444-555555555555/x.media")
    stray = old("stray")
    assert kinds(reconcile(delete=True)) == {name: "unknown", stray: "unknown"}
    assert store.exists(name)


def test_it_deletes_what_came_after_an_erasure(recording: Recording) -> None:
    erasure.erase(recording.pk, cause="retention")
    tasks.clear_erased(str(recording.pk))
    old(f"{recording.pk}/x/late.media")
    reconcile(delete=True)
    assert files_left(recording) == []


def test_it_clears_again_when_a_row_came_after_an_erasure(recording: Recording) -> None:
    erasure.erase(recording.pk, cause="retention")
    tasks.clear_erased(str(recording.pk))
    name = f"{recording.pk}/late.mp4"
    lay(name, b"made by a worker that did not know")
    Artifact.objects.create(recording=recording, kind="mp4", name=name, size_bytes=1)
    reconciliations.run(tasks.AGAIN, delete=True)
    tasks.sweep_keeping()
    assert files_left(recording) == []
    assert not Artifact.objects.filter(recording=recording).exists()


def test_it_keeps_what_it_found(recording: Recording) -> None:
    store.delete(Segment.objects.earliest("pk").name)
    reconciliations.run(tasks.AGAIN, delete=False)
    kept_one = Reconciliation.objects.get()
    assert kept_one.counts["missing"] == 1
    assert kept_one.findings[0]["recording"] == str(recording.pk)
    assert (kept_one.is_running, kept_one.finished_at is None) == (False, False)


def test_it_runs_once_a_night_for_two_schedulers(recording: Recording) -> None:
    tasks.reconcile()
    tasks.reconcile()
    assert Reconciliation.objects.count() == 1


def test_it_runs_one_at_a_time(db: None) -> None:
    begun = Reconciliation.objects.create(started_at=timezone.now())
    with pytest.raises(reconciliations.AnotherRuns):
        reconciliations.run(tasks.AGAIN, delete=False)
    Reconciliation.objects.filter(pk=begun.pk).update(started_at=timezone.now() - timedelta(days=1))
    reconciliations.run(tasks.AGAIN, delete=False)


def test_it_leaves_no_trace_of_one_that_failed(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(prefix: str = "") -> Any:
        raise store.StorageAway("no answer")

    monkeypatch.setattr(store, "list_files", away)
    tasks.reconcile()
    assert not Reconciliation.objects.exists()


def test_it_speaks_json(recording: Recording) -> None:
    out = StringIO()
    call_command("reconcile_recordings", "--json", stdout=out)
    assert json.loads(out.getvalue())["counts"]["files"] == 6


def test_it_fails_by_command_when_files_are_missing(recording: Recording) -> None:
    store.delete(Segment.objects.earliest("pk").name)
    with pytest.raises(CommandError, match="1 files are missing"):
        call_command("reconcile_recordings", stdout=StringIO())


def test_it_counts_what_the_archive_holds(cast: Cast, recording: Recording) -> None:
    size = sum(Segment.objects.values_list("size_bytes", flat=True)) + 54
    Recording.objects.update(delete_after=timezone.now() + timedelta(days=3))
    told = usage()
    assert (told.total.recordings, told.total.size_bytes) == (1, size)
    assert (told.due_soon.recordings, told.held.recordings) == (1, 0)
    assert list(told.by_service) == ["Consultation"]
    assert [amount.size_bytes for amount in told.by_month.values()] == [size]
    holds.place(cast.ada, recording.pk, purpose="a case")
    told = usage()
    assert (told.due_soon.recordings, told.held.size_bytes) == (0, size)


def test_it_counts_erased_ones_apart(recording: Recording) -> None:
    erasure.erase(recording.pk, cause="retention")
    told = usage()
    assert (told.total.size_bytes, told.erased, told.not_cleared) == (0, 1, 1)


def test_it_compares_the_spool_of_each_machine(cast: Cast, recording: Recording) -> None:
    left = old(f"{recording.pk}/x.media", spooled=True)
    found = old(f"{recording.pk}/y.media")
    outcome = reconciliations.compare_spool("ward-2")
    assert kinds(outcome) == {left: "leftover"}
    assert not store.spool_path(left).exists()
    assert store.exists(found)
    row = Reconciliation.objects.get()
    assert (row.machine, row.counts["deleted"]) == ("ward-2", 1)
    assert not reconciliations.ran_since(hours=1)
    assert reconciliations.newest_of_spools() == [row]
    client = Client()
    client.force_login(administrators()[0])
    page = client.get(reverse("admin:calls_storage")).content.decode()
    assert f"ward-2: {left}" in page


def test_it_asks_as_little_for_many_recordings_as_for_one(cast: Cast, recording: Recording) -> None:
    with CaptureQueriesContext(connection) as one:
        reconcile(delete=False)
    for _ in range(3):
        Recording.objects.filter(pk=kept(cast.call).pk).update(state="ready")
    with CaptureQueriesContext(connection) as four:
        assert reconcile(delete=False).counts["rows"] == 24
    assert len(four) == len(one)


def test_it_takes_no_folder_for_a_recording_whose_name_is_only_like_one(
    recording: Recording,
) -> None:
    name = old(f"{recording.pk.hex}/x.seg")
    assert kinds(reconcile(delete=True)) == {name: "unknown"}


def test_it_finds_what_is_missing_where_the_storage_holds_nothing_at_all(
    recording: Recording,
) -> None:
    for name in list(store.list_names()):
        store.delete(name)
    outcome = reconcile(delete=True)
    assert (outcome.counts["missing"], outcome.counts["rows"]) == (6, 6)


def test_it_calls_nothing_unreadable_while_the_key_is_away(
    recording: Recording, settings: Settings
) -> None:
    row = Segment.objects.earliest("pk")
    name = row.name
    then = time.time() - 2 * DAYS_SECS
    os.utime(store._storage().path(name), (then, then))
    row.delete()
    settings.RECORDING_KEYS = []
    assert kinds(reconcile(delete=True)) == {name: "unlisted"}


def test_it_lets_no_machine_wait_for_the_comparison_of_another(recording: Recording) -> None:
    Reconciliation.objects.create(started_at=timezone.now(), machine="ward-2", deletes=True)
    with pytest.raises(reconciliations.AnotherRuns):
        reconciliations.compare_spool("ward-2")
    reconciliations.compare_spool("ward-3")
    reconciliations.run(tasks.AGAIN, delete=True)
