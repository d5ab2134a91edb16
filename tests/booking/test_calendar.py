"""The calendar file, read back by a parser."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import available_timezones

import pytest
from icalendar import Calendar

from accounts.models import User
from calls.models import Appointment
from calls.services.calendar import calendar_file
from calls.services.scheduling import changing
from tests.booking import house

pytestmark = pytest.mark.django_db


@pytest.fixture
def appointment() -> Appointment:
    consultation = house.service()
    return house.visit(
        house.person("mei"),
        house.agent(service=consultation),
        of=consultation,
        starts_at=house.tomorrow(),
    )


def read(
    appointment: Appointment, zone: str = "Europe/Berlin", *, viewer: User | None = None
) -> tuple[Any, Any]:
    """The calendar and its one event, as another program reads the file."""
    appointment.booked_zone = zone
    content = calendar_file(appointment, viewer=viewer or appointment.patient)
    calendar = Calendar.from_ical(content.decode())
    (event,) = calendar.walk("VEVENT")
    return calendar, event


def test_it_says_when_in_the_persons_own_zone(appointment: Appointment) -> None:
    calendar, event = read(appointment)
    assert event["DTSTART"].params["TZID"] == "Europe/Berlin"
    assert event.start.astimezone(UTC) == appointment.starts_at
    assert event.end.astimezone(UTC) == appointment.ends_at
    (zone,) = calendar.walk("VTIMEZONE")
    assert zone["TZID"] == "Europe/Berlin"


def test_it_needs_no_zone_for_utc(appointment: Appointment) -> None:
    calendar, event = read(appointment, "UTC")
    assert event.to_ical().count(b"TZID") == 0
    assert event.start == appointment.starts_at
    assert not calendar.walk("VTIMEZONE")


def test_it_names_the_visit_and_where_it_is(appointment: Appointment) -> None:
    calendar, event = read(appointment)
    assert str(event["SUMMARY"]) == "Video visit with Ada"
    assert str(event["URL"]) == f"http://testserver/appointments/{appointment.pk}/"
    assert "Consultation" not in calendar.to_ical().decode()
    assert (str(calendar["METHOD"]), str(event["STATUS"])) == ("PUBLISH", "CONFIRMED")
    (alarm,) = event.walk("VALARM")
    assert alarm["TRIGGER"].dt == timedelta(minutes=-10)


def test_it_takes_a_cancelled_visit_out_under_the_same_name(appointment: Appointment) -> None:
    _before, booked = read(appointment)
    changing.cancel(appointment, appointment.patient)
    calendar, event = read(appointment)
    assert event["UID"] == booked["UID"] == f"{appointment.pk}@testserver"
    assert (booked["SEQUENCE"], event["SEQUENCE"]) == (0, 1)
    assert (str(calendar["METHOD"]), str(event["STATUS"])) == ("CANCEL", "CANCELLED")
    assert event["ORGANIZER"].startswith("MAILTO:")
    assert not event.walk("VALARM")


def test_a_moved_visit_replaces_the_entry(appointment: Appointment) -> None:
    _calendar, before = read(appointment, "UTC")
    later = appointment.starts_at + timedelta(days=1, hours=2)
    mei = appointment.patient
    changing.move(appointment, None, starts_at=later, zone=mei.zone, by=mei)
    calendar, event = read(appointment, "UTC")
    assert (str(calendar["METHOD"]), event["UID"]) == ("PUBLISH", before["UID"])
    assert (before["SEQUENCE"], event["SEQUENCE"]) == (0, 1)
    assert (later - timedelta(days=1, hours=2), later) == (before.DTSTART, event.DTSTART)


def test_it_is_right_across_a_change_of_the_clocks(appointment: Appointment) -> None:
    # The second 02:30 of that night in Berlin: only the offset tells it from the first.
    appointment.starts_at = datetime(2027, 10, 31, 1, 30, tzinfo=UTC)
    appointment.ends_at = datetime(2027, 10, 31, 2, 30, tzinfo=UTC)
    _calendar, event = read(appointment)
    assert event.end.astimezone(UTC) == appointment.ends_at


def test_it_names_nobody_in_an_agents_calendar(appointment: Appointment) -> None:
    calendar, event = read(appointment, viewer=appointment.agent)
    assert str(event["SUMMARY"]) == "Video visit"
    assert "Mei" not in calendar.to_ical().decode()


@pytest.mark.parametrize("hour", [0, 1])
def test_it_tells_the_two_equal_hours_of_a_night_apart(appointment: Appointment, hour: int) -> None:
    appointment.starts_at = datetime(2027, 10, 31, hour, 30, tzinfo=UTC)
    appointment.ends_at = appointment.starts_at + timedelta(minutes=20)
    _calendar, event = read(appointment)
    assert event.start.astimezone(UTC) == appointment.starts_at
    assert event.end.astimezone(UTC) == appointment.ends_at


def test_it_is_right_in_every_zone(appointment: Appointment) -> None:
    appointment.starts_at = datetime(2027, 7, 15, 9, 30, tzinfo=UTC)
    appointment.ends_at = appointment.starts_at + timedelta(minutes=30)
    wrong = []
    for zone in sorted(available_timezones() - {"localtime"}):
        _calendar, event = read(appointment, zone)
        if event.start.astimezone(UTC) != appointment.starts_at:
            wrong.append(zone)
    assert wrong == []
