"""The figures of the desk out of the database: days computed by hand."""

from datetime import date, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from calls.models import Queue, WrapUpCode
from calls.services.desk.figures.report import AgentRow, Asked, Report, report
from tests.desk import house, past

UTC = ZoneInfo("UTC")
BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
HOUR = 3600.0


@pytest.fixture
def billing(ada: User) -> Queue:
    return house.queue(ada, target_secs=20)


def of(first: date, last: date | None = None, zone: ZoneInfo = UTC, **asked: UUID) -> Report:
    return report(Asked(first, last or first, zone, **asked))


def test_it_reports_a_day_of_an_agent(ada: User, billing: Queue) -> None:
    eight = datetime(2026, 11, 3, 8, 0, tzinfo=UTC)
    noise = WrapUpCode.objects.create(name="Noise")
    first = past.contact(billing, eight, answered_after=10, agent=ada)
    second = past.contact(billing, eight + timedelta(hours=1), answered_after=50, agent=ada)
    past.contact(billing, eight, gone_after=45)
    past.talk(first, ada, talk_secs=300, wrap_secs=60, code=noise)
    past.talk(second, ada, talk_secs=100, wrap_secs=20)
    tomas = house.person("Tomas Ruiz")
    past.talk(second, tomas, talk_secs=999, wrap_secs=0, is_consult=True)
    for entry, state in ((first, "missed"), (first, "accepted"), (second, "accepted")):
        past.rang(entry, ada, state, eight)
    past.rang(second, tomas, "declined", eight)
    past.was(ada, "available", eight, eight + timedelta(minutes=30))
    past.was(ada, "busy", eight + timedelta(minutes=30), eight + timedelta(minutes=50))
    past.was(ada, "after_call", eight + timedelta(minutes=50), eight + timedelta(hours=1))
    past.was(ada, "offline", eight + timedelta(hours=1), eight + timedelta(hours=9))
    past.said(first, 5)
    past.said(second, 3, "no")
    found = of(date(2026, 11, 3))
    [queue] = found.queues
    assert (queue.flow.offered, queue.flow.answered, queue.flow.in_target) == (3, 2, 1)
    assert queue.flow.service_level == pytest.approx(1 / 3)
    assert (queue.work.contacts, queue.work.consults) == (2, 1)
    assert (queue.work.average_talk_secs, queue.work.average_wrap_secs) == (200.0, 40.0)
    assert (queue.content.average, queue.content.csat) == (4.0, 0.5)
    mine, colleague = found.agents
    assert (mine.name, colleague.name) == ("Ada Brandt", "Tomas Ruiz")
    assert {state: count for state, count in mine.offers.items() if count} == {
        "missed": 1,
        "accepted": 2,
    }
    assert (mine.work.handle_secs, mine.flow.answered, mine.flow.in_target) == (240.0, 2, 1)
    assert mine.presence.signed_in_secs == 3600.0
    assert mine.presence.occupancy == 0.5
    assert mine.content.csat == 0.5
    assert (colleague.work.contacts, colleague.work.consults) == (0, 1)
    assert colleague.offers["declined"] == 1
    assert [(code.name, code.times, code.share) for code in found.codes] == [
        ("", 1, 0.5),
        ("Noise", 1, 0.5),
    ]
    assert (found.hours[8], found.hours[9], sum(found.hours)) == (2, 1, 3)


def test_a_contact_counts_on_the_day_of_the_zone(billing: Queue) -> None:
    midnight = datetime(2026, 3, 29, 0, 0, tzinfo=BERLIN)
    past.contact(billing, midnight - timedelta(seconds=1), answered_after=5)
    past.contact(billing, midnight, answered_after=5)
    past.contact(billing, datetime(2026, 3, 29, 23, 59, 59, tzinfo=BERLIN), answered_after=5)
    past.contact(billing, datetime(2026, 3, 30, 0, 0, tzinfo=BERLIN), answered_after=5)
    berlin = of(date(2026, 3, 28), date(2026, 3, 30), BERLIN)
    assert [day.flow.offered for day in berlin.days] == [1, 2, 1]
    # In New York it is still the evening before.
    assert [day.flow.offered for day in of(date(2026, 3, 28), zone=NEW_YORK).days] == [2]


