"""Copies: marked with who took them and when, audited with their purpose, whole or in parts."""

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import av
import pytest
from asgiref.sync import async_to_sync
from django.test.client import Client
from django.urls import reverse

from accounts.models import Role, User
from audit.models import AuditEntry
from calls.archive.keys import recording_key
from calls.archive.sealedfile import SealedFile
from calls.archive.segments import seal_segment
from calls.archive.sources import verify_archive
from calls.archive.store import spool_path
from calls.archive.vault import artifact_context
from calls.archive.watermark import BLANK, PLACE
from calls.models import Artifact, LedgerEntry, Recording, Segment
from calls.recorder.webm import mux_person
from calls.services import file_jobs
from calls.states import LedgerKind
from tests.recorder.footage import Reel, cut, records
from tests.recordings.story import recorded_visit, webm
from tests.support.cast import Cast, make_cast, person


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


@pytest.fixture
def recording(cast: Cast) -> Recording:
    """Mei's file as it is made now, with a blank for the mark; Ada's of before."""
    recording = recorded_visit(cast.call)
    mei = recording.artifacts.get(kind="media", participant__role="patient")
    key = recording_key(recording)
    context = artifact_context(recording=recording.pk, participant=mei.participant_id, kind="media")
    with SealedFile.create(spool_path(mei.name), key, context=context) as file:
        muxed = mux_person([Reel(cut(records(start=1000.0)))], file)
        mei.size_bytes = file.size_bytes
    mei.details = {PLACE: muxed.mark_at}
    mei.save()
    for segment in Segment.objects.select_related("track"):
        sealed = seal_segment(
            b"frames",
            key,
            recording=recording.pk,
            participant=segment.track.participant_id,
            track=segment.track_id,
            index=segment.index,
        )
        path = spool_path(segment.name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(sealed)
        segment.sha256, segment.size_bytes = hashlib.sha256(sealed).hexdigest(), len(sealed)
        segment.save()
    return recording


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def file_of(recording: Recording, role: str) -> Artifact:
    return recording.artifacts.get(kind="media", participant__role=role)


def page_of(file: Artifact) -> str:
    return reverse("recording_download", args=(file.recording_id, file.pk))


def granted(client: Client, address: str, purpose: str = "") -> str:
    response = client.post(address, {"purpose": purpose})
    assert response.status_code == 303, response.status_code
    return str(response["Location"])


def body(response: Any) -> bytes:
    async def read() -> bytes:
        return b"".join([part async for part in response.streaming_content])

    return async_to_sync(read)()


def comment(data: bytes) -> str:
    with av.open(io.BytesIO(data), "r") as container:
        assert len(list(container.decode(video=0))) > 100
        return container.metadata.get("COMMENT", "")


def test_it_writes_who_took_a_copy_and_when_into_it(cast: Cast, recording: Recording) -> None:
    client, file = signed_in(cast.mei), file_of(recording, "patient")
    response = client.get(granted(client, page_of(file), "For my family"))
    data = body(response)
    assert len(data) == int(response["Content-Length"]) == file.size_bytes
    assert response["Content-Disposition"].startswith('attachment; filename="')
    assert "Mei" not in response["Content-Disposition"]
    said = comment(data)
    entry = AuditEntry.objects.get(action="recording.download")
    assert f"recording {recording.pk}" in said
    assert f"Copy taken at {entry.at:%Y-%m-%d %H:%M:%S} UTC" in said
    assert f"(account {cast.mei.pk}, audit entry {entry.pk}) by Mei Lin" in said
    assert (entry.target, entry.data["purpose"]) == (str(file.pk), "For my family")


def test_it_cuts_a_long_name_and_nothing_else(cast: Cast, recording: Recording) -> None:
    cast.mei.display_name = "欧阳" * 60
    cast.mei.save()
    client, file = signed_in(cast.mei), file_of(recording, "patient")
    said = comment(body(client.get(granted(client, page_of(file)))))
    entry = AuditEntry.objects.get(action="recording.download")
    assert f"(account {cast.mei.pk}, audit entry {entry.pk}) by 欧阳欧阳" in said


def test_it_marks_each_part_of_a_copy_alike(cast: Cast, recording: Recording) -> None:
    client, file = signed_in(cast.mei), file_of(recording, "patient")
    address = granted(client, page_of(file))
    whole = body(client.get(address))
    place = file.details[PLACE]
    parts = b""
    for start, stop in ((0, place + 7), (place + 7, place + 60), (place + 60, len(whole))):
        part = client.get(address, headers={"Range": f"bytes={start}-{stop - 1}"})
        assert part.status_code == 206
        parts += body(part)
    assert parts == whole


def test_it_marks_an_old_file_at_its_end(cast: Cast, recording: Recording) -> None:
    client, file = signed_in(cast.ada), file_of(recording, "agent")
    address = granted(client, page_of(file))
    data = body(client.get(address))
    assert data.startswith(webm())
    assert b"by Dr. Ada Brandt" in data[len(webm()) :]
    assert comment(data) == ""
    tail = client.get(address, headers={"Range": f"bytes={len(webm()) + 3}-"})
    assert body(tail) == data[len(webm()) + 3 :]


def test_it_leaves_the_kept_file_alone(cast: Cast, recording: Recording) -> None:
    client, file = signed_in(cast.mei), file_of(recording, "patient")
    before = spool_path(file.name).read_bytes()
    body(client.get(granted(client, page_of(file))))
    assert spool_path(file.name).read_bytes() == before
    assert BLANK.encode() not in before


def test_it_needs_a_purpose_of_who_was_not_in_the_visit(cast: Cast, recording: Recording) -> None:
    client = signed_in(person("ines@example.com", "Ines Falk", Role.SUPERVISOR))
    for address in (
        page_of(file_of(recording, "patient")),
        reverse("recording_export", args=(recording.pk,)),
    ):
        refused = client.post(address, {"purpose": "  "})
        assert (refused.status_code, refused["Location"][-6:]) == (302, "#files")
        assert client.get(granted(client, address, "A complaint\0")).status_code == 200
    entries = AuditEntry.objects.filter(action__in=["recording.download", "recording.export"])
    assert sorted(entry.allowed for entry in entries) == [False, False, True, True]


def test_it_refuses_a_copy_without_its_link(cast: Cast, recording: Recording) -> None:
    client, file = signed_in(cast.mei), file_of(recording, "patient")
    address = granted(client, page_of(file))
    entry = AuditEntry.objects.get(action="recording.download")
    for altered in (
        page_of(file),
        address.replace(f"grant={entry.pk}", f"grant={entry.pk + 1}"),
        address.replace("until=1", "until=2"),
        address.replace("grant=", f"grant={'9' * 5000}"),
    ):
        assert client.get(altered).status_code == 403
    thief = signed_in(cast.ada)
    assert thief.get(address).status_code == 403
    assert AuditEntry.objects.filter(action="recording.download", allowed=False).count() == 5


def test_it_hides_copies_from_people_of_other_visits(cast: Cast, recording: Recording) -> None:
    client = signed_in(cast.sam)
    for address in (
        page_of(file_of(recording, "patient")),
        reverse("recording_export", args=(recording.pk,)),
        reverse("recording_files", args=(recording.pk,)),
        reverse("recording_purpose", args=(recording.pk,)),
    ):
        assert client.post(address, {"purpose": "x", "kind": "mp4"}).status_code == 404


def test_it_gives_no_copy_before_the_recording_is_ready(cast: Cast, recording: Recording) -> None:
    client, file = signed_in(cast.mei), file_of(recording, "patient")
    Recording.objects.update(state="finalising")
    assert client.post(page_of(file)).status_code == 404
    assert client.post(reverse("recording_export", args=(recording.pk,))).status_code == 404


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


def test_it_packs_what_the_check_accepts(cast: Cast, recording: Recording, tmp_path: Path) -> None:
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


def test_it_says_that_the_key_is_away(cast: Cast, recording: Recording, settings: Any) -> None:
    client = signed_in(cast.ada)
    file = granted(client, page_of(file_of(recording, "patient")))
    whole = granted(client, reverse("recording_export", args=(recording.pk,)))
    settings.RECORDING_KEYS = []
    assert client.get(file).status_code == 503
    assert client.get(whole).status_code == 503


def test_it_asks_for_a_file_of_everybody_and_shows_how_far_it_is(
    cast: Cast, recording: Recording
) -> None:
    client, address = signed_in(cast.ada), reverse("recording_files", args=(recording.pk,))
    asked = client.post(address, {"kind": "mp4"}, headers={"HX-Request": "true"}).content.decode()
    assert "Waits to be made" in asked
    job = recording.file_jobs.get()
    assert file_jobs.claim(job.pk, owner="host:1:a")
    file_jobs.progress(job.pk, owner="host:1:a", percent=42)
    shown = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert '<progress class="copies__progress" max="100" value="42"' in shown
    assert 'hx-trigger="every 2s"' in shown
    file_jobs.fail(job.pk, owner="host:1:a", reason="mixing_failed")
    failed = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "The file could not be made." in failed
    assert "hx-trigger" not in failed.partition("<form")[0]


def test_it_makes_no_file_of_another_form(cast: Cast, recording: Recording) -> None:
    client = signed_in(cast.ada)
    address = reverse("recording_files", args=(recording.pk,))
    assert client.post(address, {"kind": "avi"}).status_code == 404
