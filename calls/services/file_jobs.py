"""Files of everybody that somebody asked for: asked, taken under a lease, made.

As with recordings, the row is the queue: a Celery message is a hint, `sweep` repeats it, and five
of them have one effect. A worker that dies loses its lease, and another begins again.
"""

import logging
from datetime import timedelta
from uuid import UUID

from celery import current_app
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from kombu.exceptions import OperationalError

from accounts.models import User
from calls.models import Artifact, FileJob, Recording
from calls.states import JobState, RecordingState

logger = logging.getLogger(__name__)

TASK = "calls.make_file"
FORMS = ("mp4", "webm")
LEASE = timedelta(seconds=30)
HINT_SECS = 10
MOST_ATTEMPTS = 5
# A worker has two hands: one is left for recordings that wait to be played.
MOST_AT_ONCE = 1


class NotReady(Exception):
    """The recording cannot be played, so no file can be made of it."""


def ask(user: User, recording: Recording, form: str) -> FileJob:
    """The file's job, new or the one that is there; one that failed is tried again."""
    if recording.state != RecordingState.READY or form not in FORMS:
        raise NotReady
    now = timezone.now()
    try:
        with transaction.atomic():
            job = FileJob.objects.create(
                recording=recording, kind=form, asked_by=user, asked_at=now
            )
    except IntegrityError:
        job = FileJob.objects.get(recording=recording, kind=form)
        again = Q(state=JobState.FAILED)
        if not _made(job):
            # What was made is gone (a part was cut out): it is made again.
            again |= Q(state=JobState.READY)
        FileJob.objects.filter(again, pk=job.pk).update(
            state=JobState.WAITING,
            asked_by=user,
            asked_at=now,
            done_at=None,
            reason="",
            attempts=0,
            progress_percent=0,
            lease_owner="",
            lease_expires_at=None,
        )
        job.refresh_from_db()
    if job.state == JobState.WAITING:
        transaction.on_commit(lambda: hint(job.pk))
    return job


def claim(job_id: UUID, *, owner: str) -> FileJob | None:
    """Take the job's lease, or None: not to be had, or this machine makes one already."""
    now = timezone.now()
    machine = owner.partition(":")[0]
    with transaction.atomic():
        # Two workers of a machine that ask at once do not both find it idle.
        _lock_open()
        busy = FileJob.objects.filter(
            state=JobState.WORKING,
            lease_owner__startswith=f"{machine}:",
            lease_expires_at__gte=now,
        )
        if busy.count() >= MOST_AT_ONCE:
            return None
        taken = _to_do().filter(pk=job_id)
        if not taken.update(
            state=JobState.WORKING,
            lease_owner=owner,
            lease_expires_at=now + LEASE,
            attempts=F("attempts") + 1,
            progress_percent=0,
        ):
            return None
    return FileJob.objects.select_related("recording__call").get(pk=job_id)


def _lock_open() -> None:
    """Lock every job that is not over, always in the same order, until the transaction ends."""
    jobs = FileJob.objects.filter(state__in=(JobState.WAITING, JobState.WORKING))
    list(jobs.select_for_update().order_by("pk").values_list("pk", flat=True))


def progress(job_id: UUID, *, owner: str, percent: int | None = None) -> bool:
    """Keep the lease and say how far it is; False if the lease was lost."""
    fields: dict[str, object] = {"lease_expires_at": timezone.now() + LEASE}
    if percent is not None:
        fields["progress_percent"] = percent
    return bool(_mine(job_id, owner).update(**fields))


def ready(job_id: UUID, *, owner: str) -> bool:
    return _end(job_id, owner, JobState.READY, progress_percent=100)


def fail(job_id: UUID, *, owner: str, reason: str) -> bool:
    """`reason` is a word of docs/recording.md."""
    return _end(job_id, owner, JobState.FAILED, reason=reason)


def give_back(job_id: UUID, *, owner: str, counts: bool) -> None:
    """Not now: another worker, or this one later. `counts` says whether it was an attempt."""
    lost = {} if counts else {"attempts": F("attempts") - 1}
    _mine(job_id, owner).update(
        state=JobState.WAITING, lease_owner="", lease_expires_at=None, **lost
    )


def wait(job_id: UUID, *, owner: str) -> None:
    """What it needs is away: tried again in a while, and no attempt was made.

    Nobody holds it meanwhile, so it keeps no other file of this machine back.
    """
    _mine(job_id, owner).update(
        lease_owner="", lease_expires_at=timezone.now() + LEASE, attempts=F("attempts") - 1
    )


def sweep() -> None:
    """Repeat the hint for every job that waits, or whose worker is gone."""
    for job_id in _to_do().order_by("asked_at").values_list("pk", flat=True)[:20]:
        hint(job_id)


def hint(job_id: UUID) -> None:
    """Send a Celery message; one that cannot be sent costs nothing (see sweep)."""
    try:
        current_app.send_task(TASK, args=[str(job_id)], retry=False, expires=HINT_SECS)
    except (OperationalError, OSError):
        logger.warning("hint for file %s not sent: no broker", job_id)


def _to_do() -> QuerySet[FileJob]:
    expired = Q(state=JobState.WORKING, lease_expires_at__lt=timezone.now())
    return FileJob.objects.filter(Q(state=JobState.WAITING) | expired)


def _mine(job_id: UUID, owner: str) -> QuerySet[FileJob]:
    return FileJob.objects.filter(pk=job_id, lease_owner=owner, state=JobState.WORKING)


def _end(job_id: UUID, owner: str, state: JobState, **fields: object) -> bool:
    return bool(
        _mine(job_id, owner).update(
            state=state, done_at=timezone.now(), lease_owner="", lease_expires_at=None, **fields
        )
    )


def _made(job: FileJob) -> bool:
    rows = Artifact.objects.filter(recording=job.recording_id, participant__isnull=True)
    return rows.filter(kind=job.kind).exists()
