"""The page of somebody's hours: who may change them, and what wrong input gets."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Role, User
from audit.models import AuditEntry
from calls.models import Availability, DayHours, Service, TakenTime, TimeOff
from calls.services.scheduling import week
from tests.booking import house
from tests.booking.house import text

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna(consultation: Service) -> User:
    """An agent in Berlin, there on Mondays."""
    user = house.person("anna", Role.AGENT, zone="Europe/Berlin")
    house.hours(user, 0, time(9), time(12))
    consultation.agents.add(user)
    return user


def week_of(agent: User, *shifts: tuple[int, str, str]) -> dict[str, Any]:
    return {
        "seen": week.version_of(week.week_of(agent)),
        "weekday": [str(day) for day, _start, _end in shifts],
        "starts": [start for _day, start, _end in shifts],
        "ends": [end for _day, _start, end in shifts],
    }


def post(client: Client, agent: User, what: str, sent: dict[str, Any]) -> Any:
    return client.post(f"/hours/{agent.pk}/{what}/", sent)


def test_an_agent_changes_their_week(anna: User) -> None:
    client = house.signed_in(anna)
    assert client.get("/hours/")["Location"] == f"/hours/{anna.pk}/"
    page = text(client.get(f"/hours/{anna.pk}/"))
    assert "All times are those of Europe/Berlin." in page
    assert 'value="09:00"' in page
    shifts = ((1, "08:00", "12:00"), (1, "13:30", "17:00"), (4, "", ""))
    assert post(client, anna, "week", week_of(anna, *shifts)).status_code == 302
    rows = Availability.objects.filter(agent=anna).values_list("weekday", "starts", "ends")
    assert list(rows) == [(1, time(8), time(12)), (1, time(13, 30), time(17))]


def test_only_they_and_administrators_do(anna: User, ada: User) -> None:
    chief = house.signed_in(house.person("chief", Role.ADMINISTRATOR))
    assert "Anna" in text(chief.get("/hours/"))
    assert post(chief, anna, "week", week_of(anna, (2, "10:00", "11:00"))).status_code == 302
    assert Availability.objects.get(agent=anna).weekday == 2
    boss = house.person("boss", Role.SUPERVISOR)
    for other in (ada, boss, house.person("mei")):
        client = house.signed_in(other)
        assert client.get(f"/hours/{anna.pk}/").status_code == 404
        assert post(client, anna, "week", week_of(anna)).status_code == 404
    assert house.signed_in(house.person("sam")).get("/hours/").status_code == 403
    assert Availability.objects.filter(agent=anna).exists()


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"weekday": ["0"], "starts": ["12:00"], "ends": ["09:00"]}, 400),
        ({"weekday": ["0", "0"], "starts": ["09:00", "10:00"], "ends": ["11:00", "12:00"]}, 400),
        ({"weekday": ["7"], "starts": ["09:00"], "ends": ["10:00"]}, 400),
        ({"weekday": ["0"], "starts": ["25:00"], "ends": ["26:00"]}, 400),
        ({"weekday": ["0"], "starts": ["09:00"], "ends": [""]}, 400),
        ({"weekday": ["0"], "starts": [], "ends": ["10:00"]}, 400),
        ({"weekday": ["0"] * 71, "starts": ["09:00"] * 71, "ends": ["10:00"] * 71}, 400),
        ({"seen": "outdated"}, 409),
        ({"seen": ""}, 400),
    ],
)
def test_it_takes_no_wrong_week(anna: User, sent: dict[str, Any], status: int) -> None:
    answer = post(house.signed_in(anna), anna, "week", week_of(anna) | sent)
    assert answer.status_code == status
    said = "changed somewhere else" if status == 409 else "Something is not right yet"
    assert said in text(answer)
    assert Availability.objects.get(agent=anna).starts == time(9)


def test_it_shows_what_somebody_else_saved_beside_what_was_sent(anna: User) -> None:
    client, mine = house.signed_in(anna), week_of(anna, (0, "08:00", "10:00"))
    post(client, anna, "week", week_of(anna, (3, "14:00", "16:00")))
    page = text(post(client, anna, "week", mine))
    assert 'value="14:00"' in page
    assert 'value="08:00"' not in page
    assert "Monday: 08:00–10:00" in page


def test_a_wrong_week_is_shown_as_it_was_typed_and_overwrites_nobody(anna: User) -> None:
    client = house.signed_in(anna)
    sent = week_of(anna, (0, "09:00", "12:00"), (1, "10:00", ""))
    post(client, anna, "week", week_of(anna, (3, "14:00", "16:00")))
    answer = post(client, anna, "week", sent)
    assert answer.status_code == 400
    page = text(answer)
    assert "Tuesday: each shift needs a beginning and an end" in page
    assert 'value="12:00"' in page
    assert 'value="10:00"' in page
    again = sent | {"seen": answer.context["version"], "ends": ["12:00", "11:00"]}
    assert post(client, anna, "week", again).status_code == 409
    [kept] = week.week_of(anna)
    assert kept.weekday == 3


def test_a_shift_until_midnight_ends_with_the_day(anna: User) -> None:
    sent = week_of(anna, (0, "18:00:59", "00:00"))
    assert post(house.signed_in(anna), anna, "week", sent).status_code == 302
    [shift] = week.week_of(anna)
    assert (shift.starts, shift.ends) == (time(18), time(23, 59))


def test_it_sets_single_days(anna: User) -> None:
    client, day = house.signed_in(anna), timezone.now().date() + timedelta(days=3)
    hours = {"day": f"{day}", "starts": "10:00", "ends": "11:00"}
    again = {"starts_again": "14:00", "ends_again": "15:00"}
    assert post(client, anna, "days", hours | again).status_code == 302
    assert "10:00–11:00, 14:00–15:00" in text(client.get(f"/hours/{anna.pk}/"))
    assert post(client, anna, "days", {"day": f"{day}"}).status_code == 302
    assert "Not there" in text(client.get(f"/hours/{anna.pk}/"))
    post(client, anna, "days/forget", {"date": f"{day}"})
    assert not DayHours.objects.exists()
    assert "not a date" in text(
        client.post(f"/hours/{anna.pk}/days/forget/", {"date": "x"}, follow=True)
    )


@pytest.mark.parametrize(
    "sent",
    [
        {"day": "2020-01-01"},
        {"day": "2999-01-01"},
        {"day": "2027-02-30"},
        {"day": ""},
        {"starts": "10:00"},
        {"starts": "10:00", "ends": "09:00"},
        {"starts": "10:00", "ends": "12:00", "starts_again": "11:00", "ends_again": "13:00"},
    ],
)
def test_it_sets_no_wrong_day(anna: User, sent: dict[str, str]) -> None:
    day = timezone.now().date() + timedelta(days=3)
    answer = post(house.signed_in(anna), anna, "days", {"day": f"{day}"} | sent)
    assert answer.status_code == 400
    assert not DayHours.objects.exists()


def test_time_off_is_meant_where_the_agent_is(anna: User) -> None:
    chief = house.signed_in(house.person("chief", Role.ADMINISTRATOR, zone="America/New_York"))
    year = timezone.now().year + 1
    sent = {"starts_at": f"{year}-07-01T09:00", "ends_at": f"{year}-07-02T17:00", "note": "Lake"}
    assert post(chief, anna, "time-off", sent).status_code == 302
    away = TimeOff.objects.get(agent=anna)
    assert f"{away.starts_at:%Y-%m-%d %H:%M}" == f"{year}-07-01 07:00"
    assert TakenTime.objects.filter(time_off=away).exists()
    page = text(house.signed_in(anna).get(f"/hours/{anna.pk}/"))
    assert "Lake" in page
    assert "09:00" in page
    client = house.signed_in(anna)
    client.post(f"/time-off/{away.pk}/give-back/")
    assert not TimeOff.objects.exists()


def test_time_off_is_counted_by_the_clock_of_physics(anna: User) -> None:
    """02:30 does not exist that night in Berlin; read as 03:30 it is after 03:15."""
    sent = {"starts_at": "2027-03-28T02:30", "ends_at": "2027-03-28T03:15"}
    assert post(house.signed_in(anna), anna, "time-off", sent).status_code == 400
    assert not TimeOff.objects.exists()


def test_time_off_names_the_visit_in_the_way(ada: User, mei: User, consultation: Service) -> None:
    house.visit(mei, ada, of=consultation, starts_at=house.tomorrow())
    day = house.tomorrow().date()
    sent = {"starts_at": f"{day}T08:00", "ends_at": f"{day}T18:00"}
    answer = post(house.signed_in(ada), ada, "time-off", sent)
    assert answer.status_code == 409
    assert "In the way" in text(answer)
    assert "Consultation" in text(answer)
    assert not TimeOff.objects.exists()


@pytest.mark.parametrize(
    "sent",
    [
        {"starts_at": "2020-01-01T00:00", "ends_at": "2020-01-02T00:00"},
        {"ends_at": "2026-01-01T00:00"},
        {"starts_at": "9999-12-31T23:59"},
        {"starts_at": "rubbish"},
        {"starts_at": "2027-01-01T00:00Z"},
        {"note": "x" * 121},
    ],
)
def test_nobody_takes_impossible_time_off(anna: User, sent: dict[str, str]) -> None:
    day = timezone.now().date() + timedelta(days=3)
    usual = {"starts_at": f"{day}T08:00", "ends_at": f"{day}T18:00"}
    answer = post(house.signed_in(anna), anna, "time-off", usual | sent)
    assert answer.status_code == 400
    assert not TimeOff.objects.exists()


def test_it_keeps_the_holidays_of_a_place(anna: User) -> None:
    client = house.signed_in(anna)
    assert post(client, anna, "holidays", {"holiday_place": "de-be"}).status_code == 302
    anna.refresh_from_db()
    assert anna.holiday_place == "DE-BE"
    assert AuditEntry.objects.get(action="hours.holidays").data == {"place": "DE-BE"}
    assert "Neujahr" in text(client.get(f"/hours/{anna.pk}/"))
    answer = post(client, anna, "holidays", {"holiday_place": "Atlantis"})
    assert answer.status_code == 400
    anna.refresh_from_db()
    assert anna.holiday_place == "DE-BE"


def test_it_takes_few_queries_however_much_there_is(anna: User) -> None:
    client, counts = house.signed_in(anna), []
    for days in (1, 30):
        for number in range(days):
            DayHours.objects.get_or_create(
                agent=anna, date=date(timezone.now().year + 1, 1, 1) + timedelta(days=number)
            )
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/hours/{anna.pk}/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12
