"""`python -m bench.signaling.house`: makes calls with two people each, in Parlour's own database.

A process of its own, since only it needs Django: it reads a number of calls from each line of its
standard input and answers with one line of JSON. Whoever is in these calls was admitted before,
so `enter` brings them in at once.
"""

import json
import secrets
import sys
from datetime import timedelta
from typing import Any

import django


def main() -> None:
    django.setup()
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    print("ready", flush=True)
    for line in sys.stdin:
        print(json.dumps(make_calls(int(line))), flush=True)


def make_calls(count: int) -> list[dict[str, Any]]:
    """`count` live calls: `{"call": id, "agent": {"cookie", "token"}, "patient": {...}}`."""
    from django.db import transaction
    from django.utils import timezone

    from accounts.models import Role, User
    from calls.models import Appointment, CallSession, Participant, Service
    from calls.states import CallState, ParticipantState

    now = timezone.now()
    service, _ = Service.objects.get_or_create(name="Bench", defaults={"duration_minutes": 30})
    agents, patients = _users(count, Role.AGENT), _users(count, Role.PATIENT)
    until = now + timedelta(minutes=30)
    calls = [
        CallSession(
            service=service,
            agent=agent,
            state=CallState.LIVE,
            starts_at=now,
            ends_at=until,
            live_at=now,
            seats_taken=1,
        )
        for agent in agents
    ]
    appointments = [
        Appointment(
            call=call,
            service=service,
            patient=patient,
            agent=call.agent,
            booked_zone="UTC",
            starts_at=now,
            ends_at=until,
        )
        for call, patient in zip(calls, patients, strict=True)
    ]
    people = [
        Participant(
            call=call, user=user, role=role, state=ParticipantState.ADMITTED, admitted_at=now
        )
        for role, users in (("agent", agents), ("patient", patients))
        for call, user in zip(calls, users, strict=True)
    ]
    with transaction.atomic():
        User.objects.bulk_create([*agents, *patients])
        CallSession.objects.bulk_create(calls)
        Appointment.objects.bulk_create(appointments)
        Participant.objects.bulk_create(people)
        cookies = _sign_in([*agents, *patients])
    seats = [_seat(person, cookie) for person, cookie in zip(people, cookies, strict=True)]
    return [
        {"call": str(call.pk), "agent": agent, "patient": patient}
        for call, agent, patient in zip(calls, seats[:count], seats[count:], strict=True)
    ]


def _users(count: int, role: Any) -> list[Any]:
    from accounts.models import User

    return [
        User(
            email=f"{secrets.token_hex(8)}@bench.test",
            role=role,
            display_name="Bench",
            password="!",
        )
        for _ in range(count)
    ]


def _sign_in(users: list[Any]) -> list[str]:
    """A session for each; returns their keys."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    store = SessionStore()
    rows = [
        Session(
            session_key=secrets.token_hex(16),
            expire_date=timezone.now() + timedelta(hours=1),
            session_data=store.encode(
                {
                    SESSION_KEY: str(user.pk),
                    BACKEND_SESSION_KEY: "django.contrib.auth.backends.ModelBackend",
                    HASH_SESSION_KEY: user.get_session_auth_hash(),
                }
            ),
        )
        for user in users
    ]
    Session.objects.bulk_create(rows)
    return [row.session_key for row in rows]


def _seat(person: Any, session_key: str) -> dict[str, str]:
    """What a page would know: the session's cookie, and the join token as the view mints it."""
    from django.conf import settings

    from calls.services.tokens import join_token

    token = join_token(
        user_id=person.user_id,
        account_role=person.user.role,
        session_key=session_key,
        call_id=person.call_id,
        participant_id=person.pk,
        participant_role=person.role,
    )
    return {"cookie": f"{settings.SESSION_COOKIE_NAME}={session_key}", "token": token}


if __name__ == "__main__":
    main()
