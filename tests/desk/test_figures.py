"""The figures of the desk: days computed by hand, over midnight and changes of the clock."""

from datetime import date, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from calls.desk.days import counted, day_edges, half_hours, shares
from calls.desk.figures import Contact, Flow, Stretch, flow, presence_by_day, together
from calls.desk.states import AgentState, EntryKind
from calls.models import Queue, WrapUpCode
from calls.services.desk.figures.report import AgentRow, Asked, Report, report
from calls.services.desk.figures.sheet import neutral, sheet
from tests.desk import house, past

UTC = ZoneInfo("UTC")
BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
HOUR = 3600.0


def live(
    *,
    waited: float | None = None,
    gone: float | None = None,
    waits: float | None = None,
    target: int = 20,
) -> Contact:
    return Contact(
        queue=UUID(int=1),
        kind=EntryKind.LIVE,
        arrived=1000.0,
        target_secs=target,
        answered=None if waited is None else 1000.0 + waited,
        gone=None if gone is None else 1000.0 + gone,
        waited_until=None if waits is None else 1000.0 + waits,
    )


# --- Definitions ---------------------------------------------------------------------------------
def test_it_counts_a_day_as_by_hand() -> None:
    letter = Contact(UUID(int=1), EntryKind.MESSAGE, 1000.0, 20)
    callback = Contact(UUID(int=1), EntryKind.CALLBACK, 1000.0, 20, answered=5000.0)
    found = flow(
        [
            live(waited=5),
            live(waited=20),  # at the target is within it
            live(waited=21),
            live(waited=74),
            live(gone=10),  # at once
            live(gone=15),  # before the target
            live(gone=60),  # after it
            live(),  # still waits, or the queue closed
            letter,
            callback,
        ]
    )
    assert found == Flow(
        offered=8,
        answered=4,
        in_target=2,
        abandoned=2,
        abandoned_late=1,
        short=1,
        callbacks=1,
        messages=1,
        waited_secs=120.0,
        longest_secs=74.0,
    )
    assert found.service_level == pytest.approx(2 / 5)
    assert found.abandonment == pytest.approx(2 / 7)
    assert found.answer_secs == 30.0


def test_who_waits_beyond_the_target_has_missed_it_already() -> None:
    """By hand: of four, one in time; two wait beyond 20 s, one may still be in time."""
    found = flow([live(waited=20), live(waits=21), live(waits=3600), live(waits=20)])
    assert (found.offered, found.answered, found.waiting_late, found.counted) == (4, 1, 2, 3)
    assert found.service_level == pytest.approx(1 / 3)
    assert found.abandonment == 0
    assert flow([live(waits=25)]).service_level == 0
    assert flow([live(waits=20)]).service_level is None
    # Answered at last they count as before, once.
    assert flow([live(waited=20), live(waited=4000)]).service_level == 0.5


def test_a_callback_and_a_letter_wait_for_no_service_level() -> None:
    waiting = [
        Contact(UUID(int=1), kind, 1000.0, 20, waited_until=9000.0)
        for kind in (EntryKind.CALLBACK, EntryKind.MESSAGE)
    ]
    assert flow(waiting).counted == 0


def test_nobody_makes_no_figure() -> None:
    nobody = flow([])
    assert (nobody.service_level, nobody.abandonment, nobody.answer_secs) == (None, None, None)
    assert nobody.longest_secs is None
    assert flow([live(gone=3)]).abandonment is None
    assert flow([live(gone=15)]).service_level is None


def test_a_short_abandon_never_hurts_however_short_the_target() -> None:
    found = flow([live(gone=9, target=5), live(waited=3, target=5)])
    assert (found.short, found.abandoned_late, found.service_level) == (1, 0, 1.0)


# --- Days and clocks -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        (date(2026, 3, 29), BERLIN, 23),
        (date(2026, 10, 25), BERLIN, 25),
        (date(2026, 3, 8), NEW_YORK, 23),
        (date(2026, 11, 1), NEW_YORK, 25),
        (date(2026, 11, 1), BERLIN, 24),
        (date(2026, 3, 29), UTC, 24),
    ],
)
def test_a_day_is_as_long_as_its_clock_says(day: date, zone: ZoneInfo, hours: int) -> None:
    start, end = day_edges(day, day, zone)
    assert end - start == hours * HOUR
    assert len(half_hours(day, zone)) == 2 * hours + 1


