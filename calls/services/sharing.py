"""What the two people of a visit share around it: the agent's notes, and files of both."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from audit.log import record
from calls.models import Appointment, Attachment, VisitNote
from calls.services import facts
from calls.services.errors import CallError, WrongState
from calls.services.notices import notify
from calls.states import AppointmentState

MOST_FILES = 30


class TooManyFiles(CallError):
    """The visit has as many files as it may have."""


def check_may_share(appointment: Appointment) -> None:
    """Raise WrongState for a visit that was called off."""
    if appointment.state == AppointmentState.CANCELLED:
        raise WrongState("The visit was cancelled.")


@transaction.atomic
def write_note(appointment: Appointment, author: User, text: str) -> VisitNote:
    """A note of the agent to the patient, who is told that there is one."""
    check_may_share(appointment)
    note = VisitNote.objects.create(appointment=appointment, author=author, text=text)
    record("note.write", actor=author.pk, target_type="visitnote", target=note.pk)
    notify.shared(appointment, key=f"note:{note.pk}")
    return note


@transaction.atomic
def take_back_note(note: VisitNote, author: User) -> None:
    record("note.take_back", actor=author.pk, target_type="visitnote", target=note.pk)
    note.delete()


@transaction.atomic
def add_file(sealed: Attachment) -> None:
    """Keep a sealed file; the patient is told of one that somebody else added.

    Raises TooManyFiles.
    """
    appointment = sealed.appointment
    with facts.locked_call(appointment.call_id, open_only=False):
        keep_file(sealed)
        check_number_of_files(appointment)
    if sealed.added_by_id != appointment.patient_id:
        notify.shared(appointment, key=f"file:{sealed.pk}")


def check_number_of_files(appointment: Appointment) -> None:
    """Raise TooManyFiles, in the transaction that has added some, while the call is locked."""
    if Attachment.objects.filter(appointment=appointment).count() > MOST_FILES:
        raise TooManyFiles("This visit has as many files as it may have.")


def keep_file(sealed: Attachment) -> None:
    """The row of a sealed file (calls/archive/attachments.py), in the transaction of what it
    belongs to."""
    sealed.save(force_insert=True)
    record("attachment.add", actor=sealed.added_by_id, target_type="attachment", target=sealed.pk)


@transaction.atomic
def forget_file(attachment: Attachment, *, by: User) -> UUID:
    """The row goes, and with it the key that alone opens the file; returns its id."""
    pk = attachment.pk
    attachment.delete()
    record("attachment.remove", actor=by.pk, target_type="attachment", target=pk)
    return pk


def notes_of(appointment: Appointment) -> list[VisitNote]:
    return list(appointment.notes.select_related("author"))


def files_of(appointment: Appointment) -> list[Attachment]:
    """The files that were added beside answers, the first one first."""
    rows = Attachment.objects.filter(appointment=appointment, answer__isnull=True)
    return list(rows.select_related("added_by"))
