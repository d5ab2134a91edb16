"""Each altered, missing, swapped or cut piece of a recording is named; the rest is found whole."""

import json
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from calls.archive import export as packing
from calls.archive import sources
from calls.archive.cutting import cut_what_must_go
from calls.archive.export import export
from calls.archive.keys import recording_key
from calls.archive.playback import open_artifact
from calls.archive.sources import verify_archive, verify_stored
from calls.archive.vault import Altered
from calls.models import CutOut, LedgerEntry, Recording, Segment
from calls.recorder.worker import finalize_recording
from calls.services import cutting
from calls.services import recording as recordings
from calls.states import LedgerKind
from tests.archive.captured import captured, lies_at, moment, recording

__all__ = ["captured", "recording"]


@pytest.fixture
def whole(captured: Recording) -> Recording:
    """Finished and unharmed."""
    finalize_recording(str(captured.pk))
    captured.refresh_from_db()
    return captured


def names(recording: Recording) -> list[str]:
    rows = Segment.objects.filter(track__recording=recording)
    return list(rows.order_by("track", "index").values_list("name", flat=True))


def flip(name: str) -> None:
    path = lies_at(name)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def swap(one: str, other: str) -> None:
    first, second = lies_at(one), lies_at(other)
    data = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(data)


def cut_tail(name: str) -> None:
    path = lies_at(name)
    path.write_bytes(path.read_bytes()[:-20])


def found(recording: Recording) -> dict[str, str]:
    recording.refresh_from_db()
    return {each.name: each.why for each in verify_stored(recording).damage}


def test_it_finds_a_whole_recording_whole(whole: Recording) -> None:
    report = verify_stored(whole)
    assert (report.damage, report.segments, report.head) == ([], 10, whole.ledger_head)
    assert report.files == 4
    assert len(report.accounts) == 2
    out = StringIO()
    call_command("verify_recording", str(whole.pk), stdout=out)
    assert whole.ledger_head in out.getvalue()
    call_command("verify_recording", "--all", stdout=out)


@pytest.mark.parametrize(
    ("harm", "why"),
    [
        (flip, "The file is not the one that was recorded."),
        (cut_tail, "The file is not the one that was recorded."),
        (lambda name: lies_at(name).unlink(), "The file is missing."),
    ],
)
def test_it_names_the_segment_that_was_harmed(
    whole: Recording, harm: Callable[[str], None], why: str
) -> None:
    name = names(whole)[3]
    harm(name)
    assert found(whole) == {name: why}
    with pytest.raises(CommandError, match="1 faults in 10 segments and 4 files"):
        call_command("verify_recording", str(whole.pk), stdout=StringIO())


def test_it_names_both_of_two_that_changed_places(whole: Recording) -> None:
    one, other = names(whole)[1], names(whole)[2]
    swap(one, other)
    assert found(whole) == {one: f"This is {other}.", other: f"This is {one}."}


def test_it_names_a_finished_file_that_was_altered(whole: Recording) -> None:
    name = whole.artifacts.filter(kind="media").values_list("name", flat=True)[0]
    flip(name)
    assert list(found(whole)) == [name]


def test_it_names_a_line_of_the_manifest_that_is_gone(whole: Recording) -> None:
    name = names(whole)[4]
    Segment.objects.filter(name=name).delete()
    assert found(whole) == {name: "Its line in the manifest is missing."}


def test_it_names_an_entry_of_the_ledger_that_was_altered_or_removed(whole: Recording) -> None:
    entry = LedgerEntry.objects.filter(recording=whole, body__kind="segment")[2]
    entry.body["until"] += 1
    entry.save()
    assert found(whole) == {f"ledger entry {entry.number}": "This entry was altered."}
    entry.delete()
    named = found(whole)
    assert named.pop(f"ledger entry {entry.number}") == "This entry is missing or out of its place."
    assert named == {entry.body["name"]: "The ledger does not know this segment."}


def test_it_names_a_ledger_whose_end_was_cut(whole: Recording) -> None:
    last = LedgerEntry.objects.filter(recording=whole).latest("number")
    last.delete()
    assert f"ledger entry {last.number}" in found(whole)