def test_a_stretch_over_midnight_counts_in_both_days() -> None:
    edges = day_edges(date(2026, 11, 2), date(2026, 11, 3), BERLIN)
    starts = datetime(2026, 11, 2, 23, 30, tzinfo=BERLIN).timestamp()
    night = Stretch(uuid4(), AgentState.BUSY, starts, starts + 1.25 * HOUR)
    first, second = presence_by_day([night], edges)
    assert first.secs == {AgentState.BUSY: 1800.0}
    assert second.secs == {AgentState.BUSY: 2700.0}


@pytest.mark.parametrize(
    ("day", "zone", "secs"),
    [
        (date(2026, 3, 29), BERLIN, [86400.0, 82800.0, 86400.0]),
        (date(2026, 10, 25), BERLIN, [86400.0, 90000.0, 86400.0]),
        (date(2026, 3, 8), NEW_YORK, [86400.0, 82800.0, 86400.0]),
        (date(2026, 11, 1), NEW_YORK, [86400.0, 90000.0, 86400.0]),
    ],
)
def test_whoever_is_there_around_the_clock_has_a_day_of_23_or_25_hours(
    day: date, zone: ZoneInfo, secs: list[float]
) -> None:
    one = timedelta(days=1)
    edges = day_edges(day - one, day + one, zone)
    always = Stretch(uuid4(), AgentState.AVAILABLE, edges[0] - HOUR, edges[-1] + HOUR)
    assert [day.signed_in_secs for day in presence_by_day([always], edges)] == secs


def test_the_hour_that_comes_twice_counts_twice() -> None:
    # 02:30 of Berlin's 25-hour day, summer time and an hour later winter time.
    first = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN).timestamp()
    edges = half_hours(date(2026, 10, 25), BERLIN)
    counts = counted([first, first + HOUR, edges[0] - 1, edges[-1]], edges)
    assert (counts[5], counts[7], sum(counts)) == (1, 1, 2)


def test_occupancy_is_work_in_signed_in_time() -> None:
    edges = (0.0, 10 * HOUR)
    who = uuid4()
    parts = (
        (AgentState.AVAILABLE, 0, 2),
        (AgentState.BUSY, 2, 5),
        (AgentState.AFTER_CALL, 5, 6),
        (AgentState.BREAK, 6, 8),
        (AgentState.OFFLINE, 8, 10),
    )
    stretches = [Stretch(who, state, start * HOUR, end * HOUR) for state, start, end in parts]
    found = together(presence_by_day(stretches, edges))
    assert found.signed_in_secs == 8 * HOUR
    assert found.occupancy == 0.5
    assert together([]).occupancy is None


def test_a_stretch_outside_of_the_days_counts_nowhere() -> None:
    assert shares(0, 5, (10, 20)) == []
    assert shares(25, 30, (10, 20)) == []
    assert shares(5, 30, (10, 20, 24)) == [(0, 10), (1, 4)]


# --- From the database ---------------------------------------------------------------------------
@pytest.fixture
def ada(db: None) -> User:
    return house.person("Ada Brandt")


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


# --- Files ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_a_text_that_begins_like_a_formula_stays_a_text(start: str) -> None:
    assert neutral(f"{start}1+1") == f"'{start}1+1"


def test_numbers_stay_numbers() -> None:
    assert [neutral(cell) for cell in (-5, 0, 2.5, -0.5, None, "a=b")] == [
        *(-5, 0, 2.5, -0.5),
        "",
        "a=b",
    ]


def test_a_file_opens_in_a_spreadsheet() -> None:
    written = sheet(["Queue", "Came"], [['=HYPERLINK("x")', 3], ['王, "Lin"', None]])
    assert written.decode("utf-8") == (
        '\ufeffQueue,Came\r\n"\'=HYPERLINK(""x"")",3\r\n"王, ""Lin""",\r\n'
    )
