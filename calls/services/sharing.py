"""What the two people of a visit share around it: the agent's notes, and files of both."""

from django.db import transaction

from accounts.models import User
from audit.log import record
from calls.models import Appointment, Attachment, VisitNote
from calls.services.errors import WrongState
from calls.services.notices import notify
from calls.states import AppointmentState


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


def tell_of_file(attachment: Attachment) -> None:
    """The patient is told of a file that somebody else added."""
    appointment = attachment.appointment
    if attachment.added_by_id != appointment.patient_id:
        notify.shared(appointment, key=f"file:{attachment.pk}")


def notes_of(appointment: Appointment) -> list[VisitNote]:
    return list(appointment.notes.select_related("author"))


def files_of(appointment: Appointment) -> list[Attachment]:
    """The files that were added beside answers, the first one first."""
    rows = Attachment.objects.filter(appointment=appointment, answer__isnull=True)
    return list(rows.select_related("added_by"))
