"""What a service asks before a visit, and what its patient answered."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from audit.log import record
from calls.models import Answer, Appointment, Attachment, CallSession, Question
from calls.services import sharing
from calls.services.errors import WrongState
from calls.states import AppointmentState, CallState


@dataclass(frozen=True)
class Given:
    """One answer: a text, or a sealed file; neither says that it was left empty."""

    question: Question
    text: str = ""
    attachment: Attachment | None = None


def questions_of(appointment: Appointment) -> list[Question]:
    return list(Question.objects.filter(service=appointment.service_id))


def answers_of(appointment: Appointment) -> list[Answer]:
    return list(Answer.objects.filter(appointment=appointment).select_related("attachment"))


def with_questions(appointments: QuerySet[Appointment]) -> QuerySet[Appointment]:
    """Each with `has_questions`, and `is_unanswered`: whether one that must be answered is not."""
    asked = Question.objects.filter(service=OuterRef("service"))
    given = Answer.objects.filter(appointment=OuterRef(OuterRef("pk")), question=OuterRef("pk"))
    missing = asked.filter(~Exists(given), is_required=True)
    return appointments.annotate(has_questions=Exists(asked), is_unanswered=Exists(missing))


@transaction.atomic
def answer(appointment: Appointment, person: User, given: Iterable[Given]) -> list[UUID]:
    """Keep the answers and their sealed files in place of earlier ones, all or nothing; returns the
    ids of the files that are gone now.

    Raises WrongState once the visit has begun, TooManyFiles.
    """
    call = CallSession.objects.select_for_update().get(pk=appointment.call_id)
    booked = Appointment.objects.filter(pk=appointment.pk, state=AppointmentState.BOOKED)
    if call.state != CallState.OPEN or not booked.exists():
        raise WrongState("The visit has begun or is over.")
    gone = []
    for one in given:
        before = Answer.objects.filter(appointment=appointment, question=one.question).first()
        if one.attachment:
            sharing.keep_file(one.attachment)
        _keep(appointment, one)
        if before and before.attachment and before.attachment != one.attachment:
            gone.append(sharing.forget_file(before.attachment, by=person))
    sharing.check_number_of_files(appointment)
    record("appointment.answer", actor=person.pk, target_type="appointment", target=appointment.pk)
    return gone


def _keep(appointment: Appointment, one: Given) -> None:
    rows = Answer.objects.filter(appointment=appointment, question=one.question)
    if not one.text and one.attachment is None:
        rows.delete()
        return
    Answer.objects.update_or_create(
        appointment=appointment,
        question=one.question,
        defaults={
            "label": one.question.label,
            "text": one.text,
            "attachment": one.attachment,
            "position": one.question.position,
        },
    )
