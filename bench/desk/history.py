"""`python -m bench.desk.history AGENTS CONTACTS DAYS`: a desk at the end of its day, with a past.

Today's contacts are made row by row; every day before is a copy of them that the database makes.
Each line of the standard input is one look at the wallboard, answered with one line of JSON.
"""

import json
import random
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import django

QUEUES, GUESTS, WAITING, TALKING = 10, 500, 100, 60
MIDNIGHT = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
NOW = MIDNIGHT + timedelta(hours=23)


def main() -> None:
    django.setup()
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    agents, contacts, days = (int(argument) for argument in sys.argv[1:])
    make_today(agents, contacts)
    copy_to_the_past(days - 1)
    print("ready", flush=True)
    for _line in sys.stdin:
        print(json.dumps(look()), flush=True)


def look() -> dict[str, float | int]:
    """What the page reads: how long it took, how many queries, how many contacts there are."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from calls.models import QueueEntry
    from calls.services.desk.alerts import open_alerts
    from calls.services.desk.wallboard import Choice, board

    begun = time.perf_counter()
    board(ZoneInfo("UTC"), Choice(), NOW)
    list(open_alerts())
    millis = (time.perf_counter() - begun) * 1000
    with CaptureQueriesContext(connection) as queries:
        board(ZoneInfo("UTC"), Choice(), NOW)
        list(open_alerts())
    return {"millis": millis, "queries": len(queries), "contacts": QueueEntry.objects.count()}


def make_today(agents: int, contacts: int) -> None:
    """Contacts from midnight until 23:00, the last of which still wait or talk."""
    from accounts.models import Role, User
    from calls.models import DeskAgent, Queue, Service

    dice = random.Random(7)
    service = Service.objects.create(name="Bench", duration_minutes=15)
    queues = Queue.objects.bulk_create(
        Queue(name=f"Queue {number}", slug=f"queue-{number}", service=service)
        for number in range(QUEUES)
    )
    crew = User.objects.bulk_create(
        User(email=f"{uuid4().hex}@bench.invalid", display_name="Agent", role=Role.AGENT)
        for _ in range(agents)
    )
    members = Queue.agents.through
    members.objects.bulk_create(
        members(queue=queue, user=agent) for agent in crew for queue in dice.sample(queues, 3)
    )
    DeskAgent.objects.bulk_create(
        DeskAgent(user=agent, state=dice.choice(("available", "busy", "after_call", "break")))
        for agent in crew
    )
    guests = User.objects.bulk_create(
        User(email=f"{uuid4().hex}@guests.invalid", display_name="Guest", role=Role.GUEST)
        for _ in range(GUESTS)
    )
    _make_contacts(dice, contacts, queues=queues, crew=crew, guests=guests)


def _make_contacts(dice: random.Random, count: int, *, queues: Any, crew: Any, guests: Any) -> None:
    from calls.models import CallSession, QueueEntry

    calls, entries = [], []
    step = timedelta(hours=23) / count
    for number in range(count):
        arrived = MIDNIGHT + step * number
        answered = arrived + timedelta(seconds=dice.randint(3, 300))
        ended = answered + timedelta(seconds=dice.randint(60, 900))
        fields: dict[str, Any] = {"state": "done", "answered_at": answered, "ended_at": ended}
        if number >= count - WAITING:
            fields = {"state": "waiting"}
        elif number >= count - WAITING - TALKING:
            fields = {"state": "answered", "answered_at": answered}
        elif dice.random() < 0.1:
            fields = {"state": "left", "ended_at": answered}
        if "answered_at" in fields:
            fields["agent"] = dice.choice(crew)
        is_over = "ended_at" in fields
        call = CallSession(
            state="ended" if is_over else "open", ended_at=fields["ended_at"] if is_over else None
        )
        calls.append(call)
        entries.append(
            QueueEntry(
                queue=queues[number % len(queues)], call=call, person=guests[number % len(guests)],
                name="Guest", arrived_at=arrived, queued_at=arrived, **fields,
            )
        )  # fmt: skip
    CallSession.objects.bulk_create(calls)
    QueueEntry.objects.bulk_create(entries)


def copy_to_the_past(days: int) -> None:
    """Today's contacts that are over and their calls, once for each of so many days before."""
    from django.db import connection, transaction

    from calls.models import CallSession, QueueEntry

    with transaction.atomic(), connection.cursor() as cursor:
        for model, since in ((CallSession, "created_at"), (QueueEntry, "arrived_at")):
            statement = _copy(model, since)
            for day in range(1, days + 1):
                cursor.execute(statement.replace("@day", str(day)))
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def _copy(model: Any, since: str) -> str:
    """Ids begin with the number of the day, and a call's with the same as its contact's."""
    from django.db import connection, models

    is_sqlite = connection.vendor == "sqlite"
    columns, values = [], []
    for field in model._meta.concrete_fields:
        column = f'"{field.column}"'
        columns.append(column)
        if field.column in ("id", "call_id"):
            values.append(
                f"printf('%08x', @day) || substr({column}, 9)"
                if is_sqlite
                else f"(lpad(to_hex(@day), 8, '0') || substr({column}::text, 9))::uuid"
            )
        elif isinstance(field, models.DateTimeField):
            values.append(
                f"strftime('%Y-%m-%d %H:%M:%f', {column}, '-@day days')"
                if is_sqlite
                else f"{column} - interval '@day days'"
            )
        else:
            values.append(column)
    table = model._meta.db_table
    return (
        f'INSERT INTO "{table}" ({", ".join(columns)}) SELECT {", ".join(values)} '
        f"FROM \"{table}\" WHERE ended_at IS NOT NULL AND {since} >= '{MIDNIGHT:%Y-%m-%d} 00:00:00'"
    )


if __name__ == "__main__":
    main()
