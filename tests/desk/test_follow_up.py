"""What usually comes next: rhythms of visits, and what was booked after contacts."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.desk.follow_up import (
    Booking,
    Contact,
    Rhythm,
    followed_by,
    has_lapsed,
    is_due,
    rhythm_of,
)

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
TALK, TEST = UUID(int=100), UUID(int=101)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def after(person: int, days: float, *, service: UUID = TALK) -> Booking:
    """Booked so long after the contact of forty days ago."""
    return Booking(UUID(int=person), service, ago(40 - days))


CONTACTS = [Contact(UUID(int=number), ago(40)) for number in range(6)]


def test_visits_every_six_weeks_have_a_rhythm() -> None:
    assert rhythm_of([ago(30), ago(114), ago(72)]) == Rhythm(days=42, last=ago(30))


@pytest.mark.parametrize(
    "days", [[], [30], [30, 72], [30, 40, 130], [1, 2, 3]], ids=["0", "1", "2", "uneven", "daily"]
)
def test_other_visits_have_none(days: list[int]) -> None:
    assert rhythm_of([ago(one) for one in days]) is None


@pytest.mark.parametrize(
    ("days", "due", "lapsed"), [(30, False, False), (32, True, False), (126, True, False)]
)
def test_it_is_time_from_three_quarters_on(days: int, due: bool, lapsed: bool) -> None:
    rhythm = Rhythm(days=42, last=ago(days))
    assert (is_due(rhythm, NOW), has_lapsed(rhythm, NOW)) == (due, lapsed)


def test_who_has_stopped_coming_is_left_alone() -> None:
    rhythm = Rhythm(days=42, last=ago(127))
    assert (is_due(rhythm, NOW), has_lapsed(rhythm, NOW)) == (False, True)


def test_it_counts_after_how_many_contacts_a_service_was_booked() -> None:
    bookings = [after(0, 0), after(1, 3), after(2, 14), after(3, 15), after(4, -1)]
    assert followed_by(CONTACTS, bookings, NOW) == (TALK, 3, 6)


def test_the_service_that_was_booked_most_comes_first() -> None:
    bookings = [after(one, 2) for one in range(3)]
    bookings += [after(one, 1, service=TEST) for one in range(4)]
    assert followed_by(CONTACTS, bookings, NOW) == (TEST, 4, 6)


def test_what_one_person_does_often_is_no_habit_of_the_house() -> None:
    mine = [Contact(UUID(int=1), ago(40 + 20 * number)) for number in range(4)]
    bookings = [Booking(UUID(int=1), TALK, contact.at) for contact in mine]
    assert followed_by(mine, bookings, NOW) is None


def test_what_less_than_half_do_is_none_either() -> None:
    many = [Contact(UUID(int=number), ago(40)) for number in range(7)]
    assert followed_by(many, [after(one, 1) for one in range(3)], NOW) is None


def test_contacts_of_the_last_two_weeks_do_not_count_yet() -> None:
    recent = [Contact(UUID(int=number), ago(13)) for number in range(9)]
    bookings = [after(one, 1) for one in range(3)]
    assert followed_by([*CONTACTS, *recent], bookings, NOW) == (TALK, 3, 6)


@given(st.lists(st.integers(0, 2000), max_size=8))
def test_a_rhythm_lies_between_the_shortest_and_the_longest_gap(days: list[int]) -> None:
    rhythm = rhythm_of([ago(one) for one in days])
    if rhythm is not None:
        inner = sorted(days)
        gaps = [later - earlier for earlier, later in pairwise(inner)]
        assert min(gaps) <= rhythm.days <= max(gaps)
        assert rhythm.last == ago(inner[0])
