"""The same few people, services and hours for the tests of booking and of the pages around it."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.test import Client
from django.utils import timezone

from accounts.models import Role, User
from calls.models import Appointment, Availability, CallSession, Participant, Service
from calls.services.scheduling import places

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


def service(name: str = "Consultation", *, minutes: int = 30, **fields: Any) -> Service:
    return Service.objects.create(name=name, duration_minutes=minutes, **fields)


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
    if state == "booked":
        call = places.open_call(of, with_agent, starts_at)
        return places.give_place(call, patient, zone=patient.zone, booked_by=patient)
    span = {"starts_at": starts_at, "ends_at": starts_at + of.length}
    call = CallSession.objects.create(
        service=of, agent=with_agent, state="ended", ended_at=timezone.now(), seats_taken=1, **span
    )
    for user, role in ((with_agent, "agent"), (patient, "patient")):
        Participant.objects.create(call=call, user=user, role=role)
    return Appointment.objects.create(
        call=call,
        service=of,
        patient=patient,
        agent=with_agent,
        state=state,
        booked_zone=patient.time_zone,
        **span,
    )


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text(answer: object) -> str:
    """The body of an answer on one line."""
    return " ".join(answer.content.decode().split())  # type: ignore[attr-defined]


def written(moment: datetime) -> str:
    """A moment as the booking steps write it into addresses."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def choice(agent: User, moment: datetime, **more: Any) -> dict[str, Any]:
    """What the last step of booking sends."""
    return {"agent": str(agent.pk), "starts": written(moment), **more}
