"""The form before a visit, and notes and files around it: kept sealed, seen by two people alone."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Role, User
from audit.models import AuditEntry
from calls.archive import attachments, rotation, store
from calls.forms.visit import MOST_FILE_BYTES
from calls.models import Answer, Appointment, Attachment, Notice, Question, Service, VisitNote
from tests.booking import house
from tests.booking.house import text

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\nA letter that nobody else may read.\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


@pytest.fixture
def visit(mei: User, ada: User, consultation: Service) -> Appointment:
    return house.visit(mei, ada, of=consultation, starts_at=house.tomorrow())


@pytest.fixture
def questions(consultation: Service) -> list[Question]:
    asked: list[dict[str, Any]] = [
        {"label": "How long has it been?", "is_required": True},
        {"label": "Which side?", "kind": "choice", "choices": "Left\n\n Right \n"},
        {"label": "A picture of it", "kind": "file"},
    ]
    return [
        Question.objects.create(service=consultation, position=number, **one)
        for number, one in enumerate(asked)
    ]


def pdf(name: str = "letter.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def sent(questions: list[Question], *values: object) -> dict[str, object]:
    pairs = zip(questions, values, strict=False)
    return {f"question_{one.pk}": value for one, value in pairs if value is not None}


# --- The form before a visit ----------------------------------------------------------------------
def test_a_patient_answers_and_the_agent_reads(
    visit: Appointment, mei: User, ada: User, questions: list[Question]
) -> None:
    client, page = house.signed_in(mei), f"/appointments/{visit.pk}/form/"
    assert "Answer now" in text(client.get(f"/appointments/{visit.pk}/"))
    assert "How long has it been?" in text(client.get(page))
    answer = client.post(page, sent(questions, "Two weeks", "Left", pdf("skin.pdf")))
    assert answer["Location"] == f"/appointments/{visit.pk}/"
    seen = text(house.signed_in(ada).get(f"/appointments/{visit.pk}/"))
    for words in ("Two weeks", "Left", "skin.pdf"):
        assert words in seen
    assert "Your answers are saved." in text(client.get(f"/appointments/{visit.pk}/"))


def test_answers_change_and_a_replaced_file_is_gone(
    visit: Appointment, mei: User, questions: list[Question]
) -> None:
    client, page = house.signed_in(mei), f"/appointments/{visit.pk}/form/"
    client.post(page, sent(questions, "Two weeks", "Left", pdf("old.pdf")))
    old = Attachment.objects.get()
    assert "Added: old.pdf" in text(client.get(page))
    client.post(page, sent(questions, "Three weeks", "", None))
    assert set(Answer.objects.values_list("text", flat=True)) == {"Three weeks", ""}
    assert Attachment.objects.get() == old
    client.post(page, sent(questions, "Three weeks", "Right", pdf("new.png", PNG)))
    assert Attachment.objects.get().name == "new.png"
    assert not store.exists(f"attachments/{old.pk}") or not Attachment.objects.filter(pk=old.pk)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (("", "Left", None), "How long has it been?"),
        (("x" * 2001, None, None), "2000"),
        (("a", "Up", None), "Which side?"),
        (
            ("a", None, pdf("page.html", b"<script>alert(1)</script>")),
            "Only PDF files and pictures",
        ),
        (("a", None, pdf("empty.pdf", b"")), "This file is empty"),
        (("a", None, "no file"), "How long"),
    ],
)
def test_it_keeps_no_wrong_answer(
    visit: Appointment,
    mei: User,
    questions: list[Question],
    values: tuple[object, ...],
    words: str,
) -> None:
    answer = house.signed_in(mei).post(
        f"/appointments/{visit.pk}/form/", sent(questions, *values), follow=True
    )
    assert words in text(answer)
    assert not Attachment.objects.exists()


def test_questions_close_when_the_visit_begins(
    visit: Appointment, mei: User, questions: list[Question]
) -> None:
    type(visit.call).objects.filter(pk=visit.call_id).update(state="live")
    page = f"/appointments/{visit.pk}/form/"
    answer = house.signed_in(mei).post(page, sent(questions, "a", "Left", pdf()))
    assert "its questions are closed" in text(answer)
    assert not Answer.objects.exists()
    assert not Attachment.objects.exists()


def test_only_the_patient_answers(visit: Appointment, ada: User, questions: list[Question]) -> None:
    page = f"/appointments/{visit.pk}/form/"
    assert house.signed_in(ada).post(page, sent(questions, "a")).status_code == 403
    eve = house.signed_in(house.person("eve"))
    assert eve.post(page, sent(questions, "a")).status_code == 404
    assert not Answer.objects.exists()


def test_an_old_answer_keeps_the_words_of_its_question(
    visit: Appointment, mei: User, ada: User, questions: list[Question]
) -> None:
    client = house.signed_in(mei)
    client.post(f"/appointments/{visit.pk}/form/", sent(questions, "Two weeks"))
    questions[0].delete()
    seen = text(house.signed_in(ada).get(f"/appointments/{visit.pk}/"))
    assert "How long has it been?" in seen


def test_an_administrator_writes_the_questions(consultation: Service) -> None:
    chief = house.person("chief", Role.ADMINISTRATOR)
    client = house.signed_in(chief)
    page = text(client.get(f"/admin/calls/service/{consultation.pk}/change/"))
    assert "questions-0-label" in page or "questions-__prefix__-label" in page


# --- Notes and files ------------------------------------------------------------------------------
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
