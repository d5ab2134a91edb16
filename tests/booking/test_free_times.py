"""Free times: opening hours in the agent's zone, seen in the viewer's."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts.models import Role, User
from calls.models import Service
from calls.services.scheduling.free_times import first_free_of_each, free_times, next_free
from calls.services.scheduling.hours import Window
from tests.booking import house

pytestmark = pytest.mark.django_db

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Now is Sunday, 14 February 2027, noon UTC."""
    now = datetime(2027, 2, 14, 12, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: now)


@pytest.fixture
def consultation() -> Service:
    return house.service(minutes=30)


def open_hours(zone: str, weekday: int, starts: time, ends: time, of: Service) -> User:
    user = house.person("ada", Role.AGENT, zone=zone)
    house.hours(user, weekday, starts, ends)
    of.agents.add(user)
    return user


def day_of(zone: ZoneInfo, year: int, month: int, day: int) -> Window:
    start = datetime(year, month, day, tzinfo=zone)
    return Window(start.astimezone(UTC), (start + timedelta(days=1)).astimezone(UTC))


def clocks(service: Service, agent: User, window: Window, zone: ZoneInfo) -> list[str]:
    days = free_times(service, agent, window, zone)
    return [moment.strftime("%H:%M %z") for day in days for moment in day.times]


def test_it_shows_hours_of_the_agents_zone_in_the_viewers(at: None, consultation: Service) -> None:
    tomas = open_hours("America/New_York", 0, time(9), time(10), consultation)
    found = clocks(consultation, tomas, day_of(BERLIN, 2027, 2, 15), BERLIN)
    assert found == ["15:00 +0100", "15:30 +0100"]


def test_it_follows_each_zones_own_change_of_the_clocks(at: None, consultation: Service) -> None:
    # From 14 to 28 March New York is five hours behind Berlin, not six.
    tomas = open_hours("America/New_York", 0, time(9), time(9, 30), consultation)
    found = clocks(consultation, tomas, day_of(BERLIN, 2027, 3, 15), BERLIN)
    assert found == ["14:00 +0100"]


def test_it_leaves_out_the_hour_that_spring_takes(at: None, consultation: Service) -> None:
    ada = open_hours("Europe/Berlin", 6, time(1), time(4), consultation)
    found = clocks(consultation, ada, day_of(BERLIN, 2027, 3, 28), BERLIN)
    assert found == ["01:00 +0100", "01:30 +0100", "03:00 +0200", "03:30 +0200"]


def test_it_offers_the_hour_that_autumn_gives_twice(
    monkeypatch: pytest.MonkeyPatch, consultation: Service
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: datetime(2027, 10, 30, tzinfo=UTC))
    ada = open_hours("Europe/Berlin", 6, time(2), time(3), consultation)
    found = clocks(consultation, ada, day_of(BERLIN, 2027, 10, 31), BERLIN)
    assert found == ["02:00 +0200", "02:30 +0200", "02:00 +0100", "02:30 +0100"]


def test_it_moves_a_shift_that_begins_in_the_gap(at: None, consultation: Service) -> None:
    ada = open_hours("Europe/Berlin", 6, time(2, 30), time(4), consultation)
    found = clocks(consultation, ada, day_of(BERLIN, 2027, 3, 28), BERLIN)
    assert found == ["03:30 +0200"]


def test_it_reads_a_shift_until_2359_as_one_until_midnight(at: None, consultation: Service) -> None:
    ada = open_hours("UTC", 0, time(23), time(23, 59), consultation)
    utc = ZoneInfo("UTC")
    assert clocks(consultation, ada, day_of(utc, 2027, 2, 15), utc) == [
        "23:00 +0000",
        "23:30 +0000",
    ]


def test_it_lets_a_long_visit_cross_midnight_between_touching_shifts(at: None) -> None:
    long = house.service("Long", minutes=60)
    ada = house.agent(service=long)
    utc = ZoneInfo("UTC")
    assert clocks(long, ada, day_of(utc, 2027, 2, 15), utc)[-1] == "23:30 +0000"


