"""The Celery application: tasks are hints, the database decides (docs/architecture.md)."""

import logging
import os
import warnings
from typing import Any

from celery import Celery
from celery.platforms import SecurityWarning
from celery.schedules import crontab
from celery.signals import worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# The image runs as an ordinary user; who runs the demo as root has decided so.
warnings.filterwarnings("ignore", category=SecurityWarning)
logger = logging.getLogger(__name__)

app = Celery("parlour")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(["calls.recorder"], related_name="worker")
app.autodiscover_tasks(["calls.recorder"], related_name="mixing")
app.conf.task_routes = {"calls.record": {"queue": "recorder"}}
app.conf.beat_schedule = {
    "sweep-recordings": {"task": "calls.sweep_recordings", "schedule": 2.0},
    "sweep-calls": {"task": "calls.sweep_calls", "schedule": 5.0},
    "sweep-alerts": {"task": "calls.sweep_alerts", "schedule": 10.0},
    "sweep-desk": {"task": "calls.sweep_desk", "schedule": 2.0},
    "sweep-booking": {"task": "calls.sweep_booking", "schedule": 5.0},
    "sweep-reminders": {"task": "calls.sweep_reminders", "schedule": 20.0},
    "sweep-waiting-list": {"task": "calls.sweep_waiting_list", "schedule": 60.0},
    # A new time zone database comes with a restart or an upgrade of the system.
    "keep-wall-clocks": {"task": "calls.keep_wall_clocks", "schedule": 3600.0},
    "tidy-attachments": {
        "task": "calls.tidy_attachments",
        "schedule": crontab(hour="3", minute="11"),
    },
    "forget-contacts": {"task": "calls.forget_contacts", "schedule": 600.0},
    "sweep-keeping": {"task": "calls.sweep_keeping", "schedule": 30.0},
    # By UTC; a second scheduler's is dropped by the task.
    "reconcile": {"task": "calls.reconcile", "schedule": crontab(hour="2", minute="41")},
}


@worker_ready.connect
def _say_so(sender: Any, **kwargs: object) -> None:
    """`make run` waits for this line of both workers before it says that all is ready."""
    logger.warning("%s takes tasks", sender.hostname)
