"""Demo people, services, queues, hours and visits, so that a fresh install is alive."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import ConsentText, User
from calls.management.commands._demo_content import (
    CONSENT_TEXTS,
    HOURS,
    NOTE,
    PASSWORD,
    PEOPLE,
    SERVICES,
    WHAT_TO_TRY,
    Person,
    QuestionContent,
)
from calls.management.commands._demo_desk import make_desk
from calls.models import (
    Appointment,
    Availability,
    CallSession,
    Question,
    Service,
    TakenTime,
    VisitNote,
)
from calls.services.scheduling import booking, places, waiting_list
from calls.services.scheduling.errors import BookingError
from calls.services.scheduling.free_times import next_free
from calls.states import AppointmentState, CallState

# A visit that began this long ago is no longer the one that a visitor of the demo is about to have.
STALE_AFTER = timedelta(minutes=10)


class Command(BaseCommand):
    help = "Makes demo people, services, queues, hours, visits; run again, it adds what is missing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--sign-ins", action="store_true", help="only print who can sign in, and change nothing"
        )

    def handle(self, *args: Any, sign_ins: bool, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This install is not a demo. Set DEMO=true where it should be one.")
        if not sign_ins:
            people = {person.email: make_person(person) for person in PEOPLE}
            make_consent_texts()
            services = make_services(people)
            make_hours(people)
            make_desk(people)
            if not Appointment.objects.exists():
                make_past(people, services)
                make_next_days(people, services)
                make_note(people)
                make_waiting(people, services)
            make_near_visit(people, services)
        self.stdout.write(sign_in_table())


def make_person(person: Person) -> User:
    """The account of `person`, made if it is missing; one that is there keeps its changes."""
    user = User.objects.filter(email=person.email).first()
    if user is None:
        user = User.objects.create_user(
            person.email,
            PASSWORD,
            display_name=person.name,
            role=person.role,
            time_zone=person.time_zone,
        )
    EmailAddress.objects.get_or_create(
        user=user, email=person.email, defaults={"verified": True, "primary": True}
    )
    return user


def make_consent_texts() -> None:
    for text in CONSENT_TEXTS:
        ConsentText.objects.get_or_create(
            version=text.version,
            language=text.language,
            defaults={"title": text.title, "body": text.body},
        )


def make_services(people: dict[str, User]) -> dict[str, Service]:
    """The services by name."""
    services = {}
    for content in SERVICES:
        service, is_new = Service.objects.get_or_create(
            name=content.name,
            defaults={
                "description": content.description,
                "duration_minutes": content.minutes,
                "recording_policy": content.recording,
                "capacity": content.capacity,
            },
        )
        if is_new:
            service.agents.set(people[email] for email in content.agents)
            make_questions(service, content.questions)
        services[content.name] = service
    return services


def make_questions(service: Service, questions: Sequence[QuestionContent]) -> None:
    Question.objects.bulk_create(
        Question(
            service=service,
            position=number,
            label=one.label,
            kind=one.kind,
            help_text=one.help_text,
            choices="\n".join(one.choices),
        )
        for number, one in enumerate(questions, start=1)
    )


def make_hours(people: dict[str, User]) -> None:
    for email, weekdays, starts, ends in HOURS:
        if not Availability.objects.filter(agent=people[email], weekday__in=weekdays).exists():
            Availability.objects.bulk_create(
                Availability(agent=people[email], weekday=day, starts=starts, ends=ends)
                for day in weekdays
            )


def make_near_visit(people: dict[str, User], services: dict[str, Service]) -> None:
    """One visit of patient@ with agent@ that can be joined now, unless there is one."""
    patient, agent = people["patient@example.com"], people["agent@example.com"]
    now = timezone.now()
    early = timedelta(minutes=settings.JOIN_EARLY_MINUTES)
    near = Appointment.objects.filter(
        patient=patient,
        agent=agent,
        state=AppointmentState.BOOKED,
        starts_at__gt=now - STALE_AFTER,
        starts_at__lte=now + early,
    )
    if near.exists():
        return
    service = services[SERVICES[0].name]
    for starts_at in next_free(service, agent, patient=patient):
        try:
            booking.book(patient, agent, service=service, starts_at=starts_at, zone=patient.zone)
        except BookingError:
            continue  # somebody was faster; the next time will do
        return


def make_next_days(people: dict[str, User], services: dict[str, Service]) -> None:
    """Visits of the coming days, each at the first free time on or after the clock asked for."""
    plan = (
        ("patient@example.com", "agent2@example.com", SERVICES[1].name, 2, time(14)),
        ("patient@example.com", "agent@example.com", SERVICES[2].name, 6, time(10, 30)),
        ("patient2@example.com", "agent@example.com", SERVICES[0].name, 1, time(9)),
        ("patient2@example.com", "agent@example.com", SERVICES[3].name, 3, time(16)),
        ("patient2@example.com", "agent2@example.com", SERVICES[4].name, 5, time(15)),
        ("patient2@example.com", "agent@example.com", SERVICES[5].name, 4, time(18)),
    )
    for patient_email, agent_email, name, days, clock in plan:
        patient, agent = people[patient_email], people[agent_email]
        wanted = _in_days(days, clock, agent.zone)
        for starts_at in next_free(services[name], agent, limit=1, patient=patient, after=wanted):
            booking.book(
                patient, agent, service=services[name], starts_at=starts_at, zone=patient.zone
            )


def make_past(people: dict[str, User], services: dict[str, Service]) -> None:
    """Visits that are over, as rows, since nothing can be booked in the past."""
    plan = (
        ("patient@example.com", "agent@example.com", SERVICES[0].name, -21, time(9, 30), True),
        ("patient@example.com", "agent@example.com", SERVICES[1].name, -9, time(15), True),
        ("patient@example.com", "agent2@example.com", SERVICES[1].name, -4, time(11), False),
        ("patient2@example.com", "agent@example.com", SERVICES[2].name, -6, time(13), True),
        ("patient2@example.com", "agent2@example.com", SERVICES[0].name, -2, time(10), True),
    )
    for patient, agent, name, days, clock, took_place in plan:
        starts_at = _in_days(days, clock, people[agent].zone)
        make_past_visit(
            people[patient],
            people[agent],
            service=services[name],
            starts_at=starts_at,
            took_place=took_place,
        )


def make_note(people: dict[str, User]) -> None:
    """What the patient finds in the portal after a visit."""
    patient, agent = people["patient@example.com"], people["agent@example.com"]
    completed = Appointment.objects.filter(patient=patient, state=AppointmentState.COMPLETED)
    VisitNote.objects.create(appointment=completed.latest("starts_at"), author=agent, text=NOTE)


def make_waiting(people: dict[str, User], services: dict[str, Service]) -> None:
    """Somebody who would come on a weekend, when nobody is there for it."""
    patient, agent = people["patient2@example.com"], people["agent2@example.com"]
    today = timezone.localdate(timezone=patient.zone)
    saturday = today + timedelta(days=(5 - today.weekday()) % 7 + 7)
    waiting_list.join(
        patient,
        services[SERVICES[1].name],
        agent=agent,
        from_date=saturday,
        until_date=saturday + timedelta(days=1),
    )


@transaction.atomic
def make_past_visit(
    patient: User, agent: User, *, service: Service, starts_at: datetime, took_place: bool
) -> None:
    ends_at = starts_at + timedelta(minutes=service.duration_minutes)
    called_off = starts_at - timedelta(days=1)
    call = places.open_call(service, agent, starts_at)
    appointment = places.give_place(call, patient, zone=patient.zone, booked_by=patient)
    TakenTime.objects.filter(Q(call=call) | Q(appointment=appointment)).delete()
    Appointment.objects.filter(pk=appointment.pk).update(
        state=AppointmentState.COMPLETED if took_place else AppointmentState.CANCELLED,
        sequence=0 if took_place else 1,
        created_at=starts_at - timedelta(days=12),
        cancelled_at=None if took_place else called_off,
        cancelled_by=None if took_place else patient,
    )
    CallSession.objects.filter(pk=call.pk).update(
        state=CallState.ENDED,
        seats_taken=1 if took_place else 0,
        live_at=starts_at + timedelta(minutes=1) if took_place else None,
        ended_at=ends_at - timedelta(minutes=2) if took_place else called_off,
    )


def sign_in_table() -> str:
    """Who can sign in, as lines for a terminal."""
    rows = [(person.email, person.name, str(person.role.label)) for person in PEOPLE]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [
        "   ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    lines = [f"  {line}" for line in lines]
    rule = "-" * max(len(line) for line in lines)
    return "\n".join(
        (
            f"Demo sign-ins at {settings.PUBLIC_URL} (password of all: {PASSWORD})",
            rule,
            *lines,
            rule,
            WHAT_TO_TRY,
        )
    )


def _in_days(days: int, clock: time, zone: ZoneInfo) -> datetime:
    today = timezone.now().astimezone(zone).date()
    return datetime.combine(today + timedelta(days=days), clock, tzinfo=zone)
