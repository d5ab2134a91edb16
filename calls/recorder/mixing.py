"""The Celery task that makes a file of everybody: a hint, with one effect however often sent."""

import logging
import threading
from uuid import UUID

from celery import shared_task
from django.db import close_old_connections

from calls.archive.mixing import NothingToMix, SourcesChanged, make_mixed
from calls.archive.store import StorageAway
from calls.archive.vault import Altered, KeyUnavailable
from calls.recorder.mix import mix
from calls.recorder.worker import new_owner
from calls.services import file_jobs

logger = logging.getLogger(__name__)

RENEW_SECS = 8.0


class LeaseLost(Exception):
    """Another worker has the job now."""


@shared_task(name=file_jobs.TASK, ignore_result=True)
def make_file(job_id: str) -> None:
    """Make one file, if that is to be done and nobody else does it."""
    owner = new_owner()
    job = file_jobs.claim(UUID(job_id), owner=owner)
    if job is None:
        return
    if job.attempts > file_jobs.MOST_ATTEMPTS:
        file_jobs.fail(job.pk, owner=owner, reason="mixing_failed")
        return
    try:
        with _Lease(job.pk, owner) as lease:
            make_mixed(job.recording, form=job.kind, mix=mix, go_on=lease.done)
    except LeaseLost:
        return
    except (KeyUnavailable, StorageAway):
        # The lease runs out and the sweep tries again: what is away may come back.
        logger.exception("file %s cannot be made yet", job_id)
        file_jobs.wait(job.pk, owner=owner)
    except SourcesChanged:
        file_jobs.give_back(job.pk, owner=owner, counts=True)
    except NothingToMix:
        file_jobs.fail(job.pk, owner=owner, reason="nothing_captured")
    except (Altered, FileNotFoundError):
        logger.exception("file %s cannot be made", job_id)
        file_jobs.fail(job.pk, owner=owner, reason="damaged")
    else:
        file_jobs.ready(job.pk, owner=owner)


class _Lease:
    """Renews the lease from a thread; `done` says how far it is, and raises LeaseLost."""

    def __init__(self, job_id: UUID, owner: str) -> None:
        self._job_id = job_id
        self._owner = owner
        self._ends = threading.Event()
        self._lost = threading.Event()
        self._thread = threading.Thread(target=self._renew, name="file lease", daemon=True)

    def __enter__(self) -> "_Lease":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join()

    def done(self, percent: int) -> None:
        if self._lost.is_set() or not file_jobs.progress(
            self._job_id, owner=self._owner, percent=percent
        ):
            raise LeaseLost

    def _renew(self) -> None:
        while not self._ends.wait(RENEW_SECS):
            try:
                if not file_jobs.progress(self._job_id, owner=self._owner):
                    self._lost.set()
            except Exception:
                logger.exception("the lease of file %s was not renewed", self._job_id)
            finally:
                close_old_connections()
