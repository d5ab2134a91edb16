"""What a service asks before a visit: text, choice, file; answered, changed, closed."""

from typing import Any

import pytest

from accounts.models import Role, User
from calls.archive import store
from calls.models import Answer, Appointment, Attachment, Question, Service
from tests.booking import house
from tests.booking.house import text
from tests.portal.papers import PNG, pdf

pytestmark = pytest.mark.django_db


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


def sent(questions: list[Question], *values: object) -> dict[str, object]:
    pairs = zip(questions, values, strict=False)
    return {f"question_{one.pk}": value for one, value in pairs if value is not None}


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
    assert not store.exists(f"attachments/{old.pk}")


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
