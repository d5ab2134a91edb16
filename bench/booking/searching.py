"""`python -m bench.booking.searching N`: makes a house with N appointments and searches in it.

A thousand of them lie in the ninety days to come, everything else in the three years before. Each
line of the standard input is one search, answered with one line of JSON.
"""

import json
import random
import sys
import time
from datetime import UTC, datetime, timedelta
from datetime import time as clock
from typing import Any
from uuid import uuid4

import django

AGENTS, DAYS, COMING = 50, 90, 1_000
ZONES = ("Europe/Berlin", "Europe/London", "America/New_York", "Asia/Shanghai", "Australia/Sydney")
BATCH = 2_000


def main() -> None:
    django.setup()
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    service = make_house(int(sys.argv[1]))
    print("ready", flush=True)
    for _line in sys.stdin:
        print(json.dumps(search(service)), flush=True)


def make_house(appointments: int) -> Any:
    """The service; the same house each time, but for how much is past."""
    from accounts.models import Role, User
    from calls.models import Availability, Service

    dice = random.Random(7)
    service = Service.objects.create(name="Bench", duration_minutes=20, horizon_days=DAYS + 1)
    agents = [
        User(
            email=f"agent{number}@bench.invalid",
            display_name=f"Agent {number}",
            role=Role.AGENT,
            time_zone=dice.choice(ZONES),
            holiday_place=dice.choice(("", "DE-BE", "US-NY")),
        )
        for number in range(AGENTS)
    ]
    patients = [
        User(email=f"patient{number}@bench.invalid", display_name="Patient")
        for number in range(500)
    ]
    User.objects.bulk_create([*agents, *patients])
    service.agents.set(agents)
    Availability.objects.bulk_create(
        Availability(agent=agent, weekday=day, starts=clock(start), ends=clock(start + 4))
        for agent in agents
        for day in range(5)
        for start in (dice.choice((8, 9)), 13)
    )
    _fill(service, agents, patients, COMING, past=False)
    _fill(service, agents, patients, appointments - COMING, past=True)
    return service


def search(service: Any) -> dict[str, float | int]:
    from zoneinfo import ZoneInfo

    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from calls.services.scheduling.free_times import free_times
    from calls.services.scheduling.hours import Window

    now = timezone.now()
    window = Window(now, now + timedelta(days=DAYS))
    begun = time.perf_counter()
    days = free_times(service, None, window, ZoneInfo("Europe/Berlin"))
    millis = (time.perf_counter() - begun) * 1000
    with CaptureQueriesContext(connection) as queries:
        free_times(service, None, window, ZoneInfo("Europe/Berlin"))
    starts = sum(len(day.times) for day in days)
    return {"millis": millis, "queries": len(queries), "starts": starts}


def _fill(service: Any, agents: Any, patients: Any, count: int, *, past: bool) -> None:
    """So many visits, each agent's one after another, so that none overlaps."""
    from calls.models import Appointment, CallSession, TakenTime
    from calls.states import AppointmentState, CallState

    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    each = -(-count // len(agents)) if count else 0
    step = timedelta(days=3 * 365 if past else DAYS - 2) / max(each, 1)
    calls, visits, taken = [], [], []
    for number in range(count):
        turn, agent = divmod(number, len(agents))
        starts_at = today + timedelta(days=1) + step * turn
        if past:
            starts_at -= timedelta(days=3 * 365 + 2)
        span = {"starts_at": starts_at, "ends_at": starts_at + timedelta(minutes=20)}
        over = {"state": CallState.ENDED, "ended_at": span["ends_at"]} if past else {}
        who = {"service": service, "agent": agents[agent]}
        call = CallSession(id=uuid4(), seats_taken=1, **who, **span, **over)
        visit = Appointment(
            id=uuid4(), call=call, patient=patients[number % len(patients)], booked_zone="UTC",
            state=AppointmentState.COMPLETED if past else AppointmentState.BOOKED, **who, **span,
        )  # fmt: skip
        calls.append(call)
        visits.append(visit)
        if not past:
            taken.append(TakenTime(person=agents[agent], call=call, **span))
    CallSession.objects.bulk_create(calls, batch_size=BATCH)
    Appointment.objects.bulk_create(visits, batch_size=BATCH)
    TakenTime.objects.bulk_create(taken, batch_size=BATCH)


if __name__ == "__main__":
    main()
