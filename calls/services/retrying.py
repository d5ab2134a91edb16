"""Failed recordings, and another try where something was captured."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from accounts.models import User
from audit.log import record
from calls.models import FileJob, LegalHold, Recording, Segment
from calls.services import file_jobs, recording
from calls.states import JobState, RecordingState

SHOWN_FOR = timedelta(days=30)


def failures() -> QuerySet[Recording]:
    """Recordings of the last thirty days that failed, or have a file that could not be made."""
    return _failed().filter(asked_at__gte=timezone.now() - SHOWN_FOR)


def _failed() -> QuerySet[Recording]:
    failed_files = FileJob.objects.filter(recording=OuterRef("pk"), state=JobState.FAILED)
    captured = Segment.objects.filter(track__recording=OuterRef("pk"))
    rows = Recording.objects.annotate(
        file_fault=Subquery(failed_files.values("reason")[:1]), is_captured=Exists(captured)
    )
    wrong = Q(state=RecordingState.FAILED) | Q(file_fault__isnull=False)
    return rows.filter(wrong).order_by("-asked_at")


def reason(row: Recording) -> str:
    """Why it failed, or why its file did: a word of docs/recording.md. `row` is of failures()."""
    if row.state == RecordingState.FAILED:
        return row.reason
    return getattr(row, "file_fault", None) or ""


def may_retry(row: Recording) -> bool:
    """Whether another try could help: something lies in the archive. `row` comes of failures()."""
    is_captured = bool(getattr(row, "is_captured", False)) and bool(row.wrapped_key)
    has_failed_file = getattr(row, "file_fault", None) is not None
    is_ready = row.state == RecordingState.READY
    return is_captured and (row.state == RecordingState.FAILED or (is_ready and has_failed_file))


def try_again(user: User, recording_id: UUID) -> bool:
    """Hand it to the finalisers once more; whether there was anything to be tried. Audited."""
    with transaction.atomic():
        done = _try_again(recording_id)
        record(
            "recording.retry",
            actor=user.pk,
            target_type="recording",
            target=recording_id,
            allowed=done,
        )
    return done


def prepare_again(recording_id: UUID) -> bool:
    """Make the files of a finished recording anew, of which there is more than there was.

    False under a legal hold, and if it is not finished.
    """
    with transaction.atomic():
        row = Recording.objects.select_for_update().get(pk=recording_id)
        finished = row.state in (RecordingState.READY, RecordingState.FAILED)
        if not finished or LegalHold.objects.stands_on(row.pk):
            return False
        return recording.finalise_again(row)


def _try_again(recording_id: UUID) -> bool:
    row = _failed().select_for_update(of=("self",)).filter(pk=recording_id).first()
    if row is None or not may_retry(row):
        return False
    if row.state == RecordingState.FAILED:
        return recording.finalise_again(row)
    for job in FileJob.objects.filter(recording=row, state=JobState.FAILED):
        file_jobs.ask(job.asked_by, row, job.kind)
    return True
