"""The form before a visit, and what its two people share around it."""

import logging
import mimetypes
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.posted import posted
from audit.log import record
from calls.archive import attachments
from calls.archive.store import StorageAway
from calls.archive.vault import KeyUnavailable, VaultError
from calls.forms.visit import (
    MOST_FORM_BYTES,
    CheckedFile,
    FileForm,
    IntakeForm,
    NoteForm,
    VisitFileField,
)
from calls.models import Appointment, Attachment, QuestionKind, VisitNote
from calls.permissions import appointments_for, attachments_for, get_or_404
from calls.services import agenda, intake, sharing
from calls.services.errors import WrongState
from calls.views.access import signed_in_or_404
from calls.views.request import SignedInRequest

AWAY = (KeyUnavailable, StorageAway)
logger = logging.getLogger(__name__)


class Refused(Exception):
    """Nothing was kept; the message is for the person."""


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_or_404
@never_cache
def visit_form(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The questions of the service; its patient answers them, again if they like."""
    found = _visit(request, pk, action="appointment.answer")
    if found.patient_id != request.user.pk:
        raise PermissionDenied
    answers = {one.question_id: one for one in intake.answers_of(found) if one.question_id}
    form = IntakeForm(
        posted(request),
        request.FILES if request.method == "POST" else None,
        questions=intake.questions_of(found),
        answers=answers,
    )
    if request.method == "POST" and _is_too_big(request):
        form.add_error(None, _("These files are too large together. Please choose smaller ones."))
    elif request.method == "POST" and form.is_valid():
        try:
            _answer(request, found, form)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Thank you. Your answers are saved."))
            return redirect("appointment", pk=found.pk)
    context = {"appointment": found, "visit": agenda.visit(found, request.user), "form": form}
    status = 400 if form.errors else 200
    return render(request, "appointments/form.html", context, status=status)


@require_POST
@signed_in_or_404
def note_write(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """A note of the visit's agent for the patient."""
    user = request.user
    mine = appointments_for(user).filter(agent=user)
    found = get_or_404(mine, pk, user=user, action="note.write")
    form = NoteForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Please write something, of up to 10,000 characters."))
        return redirect("appointment", pk=found.pk)
    try:
        sharing.write_note(found, user, form.cleaned_data["text"])
    except WrongState:
        messages.error(request, _("This visit was cancelled."))
    else:
        messages.success(request, _("The patient can read your note."))
    return redirect("appointment", pk=found.pk)


@require_POST
@signed_in_or_404
def note_take_back(request: SignedInRequest, pk: UUID) -> HttpResponse:
    user = request.user
    mine = VisitNote.objects.filter(author=user).filter(appointment__in=appointments_for(user))
    note = get_or_404(mine, pk, user=user, action="note.take_back")
    sharing.take_back_note(note, user)
    messages.success(request, _("The note is taken back."))
    return redirect("appointment", pk=note.appointment_id)


@require_POST
@signed_in_or_404
def file_add(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """A file that one of the two adds for the other."""
    found = _visit(request, pk, action="attachment.add")
    form = FileForm(request.POST, request.FILES)
    if _is_too_big(request):
        messages.error(request, VisitFileField.default_error_messages["too_big"])
        return redirect("appointment", pk=found.pk)
    if not form.is_valid():
        for error in form.errors["file"]:
            messages.error(request, str(error))
        return redirect("appointment", pk=found.pk)
    try:
        sharing.check_may_share(found)
    except WrongState:
        messages.error(request, _("This visit was cancelled."))
        return redirect("appointment", pk=found.pk)
    try:
        sharing.add_file(_sealed(request, found, form.cleaned_data["file"]))
    except Refused as refusal:
        messages.error(request, str(refusal))
    except sharing.TooManyFiles:
        messages.error(request, _("This visit has as many files as it may have."))
    else:
        messages.success(request, _("The file is added."))
    return redirect("appointment", pk=found.pk)


@require_GET
@signed_in_or_404
@never_cache
def file_open(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The file itself, to be kept, never shown as a page of this site."""
    user = request.user
    found = get_or_404(attachments_for(user), pk, user=user, action="attachment.read")
    try:
        content = attachments.read(found, by=user)
    except AWAY:
        return render(request, "appointments/file_away.html", {"file": found}, status=503)
    except (VaultError, FileNotFoundError):
        logger.exception("the file of attachment %s is damaged or missing", found.pk)
        record(
            "attachment.read",
            actor=user.pk,
            target_type="attachment",
            target=found.pk,
            allowed=False,
            reason="damaged",
        )
        context = {"file": found, "is_damaged": True}
        return render(request, "appointments/file_away.html", context, status=410)
    response = HttpResponse(content, content_type=found.media_type)
    response.headers["Content-Disposition"] = _disposition(found)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@require_POST
@signed_in_or_404
def file_remove(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Whoever added a file takes it back; one that answers a question is replaced there."""
    user = request.user
    mine = attachments_for(user).filter(added_by=user, answer__isnull=True)
    found = get_or_404(mine, pk, user=user, action="attachment.remove")
    appointment_id = found.appointment_id
    attachments.delete(sharing.forget_file(found, by=user))
    messages.success(request, _("The file is removed."))
    return redirect("appointment", pk=appointment_id)


def _answer(request: SignedInRequest, found: Appointment, form: IntakeForm) -> None:
    """Keep all answers. Raises Refused with the reason; then none is kept."""
    given = []
    for name, question in form.questions.items():
        value = form.cleaned_data.get(name)
        if question.kind != QuestionKind.FILE:
            given.append(intake.Given(question, text=str(value or "")))
        elif isinstance(value, CheckedFile):
            given.append(intake.Given(question, attachment=_sealed(request, found, value)))
    try:
        gone = intake.answer(found, request.user, given)
    except WrongState as error:
        raise Refused(_("This visit has begun; its questions are closed.")) from error
    except sharing.TooManyFiles as error:
        raise Refused(_("This visit has as many files as it may have.")) from error
    for file in gone:
        attachments.delete(file)


def _is_too_big(request: SignedInRequest) -> bool:
    """Whether the form holds more than it may. Larger ones yet do not come as far as here."""
    size = request.META.get("CONTENT_LENGTH") or "0"
    return int(size) > MOST_FORM_BYTES


def _sealed(request: SignedInRequest, found: Appointment, file: CheckedFile) -> Attachment:
    """The sealed file, which has still to be kept. Raises Refused with the reason."""
    try:
        return attachments.seal(
            found,
            by=request.user,
            name=file.name,
            media_type=file.media_type,
            content=file.content,
        )
    except AWAY as error:
        words = _("Files cannot be kept at the moment. Please try again later.")
        raise Refused(words) from error


def _disposition(found: Attachment) -> str:
    """RFC 6266: a plain name for all, and the whole name for those that can read it."""
    ending = mimetypes.guess_extension(found.media_type) or ""
    name = found.name if found.name.lower().endswith(ending) else f"{found.name}{ending}"
    return content_disposition_header(as_attachment=True, filename=name) or "attachment"


def _visit(request: SignedInRequest, pk: UUID, *, action: str) -> Appointment:
    user = request.user
    return get_or_404(appointments_for(user), pk, user=user, action=action)
