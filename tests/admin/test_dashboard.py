"""The administrator's first page: its numbers, and that it stays cheap."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test.client import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from calls.models import Appointment, Participant, Recording
from calls.services import dashboard as subject
from calls.states import AppointmentState, CallState, ParticipantState, RecordingState
from tests.support.cast import Cast, make_cast, person, visit

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def cast(db: None, monkeypatch: pytest.MonkeyPatch) -> Cast:
    cast = make_cast()
    monkeypatch.setattr(timezone, "now", lambda: NOON)
    Appointment.objects.all().update(starts_at=NOON, ends_at=NOON + timedelta(minutes=30))
    return cast


def test_it_counts_todays_visits_by_state(cast: Cast) -> None:
    done = visit(cast.mei, cast.tomas, cast.service, starts_at=NOON - timedelta(hours=3))
    gone = visit(cast.mei, cast.ada, cast.service, starts_at=NOON + timedelta(hours=3))
    Appointment.objects.filter(pk=done.pk).update(state=AppointmentState.COMPLETED)
    Appointment.objects.filter(pk=gone.pk).update(state=AppointmentState.CANCELLED)
    today = subject.dashboard(BERLIN).today
    assert (today.booked, today.completed, today.cancelled, today.visits) == (2, 1, 1, 3)


def test_it_begins_the_day_at_midnight_of_the_viewers_zone(cast: Cast) -> None:
    late = datetime(2026, 11, 17, 23, 30, tzinfo=UTC)
    Appointment.objects.filter(pk=cast.appointment.pk).update(
        starts_at=late, ends_at=late + timedelta(minutes=30)
    )
    assert subject.dashboard(BERLIN).today.visits == 2
    assert subject.dashboard(ZoneInfo("UTC")).today.visits == 1


def test_it_shows_fourteen_days_with_empty_ones(cast: Cast) -> None:
    days = subject.dashboard(BERLIN).days
    assert len(days) == 14
    assert (days[0].date.isoformat(), days[-1].date.isoformat()) == ("2026-11-05", "2026-11-18")
    assert [day.visits for day in days] == [0] * 13 + [2]


def test_it_names_who_waits_longest_first(cast: Cast) -> None:
    for patient, minutes in ((cast.mei, 2), (cast.sam, 9)):
        Participant.objects.filter(user=patient).update(
            state=ParticipantState.WAITING, waiting_since=NOON - timedelta(minutes=minutes)
        )
    assert [one.name for one in subject.dashboard(BERLIN).waiting] == ["Sam Okafor", "Mei Lin"]


def test_it_forgets_who_waited_in_a_call_that_is_over(cast: Cast) -> None:
    cast.call.participants.filter(role="patient").update(state=ParticipantState.WAITING)
    cast.call.state, cast.call.ended_at = CallState.ENDED, NOON
    cast.call.save()
    assert subject.dashboard(BERLIN).waiting == []


def test_it_shows_live_calls(cast: Cast) -> None:
    cast.call.state, cast.call.live_at = CallState.LIVE, NOON
    cast.call.save()
    assert list(subject.dashboard(BERLIN).live) == [cast.call]


def record(cast: Cast, state: RecordingState, reason: str = "") -> Recording:
    return Recording.objects.create(
        call=cast.call,
        state=state,
        reason=reason,
        asked_by=cast.call.participants.get(role="agent"),
        asked_at=NOON - timedelta(hours=1),
    )


def test_it_counts_recordings_by_state(cast: Cast) -> None:
    for state in (RecordingState.READY, RecordingState.READY, RecordingState.FAILED):
        record(cast, state)
    counts = subject.dashboard(BERLIN).recordings
    assert {state: count for state, count in counts.items() if count} == {"ready": 2, "failed": 1}
    assert next(iter(counts)) == "asking"


def test_it_shows_failures_and_what_broke_off(cast: Cast) -> None:
    failed = record(cast, RecordingState.FAILED, "disk_full")
    broken = record(cast, RecordingState.READY, "disk_full")
    record(cast, RecordingState.READY, "ended")
    record(cast, RecordingState.REFUSED, "refused")
    assert set(subject.dashboard(BERLIN).failures) == {failed, broken}


def test_it_takes_six_queries(cast: Cast, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(6):  # type: ignore[operator]
        subject.dashboard(BERLIN)


def test_it_shows_the_page(db: None) -> None:
    cast = make_cast()
    cast.call.participants.filter(role="patient").update(
        state=ParticipantState.WAITING, waiting_since=timezone.now() - timedelta(minutes=4)
    )
    client = Client()
    client.force_login(person("kai@example.com", "Kai Admin", Role.ADMINISTRATOR))
    content = client.get(reverse("admin:index")).content.decode()
    assert "Mei Lin" in content
    assert "4\xa0minutes" in content
    assert 'data-type="bar"' in content
    assert "No recording has failed in the last seven days." in content
    assert "No call is live." in content
