"""A series: six weeks at the same clock, all of them or none."""

from datetime import UTC, datetime, time, timedelta
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts.models import User
from calls.models import Appointment, DayHours, Notice, Service
from calls.services.scheduling import series, zone_rules
from calls.services.scheduling.errors import SlotTaken
from tests.booking import house

pytestmark = pytest.mark.django_db

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def consultation() -> Service:
    return house.service(horizon_days=90)


def test_it_keeps_the_clock_over_a_change(ada: User, mei: User, consultation: Service) -> None:
    start = datetime(2027, 3, 16, 9, tzinfo=BERLIN)
    with patch.object(timezone, "now", return_value=datetime(2027, 3, 1, tzinfo=UTC)):
        dates = series.plan(consultation, ada, start, zone=BERLIN, count=4, patient=mei)
        visits = series.book(
            mei,
            ada,
            [one.starts_at for one in dates if one.starts_at],
            service=consultation,
            zone=BERLIN,
        )
    assert [visit.starts_at.astimezone(BERLIN).time() for visit in visits] == [time(9)] * 4
    assert [visit.starts_at.astimezone(UTC).hour for visit in visits] == [8, 8, 7, 7]
    assert len({visit.series for visit in visits}) == 1


def test_it_names_the_nearest_time_of_a_day_that_is_taken(
    ada: User, mei: User, consultation: Service
) -> None:
    start = house.tomorrow()
    second = start + timedelta(weeks=1)
    house.visit(house.person("sam"), ada, of=consultation, starts_at=second)
    third = (start + timedelta(weeks=2)).date()
    DayHours.objects.create(agent=ada, date=third)
    dates = series.plan(consultation, ada, start, zone=ZoneInfo("UTC"), count=4, patient=mei)
    assert [(one.starts_at, one.moved) for one in dates] == [
        (start, False),
        (second - timedelta(minutes=30), True),
        (None, True),
        (start + timedelta(weeks=3), False),
    ]


def test_it_leaves_out_what_is_past_the_horizon(
    ada: User, mei: User, consultation: Service
) -> None:
    consultation.horizon_days = 16
    consultation.save()
    dates = series.plan(
        consultation, ada, house.tomorrow(), zone=ZoneInfo("UTC"), count=6, patient=mei
    )
    assert len(dates) == 3


def test_it_books_all_or_none(ada: User, mei: User, consultation: Service) -> None:
    starts = [house.tomorrow() + timedelta(weeks=week) for week in range(3)]
    house.visit(house.person("sam"), ada, of=consultation, starts_at=starts[2])
    before = Appointment.objects.count()
    with pytest.raises(SlotTaken):
        series.book(mei, ada, starts, service=consultation, zone=BERLIN)
    assert Appointment.objects.count() == before
    assert not Notice.objects.filter(person=mei).exists()


def test_it_confirms_all_with_one_notice(ada: User, mei: User, consultation: Service) -> None:
    starts = [house.tomorrow() + timedelta(weeks=week) for week in range(6)]
    series.book(mei, ada, starts, service=consultation, zone=BERLIN)
    notice = Notice.objects.get(person=mei)
    assert notice.facts["series"] == [start.isoformat() for start in starts]
    rests = series.with_rest(Appointment.objects.order_by("starts_at"), mei)
    assert [vars(one)["rest"] for one in rests] == [5, 4, 3, 2, 1, 0]


def test_a_change_of_rules_moves_the_visit_and_tells(
    ada: User, mei: User, consultation: Service
) -> None:
    visit = house.visit(mei, ada, of=consultation, starts_at=house.tomorrow())
    agreed = visit.booked_offset_minutes
    # The zone's rules were an hour elsewhere when it was booked.
    Appointment.objects.filter(pk=visit.pk).update(booked_offset_minutes=agreed + 60)
    [moved] = zone_rules.keep_wall_clocks()
    assert moved.starts_at == house.tomorrow() + timedelta(hours=1)
    moved.refresh_from_db()
    assert (moved.sequence, moved.booked_offset_minutes) == (1, agreed)
    assert moved.call.starts_at == moved.starts_at
    assert Notice.objects.filter(kind="moved").count() == 2
    assert zone_rules.keep_wall_clocks() == []


def test_a_change_of_rules_takes_nobody_elses_time(
    ada: User, mei: User, consultation: Service
) -> None:
    visit = house.visit(mei, ada, of=consultation, starts_at=house.tomorrow())
    sam = house.person("sam")
    house.visit(sam, ada, of=consultation, starts_at=house.tomorrow() + timedelta(hours=1))
    agreed = visit.booked_offset_minutes
    Appointment.objects.filter(pk=visit.pk).update(booked_offset_minutes=agreed + 60)
    assert zone_rules.keep_wall_clocks() == []
    visit.refresh_from_db()
    assert (visit.starts_at, visit.sequence) == (house.tomorrow(), 0)
