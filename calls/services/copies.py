"""Which copies of a recording can be had: each person's file, and files of everybody."""

from collections.abc import Sequence
from dataclasses import dataclass

from calls.models import Artifact, FileJob, Recording
from calls.services.file_jobs import FORMS
from calls.services.reasons import in_words
from calls.states import JobState


@dataclass(frozen=True, slots=True)
class OfEverybody:
    """One form ("mp4" or "webm"): made, under way, or to be asked for."""

    form: str
    artifact: Artifact | None
    job: FileJob | None

    @property
    def is_under_way(self) -> bool:
        waits = self.job is not None and self.job.state in (JobState.WAITING, JobState.WORKING)
        return waits and self.artifact is None

    @property
    def percent(self) -> int:
        return self.job.progress_percent if self.job else 0

    @property
    def fault(self) -> str:
        """Why it could not be made, in words; "" if it could, or nobody asked."""
        failed = self.job is not None and self.job.state == JobState.FAILED
        return in_words(self.job.reason) if failed and self.job and not self.artifact else ""


@dataclass(frozen=True, slots=True)
class Copies:
    people: Sequence[Artifact]
    everybody: Sequence[OfEverybody]

    @property
    def is_under_way(self) -> bool:
        return any(form.is_under_way for form in self.everybody)


def copies(recording: Recording) -> Copies:
    rows = Artifact.objects.filter(recording=recording).exclude(kind="poster")
    files = list(rows.select_related("participant__user"))
    mixed = {file.kind: file for file in files if file.participant_id is None}
    jobs = {job.kind: job for job in FileJob.objects.filter(recording=recording)}
    people = [file for file in files if file.participant is not None]
    return Copies(
        people=sorted(
            people, key=lambda file: (_role(file) != "patient", _name(file), file.created_at)
        ),
        everybody=[OfEverybody(form, mixed.get(form), jobs.get(form)) for form in FORMS],
    )


def _role(file: Artifact) -> str:
    return file.participant.role if file.participant else ""


def _name(file: Artifact) -> str:
    return file.participant.name if file.participant else ""
