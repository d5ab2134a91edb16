"""What was before: contacts that are over, visits that took place, what was booked after."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Role, User
from calls.models import (
    Appointment,
    Handling,
    Queue,
    QueueEntry,
    Service,
    WrapUpCode,
)
from tests.booking import house as booking
from tests.desk import house


def contact_of_before(to: Queue, *, code: WrapUpCode | None = None, days: int = 30) -> QueueEntry:
    """A contact with a patient that was over so many days ago, in the hands of the first agent."""
    number = QueueEntry.objects.count()
    who = house.person(f"Patient {number}", Role.PATIENT)
    entry = house.come(to, person=who, is_there=False)
    at = timezone.now() - timedelta(days=days)
    agent = to.agents.get()
    Handling.objects.create(
        entry=entry, agent=agent, code=code, state="done", began_at=at, talked_until=at, done_at=at
    )
    QueueEntry.objects.filter(pk=entry.pk).update(state="done", arrived_at=at, ended_at=at)
    entry.refresh_from_db()
    return entry


def booked_after(entry: QueueEntry, agent: User, service: Service, *, days: int) -> None:
    later = timezone.now() + timedelta(days=5, minutes=40 * Appointment.objects.count())
    made = booking.visit(entry.person, agent, of=service, starts_at=later)
    at = entry.arrived_at + timedelta(days=days)
    Appointment.objects.filter(pk=made.pk).update(created_at=at)


def seen(
    patient: User, agent: User, service: Service, *days: int, **fields: Any
) -> list[Appointment]:
    """Visits that took place so many days ago."""
    now = timezone.now()
    rows = [
        booking.visit(
            patient, agent, of=service, starts_at=now - timedelta(days=one), state="completed"
        )
        for one in days
    ]
    Appointment.objects.filter(pk__in=[row.pk for row in rows]).update(**fields)
    return rows
