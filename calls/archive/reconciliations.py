"""Reconciliations as they are kept: one at a time, by the night or by somebody's command."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from calls.archive.late import look_for_returned
from calls.archive.reconcile import Finding, Outcome, reconcile, reconcile_spool
from calls.archive.restored import Again, do_again
from calls.models import Artifact, ErasureCertificate, Reconciliation, Segment

logger = logging.getLogger(__name__)

# One that takes longer belongs to a process that was killed.
GIVEN_UP_AFTER = timedelta(hours=6)
SPOOL_TOLD_FOR = timedelta(days=3)


class AnotherRuns(Exception):
    """A reconciliation is under way; two would name the same files."""


def run(again: Again, *, delete: bool) -> Outcome:
    """Erase again what a backup brought back, repair certificates, compare; and keep the result.

    Raises AnotherRuns, StorageAway.
    """
    with _kept(machine="", deletes=delete) as keep:
        restored = do_again(again)
        look_for_returned(again)
        reopened = _reopen()
        outcome = reconcile(delete=delete)
        for recording_id in restored:
            outcome.add(Finding("restored", str(recording_id), "", 0))
        outcome.counts["reopened"] += reopened
        keep(outcome)
    return outcome


def compare_spool(machine: str) -> Outcome:
    """Compare the files of this machine's spool, delete what may go, and keep the result.

    Raises AnotherRuns, StorageAway.
    """
    with _kept(machine=machine, deletes=True) as keep:
        outcome = reconcile_spool(delete=True)
        keep(outcome)
    return outcome


def newest_of_spools() -> list[Reconciliation]:
    """The last comparison of each machine's spool; who has not told for three days is gone."""
    since = timezone.now() - SPOOL_TOLD_FOR
    rows = Reconciliation.objects.filter(finished_at__gt=since).exclude(machine="")
    newest = {row.machine: row for row in rows.order_by("finished_at")}
    return [newest[machine] for machine in sorted(newest)]


def ran_since(hours: int) -> bool:
    """Whether one that deletes was finished or begun meanwhile: two schedulers send the same task.

    One that only tells, or that was killed, stands for none.
    """
    since = timezone.now() - timedelta(hours=hours)
    counts = Q(finished_at__isnull=False) | Q(is_running=True)
    rows = Reconciliation.objects.filter(counts, machine="", deletes=True, started_at__gt=since)
    return rows.exists()


@contextmanager
def _kept(*, machine: str, deletes: bool) -> Iterator[Callable[[Outcome], None]]:
    """Its row while it runs; what is handed over is kept, otherwise the row goes again."""
    row = _begin(machine, deletes=deletes)

    def keep(outcome: Outcome) -> None:
        row.counts = dict(outcome.counts)
        row.findings = outcome.as_json()["findings"]
        row.finished_at, row.is_running = timezone.now(), False
        row.save()

    try:
        yield keep
    except BaseException:
        row.delete()
        raise


def _begin(machine: str, *, deletes: bool) -> Reconciliation:
    now = timezone.now()
    Reconciliation.objects.filter(is_running=True, started_at__lt=now - GIVEN_UP_AFTER).update(
        is_running=False
    )
    try:
        with transaction.atomic():
            return Reconciliation.objects.create(machine=machine, started_at=now, deletes=deletes)
    except IntegrityError as exc:
        raise AnotherRuns(_("The archive is being compared already.")) from exc


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