def test_a_shift_over_the_change_of_the_clocks_has_its_true_length(ada: User) -> None:
    for day, secs in ((date(2026, 3, 29), 7 * HOUR), (date(2026, 10, 25), 9 * HOUR)):
        starts = datetime(day.year, day.month, day.day, 0, 0, tzinfo=BERLIN)
        ends = datetime(day.year, day.month, day.day, 8, 0, tzinfo=BERLIN)
        past.was(ada, "available", starts, ends)
        [row] = of(day, zone=BERLIN).agents
        assert row.presence.signed_in_secs == secs


def test_who_lost_the_connection_was_gone_from_then_on(billing: Queue) -> None:
    came = datetime(2026, 11, 3, 8, 0, tzinfo=UTC)
    away = came + timedelta(seconds=15)
    past.contact(billing, came, gone_after=135, away_since=away)
    past.contact(billing, came, gone_after=135, away_since=came + timedelta(seconds=2))
    found = of(date(2026, 11, 3)).total.flow
    assert (found.abandoned, found.short, found.longest_secs) == (1, 1, 15.0)
    assert found.abandoned_late == 0


def test_a_closed_queue_abandons_nobody(billing: Queue) -> None:
    came = datetime(2026, 11, 3, 8, 0, tzinfo=UTC)
    past.contact(billing, came, gone_after=600, state="closed")
    found = of(date(2026, 11, 3)).total.flow
    assert (found.offered, found.abandoned, found.short) == (1, 0, 0)


def test_it_narrows_to_a_queue_and_an_agent(ada: User, billing: Queue) -> None:
    tomas = house.person("Tomas Ruiz")
    other = house.queue(tomas, name="Other")
    came = datetime(2026, 11, 3, 8, 0, tzinfo=UTC)
    for queue, agent in ((billing, ada), (other, tomas), (other, ada)):
        entry = past.contact(queue, came, answered_after=5, agent=agent)
        past.talk(entry, agent, talk_secs=60, wrap_secs=0)
    past.was(ada, "busy", came, came + timedelta(hours=1))
    past.was(tomas, "busy", came, came + timedelta(hours=1))

    def names(rows: object) -> list[str]:
        return [row.name for row in rows]  # type: ignore[attr-defined]

    day = date(2026, 11, 3)
    only = of(day, queue=billing.pk)
    assert (names(only.queues), names(only.agents)) == (["Billing"], ["Ada Brandt"])
    mine = of(day, agent=ada.pk)
    assert names(mine.agents) == ["Ada Brandt"]
    row: AgentRow = mine.agents[0]
    assert (row.work.contacts, mine.total.flow.answered) == (2, 2)
    assert of(day, queue=uuid4()).is_empty


def test_it_costs_no_more_for_a_year_of_history(ada: User, billing: Queue) -> None:
    counts = []
    start = datetime(2026, 11, 3, 8, 0, tzinfo=UTC)
    for days in (1, 180):
        for number in range(days):
            at = start - timedelta(days=2 * number, minutes=days)
            entry = past.contact(billing, at, answered_after=5, agent=ada)
            past.talk(entry, ada, talk_secs=60, wrap_secs=5)
            past.rang(entry, ada, "accepted", at)
            past.said(entry, 5)
            past.was(ada, "busy", at, at + timedelta(minutes=5))
        with CaptureQueriesContext(connection) as captured:
            found = of(date(2026, 11, 3))
        counts.append(len(captured))
    assert found.total.flow.offered == 2
    assert counts == [8, 8]


@pytest.mark.parametrize(
    ("table", "index"),
    [
        ("calls_queueentry", "entry_by_day"),
        ("calls_handling", "handling_by_day"),
        ("calls_routingdecision", "decision_by_time"),
        ("calls_agentspan", "span_by_day"),
    ],
)
def test_each_range_is_read_by_its_index(billing: Queue, table: str, index: str) -> None:
    with CaptureQueriesContext(connection) as captured:
        of(date(2026, 11, 3))
    queries = [one["sql"] for one in captured if f'FROM "{table}"' in one["sql"]]
    assert queries
    explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")  # as with more rows than a test makes
        for query in queries:
            cursor.execute(f"{explain} {query}")
            plan = str(cursor.fetchall())
            # Of two indexes that serve, PostgreSQL may take either on so few rows.
            assert index in plan or "Index Cond" in plan
