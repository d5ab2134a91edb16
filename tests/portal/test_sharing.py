"""Notes and files around a visit: kept sealed, seen by two people alone."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import Role, User
from audit.models import AuditEntry
from calls.archive import attachments, rotation, store
from calls.forms.visit import MOST_FILE_BYTES
from calls.models import Appointment, Attachment, Notice, Service, VisitNote
from tests.booking import house
from tests.booking.house import text
from tests.portal.papers import PDF, pdf

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit(mei: User, ada: User, consultation: Service) -> Appointment:
    return house.visit(mei, ada, of=consultation, starts_at=house.tomorrow())


def test_a_note_is_read_by_its_patient_and_nobody_else(
    visit: Appointment, mei: User, ada: User
) -> None:
    agent = house.signed_in(ada)
    agent.post(f"/appointments/{visit.pk}/notes/add/", {"text": "Rest.\n\nDrink <b>tea</b>."})
    seen = text(house.signed_in(mei).get(f"/appointments/{visit.pk}/"))
    assert "Drink &lt;b&gt;tea&lt;/b&gt;." in seen
    notice = Notice.objects.get(kind="shared")
    assert (notice.person, notice.appointment) == (mei, visit)
    assert "tea" not in str(notice.facts)
    note = VisitNote.objects.get()
    assert house.signed_in(mei).post(f"/notes/{note.pk}/remove/").status_code == 404
    agent.post(f"/notes/{note.pk}/remove/")
    assert not VisitNote.objects.exists()
    assert list(
        AuditEntry.objects.filter(action__startswith="note.", allowed=True)
        .order_by("at")
        .values_list("action", flat=True)
    ) == ["note.write", "note.take_back"]


@pytest.mark.parametrize("words", ["", "   ", "x" * 10_001])
def test_a_note_says_something(visit: Appointment, ada: User, words: str) -> None:
    client = house.signed_in(ada)
    client.post(f"/appointments/{visit.pk}/notes/add/", {"text": words})
    assert not VisitNote.objects.exists()


def add_file(client: Client, visit: Appointment, file: object) -> str:
    answer = client.post(f"/appointments/{visit.pk}/files/add/", {"file": file}, follow=True)
    return text(answer)


def test_a_file_is_sealed_and_comes_back_as_it_was(
    visit: Appointment, mei: User, ada: User
) -> None:
    assert "letter.pdf" in add_file(house.signed_in(ada), visit, pdf())
    kept = Attachment.objects.get()
    sealed = store.read_bytes(f"attachments/{kept.pk}")
    assert b"nobody else" not in sealed
    for path in Path(settings.DATA_DIR).rglob("*"):
        assert not path.is_file() or b"nobody else" not in path.read_bytes()
    answer = house.signed_in(mei).get(f"/files/{kept.pk}/")
    assert answer.content == PDF
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == 'attachment; filename="letter.pdf"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert Notice.objects.filter(kind="shared", person=mei).count() == 1
    assert AuditEntry.objects.filter(action="attachment.read", actor=str(mei.pk)).exists()
    for stranger in (house.person("eve"), house.person("boss", Role.SUPERVISOR)):
        assert house.signed_in(stranger).get(f"/files/{kept.pk}/").status_code == 404


def test_whoever_added_a_file_takes_it_back(visit: Appointment, mei: User, ada: User) -> None:
    patient = house.signed_in(mei)
    add_file(patient, visit, pdf())
    kept = Attachment.objects.get()
    assert not Notice.objects.filter(kind="shared").exists()
    assert house.signed_in(ada).post(f"/files/{kept.pk}/remove/").status_code == 404
    patient.post(f"/files/{kept.pk}/remove/")
    assert not Attachment.objects.exists()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("x.pdf", b"no pdf at all", "Only PDF files and pictures"),
        ("x.png", b"GIF89a" + b"\0" * 32, "Only PDF files and pictures"),
        ("x.svg", b"<svg onload='alert(1)'/>", "Only PDF files and pictures"),
        ("x.pdf", b"", "This file is empty"),
        ("x.pdf", PDF + b"\0" * MOST_FILE_BYTES, "larger than 10 MB"),
    ],
)
def test_it_keeps_no_wrong_file(
    visit: Appointment, mei: User, name: str, content: bytes, words: str
) -> None:
    assert words in add_file(house.signed_in(mei), visit, pdf(name, content))
    assert not Attachment.objects.exists()


def test_it_reads_no_form_that_is_too_large(visit: Appointment, mei: User) -> None:
    huge = pdf("x.pdf", PDF + b"\0" * settings.FILE_UPLOAD_MAX_MEMORY_SIZE)
    assert "larger than 10 MB" in add_file(house.signed_in(mei), visit, huge)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ('a"b: <x>.pdf', "ab x.pdf"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
        ("处方.pdf", "处方.pdf"),
    ],
)
def test_it_keeps_a_plain_name(visit: Appointment, mei: User, name: str, kept: str) -> None:
    client = house.signed_in(mei)
    add_file(client, visit, pdf(name))
    found = Attachment.objects.get()
    assert found.name == kept
    assert client.get(f"/files/{found.pk}/").status_code == 200


def test_nothing_is_shared_in_a_cancelled_visit(visit: Appointment, mei: User, ada: User) -> None:
    Appointment.objects.filter(pk=visit.pk).update(state="cancelled")
    assert "was cancelled" in add_file(house.signed_in(mei), visit, pdf())
    house.signed_in(ada).post(f"/appointments/{visit.pk}/notes/add/", {"text": "Hello"})
    assert not Attachment.objects.exists()
    assert not VisitNote.objects.exists()


def test_it_says_so_while_there_is_no_key(visit: Appointment, mei: User, settings: Any) -> None:
    client = house.signed_in(mei)
    add_file(client, visit, pdf())
    kept = Attachment.objects.get()
    keys = settings.RECORDING_KEYS
    settings.RECORDING_KEYS = []
    assert "cannot be kept at the moment" in add_file(client, visit, pdf())
    assert client.get(f"/files/{kept.pk}/").status_code == 503
    settings.RECORDING_KEYS = keys
    assert client.get(f"/files/{kept.pk}/").status_code == 200


def test_a_changed_file_is_not_given_out(visit: Appointment, mei: User) -> None:
    client = house.signed_in(mei)
    add_file(client, visit, pdf())
    kept = Attachment.objects.get()
    sealed = store.read_bytes(f"attachments/{kept.pk}")
    store.write(f"attachments/{kept.pk}", sealed[:-1] + bytes([sealed[-1] ^ 1]))
    answer = client.get(f"/files/{kept.pk}/")
    assert answer.status_code == 410
    assert "This file is damaged" in text(answer)
    assert AuditEntry.objects.get(target=str(kept.pk), allowed=False).data == {"reason": "damaged"}


def test_keys_of_files_rotate_with_the_others(visit: Appointment, mei: User, settings: Any) -> None:
    client = house.signed_in(mei)
    add_file(client, visit, pdf())
    settings.RECORDING_KEYS = [b"n" * 32, *settings.RECORDING_KEYS]
    assert rotation.rotate().rewrapped == 1
    settings.RECORDING_KEYS = settings.RECORDING_KEYS[:1]
    assert client.get(f"/files/{Attachment.objects.get().pk}/").content == PDF


def test_what_a_crash_left_over_is_tidied(
    visit: Appointment, mei: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_file(house.signed_in(mei), visit, pdf())
    kept = Attachment.objects.get()
    left_over = "attachments/00000000-0000-4000-8000-000000000000"
    store.write(left_over, b"sealed")
    attachments.tidy()
    assert store.exists(left_over)
    monkeypatch.setattr(attachments, "LEFT_OVER_AFTER", attachments.LEFT_OVER_AFTER * -1)
    assert attachments.tidy() >= 1
    assert not store.exists(left_over)
    assert store.exists(f"attachments/{kept.pk}")
