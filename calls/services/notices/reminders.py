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
    count = 0
    for visit in coming.select_related("service", "patient", "agent").iterator():
        minutes = due(visit, now)
        if minutes is not None and notify.reminded(visit, minutes=minutes):
            count += 1
    return count


def due(visit: Appointment, now: datetime) -> int | None:
    """The reminder that is the newest of those whose time has come, in minutes, or None."""
    past = [
        minutes
        for minutes in visit.service.reminder_minutes
        if visit.planned_at < visit.starts_at - timedelta(minutes=minutes) <= now
    ]
    return min(past, default=None)
