"""The whole of a recording as an archive that can be checked anywhere."""

import hashlib
import io
import json
import zipfile
from pathlib import Path
from uuid import uuid4

import pytest
from django.urls import reverse

from audit.models import AuditEntry
from calls.archive.sources import NotAnArchive, verify_archive
from calls.archive.store import spool_path
from calls.archive.verify import Damage
from calls.models import LedgerEntry, Recording, Segment
from calls.states import LedgerKind
from tests.recordings.copying import (
    body,
    cast,
    comment,
    granted,
    recording,
    signed_in,
)
from tests.support.cast import Cast

__all__ = ["cast", "recording"]


def enter_segments(recording: Recording) -> None:
    """Their lines in the ledger."""
    for segment in Segment.objects.select_related("track"):
        span = [segment.started_at.timestamp(), segment.ended_at.timestamp()]
        LedgerEntry.objects.append(
            recording.pk,
            LedgerKind.SEGMENT,
            participant=segment.track.participant_id,
            track=segment.track_id,
            index=segment.index,
            name=segment.name,
            sha256=segment.sha256,
            size=segment.size_bytes,
            **{"from": span[0], "until": span[1]},
            audio=[span],
            video=[span],
        )


def test_it_packs_the_whole_recording(cast: Cast, recording: Recording) -> None:
    client = signed_in(cast.ada)
    response = client.get(granted(client, reverse("recording_export", args=(recording.pk,))))
    data = body(response)
    assert len(data) == int(response["Content-Length"])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        names = set(archive.namelist())
        sums = dict(
            line.split("  ")[::-1] for line in archive.read("SHA256SUMS").decode().split("\n")[:-1]
        )
        for name in names - {"SHA256SUMS"}:
            assert hashlib.sha256(archive.read(name)).hexdigest() == sums[name]
        assert set(sums) == names - {"SHA256SUMS"}
        told = json.loads(archive.read("recording.json"))
        for segment in Segment.objects.all():
            assert (
                hashlib.sha256(archive.read(f"segments/{segment.name}")).hexdigest()
                == segment.sha256
            )
        played = [archive.read(file["name"]) for file in told["files"]]
    assert {"README.txt", "ledger.jsonl", "recording.json"} <= names
    assert sorted(one["name"] for one in told["people"]) == ["Dr. Ada Brandt", "Mei Lin"]
    assert "Written before anybody agreed" not in json.dumps(told)
    assert any("by Dr. Ada Brandt" in comment(file) for file in played)
    assert not any(
        b"Copy taken at" in data
        for data in [spool_path(f.name).read_bytes() for f in recording.artifacts.all()]
    )


def test_it_packs_nothing_that_was_kept_from_the_reader(cast: Cast, recording: Recording) -> None:
    mei = recording.call.participants.get(user=cast.mei)
    written = recording.call.events.get(data__text__startswith="Yes, much clearer")
    written.data |= {"kept_from": [str(mei.pk)], "from_customers": True}
    written.save()
    address = reverse("recording_export", args=(recording.pk,))
    for user, is_packed in ((cast.mei, False), (cast.ada, True)):
        client = signed_in(user)
        with zipfile.ZipFile(io.BytesIO(body(client.get(granted(client, address))))) as archive:
            packed = archive.read("recording.json").decode()
            assert ("much clearer" in packed) is is_packed
            assert ("kept_from" in packed) is is_packed
            assert "from_customers" not in packed


def test_it_packs_what_the_check_accepts(cast: Cast, recording: Recording, tmp_path: Path) -> None:
    enter_segments(recording)
    client, path = signed_in(cast.ada), tmp_path / "export.zip"
    data = body(client.get(granted(client, reverse("recording_export", args=(recording.pk,)))))
    path.write_bytes(data)
    report = verify_archive(path)
    assert (report.damage, report.segments, report.files) == ([], 3, 2)
    sealed = spool_path(Segment.objects.all()[0].name).read_bytes()
    path.write_bytes(data.replace(sealed, sealed[:-1] + bytes([sealed[-1] ^ 1])))
    assert [one.name for one in verify_archive(path).damage] == [Segment.objects.all()[0].name]


def test_it_names_a_segment_that_is_missing_in_the_export(cast: Cast, recording: Recording) -> None:
    gone = Segment.objects.first()
    assert gone
    spool_path(gone.name).unlink()
    client = signed_in(cast.ada)
    data = body(client.get(granted(client, reverse("recording_export", args=(recording.pk,)))))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert json.loads(archive.read("recording.json"))["missing"] == [gone.name]
        assert f"segments/{gone.name}" not in archive.namelist()


def test_it_tells_the_audit_the_sum_of_what_was_packed(
    cast: Cast, recording: Recording, tmp_path: Path
) -> None:
    client, path = signed_in(cast.ada), tmp_path / "export.zip"
    path.write_bytes(
        body(client.get(granted(client, reverse("recording_export", args=(recording.pk,)))))
    )
    asked = AuditEntry.objects.get(action="recording.export")
    packed = AuditEntry.objects.get(action="recording.exported")
    assert packed.data == {"grant": asked.pk, "sums": verify_archive(path).sums}
    assert (packed.actor, packed.target) == (str(cast.ada.pk), str(recording.pk))


def test_it_names_a_story_that_was_put_beside_another_ledger(
    cast: Cast, recording: Recording, tmp_path: Path
) -> None:
    enter_segments(recording)
    client, path = signed_in(cast.ada), tmp_path / "export.zip"
    data = body(client.get(granted(client, reverse("recording_export", args=(recording.pk,)))))
    with zipfile.ZipFile(io.BytesIO(data)) as packed, zipfile.ZipFile(path, "w") as forged:
        for name in set(packed.namelist()) - {"recording.json"}:
            forged.writestr(name, packed.read(name))
        told = json.loads(packed.read("recording.json")) | {"recording": str(uuid4())}
        forged.writestr("recording.json", json.dumps(told))
    assert Damage("recording.json", "It tells of another recording than the ledger.") in (
        verify_archive(path).damage
    )


def test_it_names_a_file_that_stands_in_the_archive_twice(
    cast: Cast, recording: Recording, tmp_path: Path
) -> None:
    client, path = signed_in(cast.ada), tmp_path / "export.zip"
    data = body(client.get(granted(client, reverse("recording_export", args=(recording.pk,)))))
    path.write_bytes(data)
    with zipfile.ZipFile(path, "a") as forged, pytest.warns(UserWarning, match="Duplicate"):
        forged.writestr("README.txt", forged.read("README.txt"))
    twice = Damage("README.txt", "The archive holds two files of this name.")
    assert verify_archive(path).damage.count(twice) == 1


def test_it_calls_no_archive_what_says_of_itself_that_it_is_encrypted(
    cast: Cast, recording: Recording, tmp_path: Path
) -> None:
    client, path = signed_in(cast.ada), tmp_path / "export.zip"
    data = body(client.get(granted(client, reverse("recording_export", args=(recording.pk,)))))
    place = data.rindex(b"PK\x01\x02", 0, data.rindex(b"recording.json"))
    flagged = bytearray(data)
    flagged[place + 8] |= 1
    path.write_bytes(bytes(flagged))
    with pytest.raises(NotAnArchive):
        verify_archive(path)
