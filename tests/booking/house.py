"""The same few people, services and hours for the tests of booking and of the pages around it."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.test import Client
from django.utils import timezone

from accounts.models import Role, User
from calls.models import Appointment, Availability, CallSession, Service
from calls.services import lifecycle

UTC_ZONE = ZoneInfo("UTC")


def person(name: str, role: Role = Role.PATIENT, *, zone: str = "UTC") -> User:
    return User.objects.create_user(
        f"{name}@example.com",
        "a long enough password",
        display_name=name.title(),
        role=role,
        time_zone=zone,
    )


def agent(name: str = "ada", *, zone: str = "UTC", service: Service | None = None) -> User:
    """Somebody who is there around the clock and offers `service`."""
    user = person(name, Role.AGENT, zone=zone)
    for weekday in range(7):
        hours(user, weekday, time(0), time(23, 59))
    if service is not None:
        service.agents.add(user)
    return user


def hours(user: User, weekday: int, starts: time, ends: time) -> None:
    Availability.objects.create(agent=user, weekday=weekday, starts=starts, ends=ends)


def service(name: str = "Consultation", *, minutes: int = 30) -> Service:
    return Service.objects.create(name=name, duration_minutes=minutes)


def tomorrow(clock: time = time(10)) -> datetime:
    """A time of tomorrow in UTC."""
    return datetime.combine(timezone.now().date() + timedelta(days=1), clock, tzinfo=UTC)


def visit(
    patient: User,
    with_agent: User,
    *,
    of: Service,
    starts_at: datetime,
    state: str = "booked",
) -> Appointment:
    """An appointment with its call, wherever in time; a completed one has an ended call."""
    appointment = Appointment.objects.create(
        service=of,
        patient=patient,
        agent=with_agent,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=of.duration_minutes),
        booked_zone=patient.time_zone,
        state=state,
    )
    call = lifecycle.open_call(appointment)
    if state != "booked":
        CallSession.objects.filter(pk=call.pk).update(state="ended", ended_at=timezone.now())
    return appointment


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client
