"""Copies: marked with who took them and when, audited with their purpose, whole or in parts."""

from typing import Any

from django.urls import reverse

from accounts.models import Role
from audit.models import AuditEntry
from calls.archive.store import spool_path
from calls.archive.watermark import BLANK, PLACE
from calls.models import Recording
from calls.services import file_jobs
from tests.recordings.copying import (
    body,
    cast,
    comment,
    file_of,
    granted,
    page_of,
    recording,
    signed_in,
)
from tests.recordings.story import webm
from tests.support.cast import Cast, person

__all__ = ["cast", "recording"]


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
