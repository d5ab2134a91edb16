"""The same few people, their visit, and a way to sit down at their keyboards."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from accounts.models import ConsentText, Role, User
from calls.models import Appointment, CallSession, Service
from calls.services.scheduling import places

TEXT_VERSION = "recording-test"


@dataclass(frozen=True)
class Cast:
    """Mei visits Dr. Ada; Sam and Dr. Tomas belong to another visit."""

    mei: User
    sam: User
    ada: User
    tomas: User
    service: Service
    appointment: Appointment
    call: CallSession


def person(email: str, name: str, role: Role) -> User:
    return User.objects.create_user(email, "a long enough password", display_name=name, role=role)


def visit(patient: User, agent: User, service: Service, *, starts_at: datetime) -> Appointment:
    """A booked appointment with its open call."""
    call = places.open_call(service, agent, starts_at)
    return places.give_place(call, patient, zone=ZoneInfo("UTC"), booked_by=patient)


def make_cast() -> Cast:
    mei = person("mei@example.com", "Mei Lin", Role.PATIENT)
    sam = person("sam@example.com", "Sam Okafor", Role.PATIENT)
    ada = person("ada@example.com", "Dr. Ada Brandt", Role.AGENT)
    tomas = person("tomas@example.com", "Dr. Tomas Ruiz", Role.AGENT)
    service = Service.objects.create(name="Consultation", duration_minutes=30)
    service.agents.set([ada, tomas])
    ConsentText.objects.create(
        version=TEXT_VERSION, language="en", title="Recording", body="May we record this visit?"
    )
    start = timezone.now() + timedelta(minutes=5)
    appointment = visit(mei, ada, service, starts_at=start)
    visit(sam, tomas, service, starts_at=start)
    return Cast(mei, sam, ada, tomas, service, appointment, appointment.call)


def session_cookie(user: User) -> str:
    """A signed-in session as the value of a Cookie header."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


@pytest.fixture
def cast(transactional_db: None, redis_url: str) -> Cast:
    """The cast in a database that threads and other processes see too."""
    return make_cast()
