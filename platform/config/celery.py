"""The Celery application: tasks are hints, the database decides (docs/architecture.md)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("parlour")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(["calls.recorder"], related_name="worker")
app.conf.task_routes = {"calls.record": {"queue": "recorder"}}
app.conf.beat_schedule = {
    "sweep-recordings": {"task": "calls.sweep_recordings", "schedule": 2.0},
    "sweep-calls": {"task": "calls.sweep_calls", "schedule": 5.0},
}
