"""`python -m bench.desk.rounds N M`: makes a desk with N people in line and M agents, and routes.

Ten queues of different priority, each answered by a fifth of the agents; half of them ask for a
skill and for a language. Some people have been declined, some know an agent. Each line of the
standard input is one round, answered with one line of JSON.
"""

import json
import random
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import django

QUEUES, SKILLS, LANGUAGES = 10, 8, ("en", "de", "zh-hans")


def main() -> None:
    django.setup()
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    make_desk(int(sys.argv[1]), int(sys.argv[2]), random.Random(7))
    print("ready", flush=True)
    for _line in sys.stdin:
        print(json.dumps(a_round()), flush=True)


def a_round() -> dict[str, float | int]:
    from django.utils import timezone

    from calls.desk.router import route
    from calls.services.desk import routing
    from calls.services.desk.reading import read

    snapshot, read_millis, read_queries = _timed(lambda: read(timezone.now()))
    decisions, route_millis, _ = _timed(lambda: route(snapshot))
    offers, write_millis, write_queries = _timed(lambda: routing.offer_all(decisions, snapshot))
    _take_back()
    return {
        "read": read_millis,
        "read_queries": read_queries,
        "route": route_millis,
        "write": write_millis,
        "write_queries": write_queries,
        "offers": offers,
        "needs": len({one.need for one in snapshot.waiting}),
    }


def _timed(do: Callable[[], Any]) -> tuple[Any, float, int]:
    """What comes of it, how many milliseconds it took, and how many queries."""
    from django.db import connection

    asked = 0

    def count(execute: Any, *arguments: Any) -> Any:
        nonlocal asked
        asked += 1
        return execute(*arguments)

    with connection.execute_wrapper(count):
        begun = time.perf_counter()
        made = do()
        millis = (time.perf_counter() - begun) * 1000
    return made, millis, asked


def _take_back() -> None:
    from calls.models import EntryEvent, QueueEntry, RoutingDecision

    QueueEntry.objects.filter(state="ringing").update(state="waiting")
    EntryEvent.objects.all().delete()
    RoutingDecision.objects.all().delete()


def make_desk(waiting: int, agents: int, dice: random.Random) -> None:
    from accounts.models import Role, User
    from calls.models import Service

    service = Service.objects.create(name="Bench", duration_minutes=20)
    staff = User.objects.bulk_create(
        User(email=f"agent{number}@bench.invalid", display_name="Agent", role=Role.AGENT)
        for number in range(agents)
    )
    guests = User.objects.bulk_create(
        User(email=f"guest{number}@bench.invalid", display_name="Guest", role=Role.GUEST)
        for number in range(waiting)
    )
    queues = _make_queues(service, staff, dice)
    _make_line(queues, guests, staff, dice)


def _make_queues(service: Any, staff: Any, dice: random.Random) -> Any:
    from django.utils import timezone

    from calls.models import DeskAgent, Queue, Skill

    now = timezone.now()
    skills = Skill.objects.bulk_create(Skill(name=f"skill {n}") for n in range(SKILLS))
    queues = [
        Queue.objects.create(
            name=f"queue {number}",
            slug=f"queue-{number}",
            service=service,
            priority=number % 4,
            languages=list(LANGUAGES),
            language_rule="required" if number % 2 else "preferred",
        )
        for number in range(QUEUES)
    ]
    for number, queue in enumerate(queues):
        queue.agents.set(dice.sample(staff, len(staff) // 5))
        queue.preferred_skills.set(dice.sample(skills, 2))
        queue.required_skills.set(dice.sample(skills, number % 2))
    desks = DeskAgent.objects.bulk_create(
        DeskAgent(
            user=user,
            languages=dice.sample(LANGUAGES, dice.randint(1, 3)),
            state="available",
            wanted="available",
            is_connected=True,
            seen_at=now,
            idle_since=now - timedelta(seconds=dice.randint(0, 900)),
        )
        for user in staff
    )
    for desk in desks:
        desk.skills.set(dice.sample(skills, 4))
    return queues


def _make_line(queues: Any, guests: Any, staff: Any, dice: random.Random) -> None:
    from django.utils import timezone

    from calls.models import CallSession, Leg, Participant, QueueEntry, QueueOffer

    now = timezone.now()
    calls = CallSession.objects.bulk_create(CallSession(service=queues[0].service) for _ in guests)
    places = Participant.objects.bulk_create(
        Participant(call=call, user=guest, role="guest", state="waiting", waiting_since=now)
        for call, guest in zip(calls, guests, strict=True)
    )
    Leg.objects.bulk_create(Leg(participant=place, seen_at=now, entered_at=now) for place in places)
    came = [now - timedelta(seconds=dice.randint(0, 3600)) for _ in guests]
    entries = QueueEntry.objects.bulk_create(
        QueueEntry(
            queue=dice.choice(queues),
            call=call,
            person=guest,
            name="Guest",
            media=dice.choice(("video", "audio", "text")),
            language=dice.choice(LANGUAGES),
            arrived_at=at,
            queued_at=at,
            known_agent=dice.choice(staff) if dice.random() < 0.2 else None,
        )
        for call, guest, at in zip(calls, guests, came, strict=True)
    )
    later = now + timedelta(hours=1)  # a refusal that lasts through the whole run
    QueueOffer.objects.bulk_create(
        QueueOffer(
            entry=entry, agent=dice.choice(staff), kind="routed", state="declined",
            offered_at=now, rings_until=now, settled_at=later,
        )
        for entry in dice.sample(entries, len(entries) // 20)
    )  # fmt: skip


if __name__ == "__main__":
    main()
