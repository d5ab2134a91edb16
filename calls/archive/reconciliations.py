"""Reconciliations as they are kept: one at a time, by the night or by somebody's command."""

import logging
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from calls.archive import erasure
from calls.archive.erasure import Again
from calls.archive.reconcile import Finding, Outcome, reconcile
from calls.models import Artifact, ErasureCertificate, Reconciliation, Segment

logger = logging.getLogger(__name__)

# One that takes longer belongs to a process that was killed.
GIVEN_UP_AFTER = timedelta(hours=6)


class AnotherRuns(Exception):
    """A reconciliation is under way; two would name the same files."""


def run(again: Again, *, delete: bool) -> Outcome:
    """Erase again what a backup brought back, repair certificates, compare; and keep the result.

    Raises AnotherRuns, StorageAway.
    """
    kept = _begin(delete=delete)
    try:
        restored = erasure.erase_restored(again)
        reopened = _reopen()
        outcome = reconcile(delete=delete)
        for recording_id in restored:
            outcome.add(Finding("restored", str(recording_id), "", 0))
        outcome.counts["reopened"] += reopened
    except BaseException:
        kept.delete()
        raise
    kept.counts = dict(outcome.counts)
    kept.findings = outcome.as_json()["findings"]
    kept.finished_at, kept.is_running = timezone.now(), False
    kept.save()
    return outcome


def ran_since(hours: int) -> bool:
    """Whether one that deletes was finished or begun meanwhile: two schedulers send the same task.

    One that only tells, or that was killed, stands for none.
    """
    since = timezone.now() - timedelta(hours=hours)
    counts = Q(finished_at__isnull=False) | Q(is_running=True)
    return Reconciliation.objects.filter(counts, deletes=True, started_at__gt=since).exists()


def _begin(*, delete: bool) -> Reconciliation:
    now = timezone.now()
    Reconciliation.objects.filter(is_running=True, started_at__lt=now - GIVEN_UP_AFTER).update(
        is_running=False
    )
    try:
        with transaction.atomic():
            return Reconciliation.objects.create(started_at=now, deletes=delete)
    except IntegrityError as exc:
        raise AnotherRuns("A reconciliation is under way.") from exc


def _reopen() -> int:
    """Erased recordings that got rows since they were cleared are cleared again."""
    cleared = ErasureCertificate.objects.filter(cleared_at__isnull=False)
    late = {
        *Segment.objects.filter(track__recording__certificate__in=cleared).values_list(
            "track__recording", flat=True
        ),
        *Artifact.objects.filter(recording__certificate__in=cleared).values_list(
            "recording", flat=True
        ),
    }
    return ErasureCertificate.objects.filter(recording__in=late).update(cleared_at=None)
