"""When the wallboard looks different: read for all of a process's wallboards at once."""

import zlib
from datetime import datetime

from django.utils import timezone

from calls.models import Queue
from calls.services.desk.alerts import open_alerts
from calls.services.desk.wallboard import people_now, seats_now


def mark(now: datetime | None = None) -> str:
    """Another one whenever what the wallboard shows has changed but for the time; four queries.

    Who has ended a contact, and with it a figure of today, was among the people before.
    """
    now = now or timezone.now()
    queues = {queue.pk: queue for queue in Queue.objects.order_by("name")}
    lines = [
        (one.name, one.is_active, one.target_secs, one.target_percent) for one in queues.values()
    ]
    people = people_now(queues, now)
    raised = [(one.pk, one.acknowledged_by_id) for one in open_alerts()]
    looks = repr((lines, people, seats_now(people, now), raised))
    return f"{zlib.crc32(looks.encode()):08x}"
