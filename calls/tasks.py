"""Periodic work: thin, safe to run twice and by two schedulers."""

import logging
from uuid import UUID

from celery import shared_task
from celery.signals import worker_ready

from calls.archive import attachments, reconciliations
from calls.archive import erasure as remains
from calls.archive.restored import Again
from calls.archive.store import StorageAway
from calls.archive.upkeep import start_upkeep
from calls.services import (
    abandoned,
    consent,
    cutting,
    erasure,
    file_jobs,
    invitations,
    nodes,
    presence,
    recording,
    retrying,
    scheduled_recording,
)
from calls.services.desk import alerts, keeping, sweeping
from calls.services.notices import mailing, reminders
from calls.services.scheduling import waiting_list, zone_rules

# What is done again after a backup was restored, and when more of a recording comes to light.
AGAIN = Again(erase=erasure.erase_again, cut=cutting.cut_again, prepare=retrying.prepare_again)

logger = logging.getLogger(__name__)


@shared_task(name="calls.sweep_recordings", expires=10)
def sweep_recordings() -> None:
    scheduled_recording.sweep()
    recording.sweep()
    file_jobs.sweep()


@shared_task(name="calls.sweep_calls", expires=10)
def sweep_calls() -> None:
    presence.sweep()
    consent.stop_unattended()
    abandoned.end_abandoned()
    invitations.close_over()


@shared_task(name="calls.sweep_desk", expires=5)
def sweep_desk() -> None:
    """Where no page of the desk is open, nobody else does it."""
    sweeping.sweep()


@shared_task(name="calls.sweep_booking", expires=10)
def sweep_booking() -> None:
    """Times that were kept long enough, and the mails that are due."""
    waiting_list.expire()
    mailing.send_due()


@shared_task(name="calls.sweep_reminders", expires=20)
def sweep_reminders() -> None:
    reminders.sweep()


@shared_task(name="calls.sweep_waiting_list", expires=60)
def sweep_waiting_list() -> None:
    waiting_list.sweep()


@shared_task(name="calls.tidy_attachments", expires=3600)
def tidy_attachments() -> None:
    attachments.tidy()


@shared_task(name="calls.keep_wall_clocks", expires=3600)
def keep_wall_clocks() -> None:
    zone_rules.keep_wall_clocks()


@shared_task(name="calls.sweep_alerts", expires=10)
def sweep_alerts() -> None:
    alerts.sweep()


@shared_task(name="calls.sweep_keeping", expires=60)
def sweep_keeping() -> None:
    """Erase what was kept long enough, and go on with files that are left of erased ones."""
    erasure.erase_due()
    remains.sweep()
    nodes.forget_gone()


@shared_task(name="calls.forget_contacts", expires=600)
def forget_contacts() -> None:
    """Words and names of contacts that were kept long enough."""
    keeping.sweep()


@shared_task(name="calls.clear_erased")
def clear_erased(recording_id: str) -> None:
    remains.clear(UUID(recording_id))


@shared_task(name="calls.reconcile", expires=3600)
def reconcile() -> None:
    """Once a night, however many schedulers ask."""
    if reconciliations.ran_since(hours=20):
        return
    try:
        reconciliations.run(AGAIN, delete=True)
    except (reconciliations.AnotherRuns, StorageAway) as away:
        logger.warning("rows and files were not compared: %s", away)


@worker_ready.connect
def _look_after_archive(**_: object) -> None:
    """For the spool of this worker's own machine, and after a restored backup."""
    start_upkeep(AGAIN, machine=nodes.host_name())