def test_it_finds_one_whole_whose_ledger_grows_meanwhile(
    whole: Recording, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = Recording.objects.get(pk=whole.pk)
    LedgerEntry.objects.append(whole.pk, LedgerKind.STOPPED, reason="ended")
    assert verify_stored(before).damage == []
    missing = packing._missing

    def meanwhile(recording: Recording) -> list[str]:
        LedgerEntry.objects.append(recording.pk, LedgerKind.STOPPED, reason="ended")
        return missing(recording)

    monkeypatch.setattr(packing, "_missing", meanwhile)
    path = tmp_path / "recording.zip"
    path.write_bytes(b"".join(export(whole, mark="").chunks))
    assert verify_archive(path).damage == []


def test_it_names_a_segment_that_was_put_into_an_archive(whole: Recording, tmp_path: Path) -> None:
    path = tmp_path / "recording.zip"
    path.write_bytes(b"".join(export(whole, mark="").chunks))
    with ZipFile(path, "a") as archive:
        archive.writestr("segments/forged.seg", b"forged")
    assert {each.name for each in verify_archive(path).damage} == {"segments/forged.seg"}


def test_it_checks_an_exported_archive_without_the_database(
    whole: Recording, tmp_path: Path
) -> None:
    path = tmp_path / "visit.zip"
    path.write_bytes(b"".join(export(whole, mark="").chunks))
    out = StringIO()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        call_command("verify_recording", archive=path, json=True, stdout=out)
    assert len(queries) == 0
    told = json.loads(out.getvalue())
    assert (told["damage"], told["segments"], told["head"]) == ([], 10, whole.ledger_head)
    data = bytearray(path.read_bytes())
    sealed = lies_at(names(whole)[0]).read_bytes()
    data[data.index(sealed) + 100] ^= 1
    path.write_bytes(data)
    with pytest.raises(CommandError, match="1 faults"):
        call_command("verify_recording", archive=path, stdout=out)
    assert names(whole)[0] in out.getvalue()
    path.write_bytes(data[:1000])
    with pytest.raises(CommandError, match=r"visit\.zip"):
        call_command("verify_recording", archive=path, stdout=out)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"kind": "segment"},
        {"kind": "segment", "name": {}, "sha256": "", "track": "", "index": 0},
        {"kind": "cut", "was": 3},
        {"kind": "cut", "was": "x", "segment": {"name": "y"}},
        {"kind": "finalised", "files": None},
        {"kind": "finalised", "files": [{"name": 1}]},
    ],
)
def test_it_names_an_entry_that_makes_no_sense_any_more(
    whole: Recording, body: dict[str, object]
) -> None:
    LedgerEntry.objects.filter(recording=whole, number=3).update(body=body)
    assert found(whole)["ledger entry 3"] == "This entry was altered."
    out = StringIO()
    with pytest.raises(CommandError, match="faults"):
        call_command("verify_recording", str(whole.pk), stdout=out)
    assert "ledger entry 3: This entry was altered." in out.getvalue()


def test_it_names_a_ledger_that_was_forged_so_that_nothing_can_be_told(whole: Recording) -> None:
    LedgerEntry.objects.append(whole.pk, LedgerKind.SENDING, at=None, participant=3)
    assert "ledger" in found(whole)
    with pytest.raises(CommandError, match="faults"):
        call_command("verify_recording", str(whole.pk), stdout=StringIO())


def test_it_reads_again_what_was_made_anew_while_it_was_read(
    whole: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    mei = whole.call.participants.get(role="patient")
    assert mei.user
    user, read = mei.user, sources._stored

    def cut_meanwhile(name: str) -> Iterator[bytes]:
        if not CutOut.objects.exists():
            cutting.cut_out(user, whole, mei, moment(3.0), moment(4.0))
            finalize_recording(str(whole.pk))
        return read(name)

    monkeypatch.setattr(sources, "_stored", cut_meanwhile)
    assert found(whole) == {}


def test_it_names_a_finished_file_without_its_row(whole: Recording) -> None:
    media = whole.artifacts.filter(kind="media").first()
    assert media
    media.delete()
    assert found(whole) == {media.name: "Its row is missing."}


def test_it_names_a_finished_file_that_was_put_in(whole: Recording) -> None:
    media = whole.artifacts.filter(kind="media").first()
    assert media
    media.sha256 = "0" * 64
    media.save()
    assert found(whole) == {media.name: "Its row was altered."}
    told = LedgerEntry.objects.get(body__kind=LedgerKind.FINALISED.value).body
    LedgerEntry.objects.append(
        whole.pk,
        LedgerKind.FINALISED,
        files=[it for it in told["files"] if it["name"] != media.name],
    )
    assert found(whole) == {media.name: "The ledger does not know this file."}


def test_it_misses_no_file_that_a_cut_took_away_and_nobody_made_again(whole: Recording) -> None:
    mei = whole.call.participants.get(role="patient")
    assert mei.user
    cutting.cut_out(mei.user, whole, mei, moment(3.0), moment(4.0))
    claimed = recordings.claim_finalising(whole.pk, owner="worker")
    assert claimed
    cut_what_must_go(claimed, recording_key(whole))
    recordings.fail(whole.pk, owner="worker", reason="finalise_failed")
    assert found(whole) == {}


def test_it_opens_no_older_file_of_the_same_person(whole: Recording) -> None:
    mei = whole.call.participants.get(role="patient")
    assert mei.user
    before = lies_at(whole.artifacts.get(participant=mei, kind="media").name).read_bytes()
    cutting.cut_out(mei.user, whole, mei, moment(3.0), moment(4.0))
    finalize_recording(str(whole.pk))
    now = whole.artifacts.get(participant=mei, kind="media")
    open_artifact(now).close()
    lies_at(now.name).write_bytes(before)
    with pytest.raises(Altered):
        open_artifact(now)
