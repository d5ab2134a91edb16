"""The figures of the desk: days computed by hand, over midnight and changes of the clock."""

from datetime import date, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from calls.desk.days import counted, day_edges, half_hours, shares
from calls.desk.figures import Contact, Flow, Stretch, flow, presence_by_day, together
from calls.desk.states import AgentState, EntryKind
from calls.services.desk.figures.sheet import neutral, sheet

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
