"""Periodic work: thin, safe to run twice and by two schedulers."""

from celery import shared_task

from calls.services import consent, lifecycle, presence, recording


@shared_task(name="calls.sweep_recordings", expires=10)
def sweep_recordings() -> None:
    recording.sweep()


@shared_task(name="calls.sweep_calls", expires=10)
def sweep_calls() -> None:
    presence.sweep()
    consent.stop_unattended()
    lifecycle.end_abandoned()