def test_it_offers_nothing_that_does_not_fit_before_closing(at: None) -> None:
    long = house.service("Long", minutes=50)
    ada = open_hours("UTC", 0, time(9), time(10, 30), long)
    utc = ZoneInfo("UTC")
    assert clocks(long, ada, day_of(utc, 2027, 2, 15), utc) == ["09:00 +0000", "09:30 +0000"]


def test_it_leaves_out_booked_times_and_all_that_overlap_them(
    at: None, consultation: Service
) -> None:
    ada = open_hours("UTC", 0, time(9), time(11), consultation)
    start = datetime(2027, 2, 15, 9, 15, tzinfo=UTC)
    house.visit(house.person("mei"), ada, of=consultation, starts_at=start)
    utc = ZoneInfo("UTC")
    found = clocks(consultation, ada, day_of(utc, 2027, 2, 15), utc)
    assert found == ["10:00 +0000", "10:30 +0000"]


def test_it_offers_a_cancelled_time_again(at: None, consultation: Service) -> None:
    ada = open_hours("UTC", 0, time(9), time(9, 30), consultation)
    start = datetime(2027, 2, 15, 9, tzinfo=UTC)
    house.visit(house.person("mei"), ada, of=consultation, starts_at=start, state="cancelled")
    utc = ZoneInfo("UTC")
    assert clocks(consultation, ada, day_of(utc, 2027, 2, 15), utc) == ["09:00 +0000"]


def test_it_offers_nothing_in_the_past(at: None, consultation: Service) -> None:
    ada = open_hours("UTC", 6, time(11), time(13), consultation)
    utc = ZoneInfo("UTC")
    # Noon itself has begun.
    assert clocks(consultation, ada, day_of(utc, 2027, 2, 14), utc) == ["12:30 +0000"]


def test_it_leaves_out_times_at_which_the_patient_is_busy(at: None, consultation: Service) -> None:
    ada = open_hours("UTC", 0, time(9), time(10), consultation)
    mei, tomas = house.person("mei"), house.agent("tomas")
    start = datetime(2027, 2, 15, 9, tzinfo=UTC)
    house.visit(mei, tomas, of=consultation, starts_at=start)
    window = day_of(ZoneInfo("UTC"), 2027, 2, 15)
    days = free_times(consultation, ada, window, ZoneInfo("UTC"), patient=mei)
    assert [moment.hour * 60 + moment.minute for moment in days[0].times] == [570]


def test_it_joins_the_times_of_all_who_offer_a_service(at: None, consultation: Service) -> None:
    open_hours("UTC", 0, time(9), time(10), consultation)
    tomas = house.person("tomas", Role.AGENT)
    house.hours(tomas, 0, time(9, 30), time(10, 30))
    consultation.agents.add(tomas)
    days = free_times(consultation, None, day_of(ZoneInfo("UTC"), 2027, 2, 15), ZoneInfo("UTC"))
    assert [f"{moment:%H:%M}" for moment in days[0].times] == ["09:00", "09:30", "10:00"]


def test_it_names_the_next_free_times_and_stops_at_the_horizon(
    at: None, consultation: Service
) -> None:
    ada = open_hours("UTC", 0, time(9), time(9, 30), consultation)
    found = next_free(consultation, ada, limit=100)
    assert found[0] == datetime(2027, 2, 15, 9, tzinfo=UTC)
    assert len(found) == 9  # the Mondays of sixty days


def test_it_asks_the_database_a_constant_number_of_times(
    at: None, consultation: Service, django_assert_num_queries: object
) -> None:
    ada = house.agent(service=consultation)
    mei = house.person("mei")
    for name in ("tomas", "ines", "sam"):
        house.agent(name, service=consultation)
    for hour in range(9, 17):
        start = datetime(2027, 2, 15, hour, tzinfo=UTC)
        house.visit(mei, ada, of=consultation, starts_at=start)
    window = Window(timezone.now(), timezone.now() + timedelta(days=14))
    with django_assert_num_queries(4):  # type: ignore[operator]
        free_times(consultation, None, window, NEW_YORK)
    with django_assert_num_queries(4):  # type: ignore[operator]
        first_free_of_each(consultation, patient=mei)
