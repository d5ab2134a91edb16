"""Reminders: so many minutes before a visit, as its service says."""

from datetime import datetime, timedelta

from django.utils import timezone

from calls.models import Appointment
from calls.models.service import DAY_MINUTES
from calls.services.notices import notify
from calls.states import AppointmentState

# No service may remind earlier (calls/models/service.py).
EARLIEST = timedelta(minutes=14 * DAY_MINUTES)


def sweep() -> int:
    """Remind of every visit whose time for that has come; returns of how many.

    After a pause of the scheduler only the newest reminder of a visit is sent. One that was past
    already when the visit was booked or moved there is not.
    """
    now = timezone.now()
    coming = Appointment.objects.filter(
        state=AppointmentState.BOOKED, starts_at__gt=now, starts_at__lte=now + EARLIEST
    )
    near = coming.select_related("service", "patient", "agent").iterator()
    wanted = [(visit, minutes) for visit in near if (minutes := due(visit, now)) is not None]
    told = notify.reminded_before(wanted)
    missing = [(visit, minutes) for visit, minutes in wanted if (visit.pk, minutes) not in told]
    return sum(notify.reminded(visit, minutes=minutes) for visit, minutes in missing)


def due(visit: Appointment, now: datetime) -> int | None:
    """The reminder that is the newest of those whose time has come, in minutes, or None."""
    past = [
        minutes
        for minutes in visit.service.reminder_minutes
        if visit.planned_at < visit.starts_at - timedelta(minutes=minutes) <= now
    ]
    return min(past, default=None)
