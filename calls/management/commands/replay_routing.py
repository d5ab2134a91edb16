"""`manage.py replay_routing --day 2026-11-30 --policy first-come`: a day under another policy."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.preferences import known_zone, zone_of
from calls.desk.replay import Outcome, changes, replay
from calls.desk.snapshot import POLICIES, Policy
from calls.desk.waits import Wait, Waits, summed_up
from calls.models import Queue
from calls.services.desk.recorded import RecordedDay, recorded_day


@dataclass(frozen=True)
class Row:
    """The waits of one queue, or of all: as recorded, and replayed before and after the change."""

    queue: str
    recorded: Waits
    before: Waits
    after: Waits


class Command(BaseCommand):
    help = (
        "Run a day of the desk again, as it was and under another policy, and compare how long "
        "people would have waited. Nothing is changed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--day", required=True, help="such as 2026-11-30")
        parser.add_argument("--policy", required=True, help=", ".join(sorted(POLICIES)))
        parser.add_argument("--queue", help="the short name of the only queue to tell of")
        parser.add_argument("--zone", help="where the day begins and ends; else the queue's zone")
        parser.add_argument("--json", action="store_true", help="print everything as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        policy, day = _policy(options["policy"]), _day(options["day"])
        queue = _queue(options["queue"])
        zone = _zone(options["zone"], queue)
        recorded = recorded_day(day, zone)
        wanted = {pk for pk in recorded.live if queue in (None, recorded.came_to[pk])}
        if not wanted:
            where = f" to {queue.name}" if queue else ""
            raise CommandError(f"Nobody came{where} on {day} ({zone.key}).")
        before = POLICIES[recorded.policy]
        told = {
            "day": day.isoformat(),
            "zone": zone.key,
            "before": before.name,
            "after": policy.name,
            "changes": changes(before, policy),
            "contacts": len(recorded.contacts),
            "agents": len(recorded.staff),
        }
        rows = list(_rows(recorded, wanted, [recorded.outcomes, *_replayed(recorded, policy)]))
        if options["json"]:
            self.stdout.write(json.dumps({**told, "rows": [asdict(row) for row in rows]}, indent=1))
        else:
            self._print(told, rows)

    def _print(self, told: dict[str, Any], rows: list[Row]) -> None:
        self.stdout.write(
            "{day} ({zone}), contacts: {contacts}, agents: {agents}. {changes}".format(**told)
        )
        self.stdout.write("Offers that were declined or missed count as accepted in the replays.")
        heads = ("recorded", told["before"], told["after"], "difference")
        for row in rows:
            self.stdout.write("")
            title = f"{row.queue} ({row.recorded.people})"
            self.stdout.write(f"{title:<28}" + "".join(f"{head:>17}" for head in heads))
            for name, cells in _lines(row):
                self.stdout.write(f"  {name:<26}" + "".join(f"{cell:>17}" for cell in cells))


def _replayed(recorded: RecordedDay, policy: Policy) -> Iterator[dict[UUID, Outcome]]:
    """What became of everybody under the policy of the day, and under the other."""
    for one in (POLICIES[recorded.policy], policy):
        yield replay(recorded.contacts, recorded.staff, one, until=recorded.ends)


def _rows(
    recorded: RecordedDay, wanted: set[UUID], outcomes: list[dict[UUID, Outcome]]
) -> Iterator[Row]:
    """One for each queue by its name, and one for all of them if they are several."""
    queues = {recorded.came_to[pk] for pk in wanted}
    for queue in sorted(queues, key=lambda one: one.name):
        inside = {pk for pk in wanted if recorded.came_to[pk] == queue}
        yield Row(queue.name, *(_waits(recorded, inside, each) for each in outcomes))
    if len(queues) > 1:
        yield Row("All queues", *(_waits(recorded, wanted, each) for each in outcomes))


def _waits(recorded: RecordedDay, wanted: set[UUID], outcomes: dict[UUID, Outcome]) -> Waits:
    return summed_up(
        [
            Wait(
                outcomes[pk].waited_secs,
                is_answered=outcomes[pk].agent is not None,
                target_secs=float(recorded.came_to[pk].target_secs),
            )
            for pk in wanted
        ]
    )


def _lines(row: Row) -> Iterator[tuple[str, list[str]]]:
    three = (row.recorded, row.before, row.after)
    for name, secs in (
        ("median wait", [one.median_secs for one in three]),
        ("90th percentile", [one.ninetieth_secs for one in three]),
        ("longest wait", [one.longest_secs for one in three]),
    ):
        yield name, [*map(_clock, secs), _clock(_difference(secs), sign="+")]
    for name, shares in (
        ("answered within target", [one.in_target for one in three]),
        ("gave up", [one.gave_up for one in three]),
    ):
        yield name, [*map(_percent, shares), _percent(_difference(shares), sign="+")]


def _difference(figures: list[float | None]) -> float | None:
    _, before, after = figures
    return None if before is None or after is None else after - before


def _clock(secs: float | None, *, sign: str = "") -> str:
    """Minutes and seconds; with `sign` "+" as a difference."""
    if secs is None:
        return "–"
    minutes, rest = divmod(round(abs(secs)), 60)
    mark = "-" if round(secs) < 0 else sign
    return f"{mark}{minutes}:{rest:02}"


def _percent(share: float | None, *, sign: str = "") -> str:
    return "–" if share is None else f"{share * 100:{sign}.1f} %"


def _policy(name: str) -> Policy:
    if name not in POLICIES:
        known = ", ".join(sorted(POLICIES))
        raise CommandError(f"There is no policy {name}. There is: {known}.")
    return POLICIES[name]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{text} is no day; write it as 2026-11-30.") from error


def _queue(slug: str | None) -> Queue | None:
    if slug is None:
        return None
    found = Queue.objects.filter(slug=slug).first()
    if found is None:
        known = ", ".join(Queue.objects.order_by("slug").values_list("slug", flat=True)) or "none"
        raise CommandError(f"There is no queue {slug}. There is: {known}.")
    return found


def _zone(name: str | None, queue: Queue | None) -> ZoneInfo:
    """As given; else the queue's, or the one that all queues have; else the house's."""
    if name is not None:
        if known_zone(name) is None:
            raise CommandError(f"There is no time zone {name}; write it as Europe/Berlin.")
        return ZoneInfo(name)
    if queue is not None:
        return zone_of(queue.time_zone)
    zones = set(Queue.objects.order_by().values_list("time_zone", flat=True))
    return zone_of(zones.pop() if len(zones) == 1 else settings.TIME_ZONE)
