"""How long recordings are kept: when a service's days change, and who may shorten."""

from datetime import timedelta
from typing import Any

import pytest
from django.test.client import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from calls.models import Recording, Service
from calls.services import deletion, holds, retention
from tests.admin.keeping import cast, client, people, recording
from tests.support.cast import Cast

__all__ = ["cast", "client", "people", "recording"]


def days(recording: Recording) -> float | None:
    recording.refresh_from_db()
    if recording.delete_after is None:
        return None
    assert recording.ready_at
    return (recording.delete_after - recording.ready_at) / timedelta(days=1)


def save_days(client: Client, service: Service, retention_days: object) -> Any:
    address = reverse("admin:calls_service_change", args=(service.pk,))
    return client.post(
        address,
        {
            "name": service.name,
            "description": "",
            "duration_minutes": 30,
            "media": "video",
            "capacity": 1,
            "buffer_before_minutes": 0,
            "buffer_after_minutes": 0,
            "notice_minutes": 0,
            "horizon_days": 60,
            "change_notice_minutes": 0,
            "no_show_minutes": 15,
            "fallback_minutes": 5,
            "reminder_minutes": "[1440, 10]",
            "questions-TOTAL_FORMS": 0,
            "questions-INITIAL_FORMS": 0,
            "is_active": "on",
            "agents": [it.pk for it in service.agents.all()],
            "recording_policy": "ask",
            "recording_quality": "small",
            "retention_days": retention_days,
        },
    )


def test_it_asks_whether_existing_recordings_follow(
    client: Client, cast: Cast, recording: Recording
) -> None:
    apply = reverse("admin:calls_service_apply_retention", args=(cast.service.pk,))
    assert save_days(client, cast.service, 30)["Location"] == apply
    assert days(recording) is None
    client.post(apply, {})
    assert days(recording) is None
    client.post(apply, {"shorten": "on"})
    assert days(recording) == 30


def test_it_does_not_ask_where_nothing_would_change(
    client: Client, cast: Cast, recording: Recording
) -> None:
    Recording.objects.all().update(state="refused", started_at=None)
    assert "retention" not in save_days(client, cast.service, 30)["Location"]


def test_it_lengthens_without_a_question(
    people: tuple[User, User], cast: Cast, recording: Recording
) -> None:
    assert recording.ready_at
    Recording.objects.update(delete_after=recording.ready_at + timedelta(days=5))
    cast.service.retention_days = 30
    retention.apply(people[0], cast.service, shorten=False)
    assert days(recording) == 30
    cast.service.retention_days = None
    retention.apply(people[0], cast.service, shorten=False)
    assert days(recording) is None


def test_it_tells_what_shortening_would_erase(
    people: tuple[User, User], cast: Cast, recording: Recording
) -> None:
    cast.service.retention_days = 1
    assert retention.preview(cast.service) == retention.Change(0, 1, 1, 0, 0)
    holds.place(people[0], recording.pk, purpose="Case 7")
    assert retention.preview(cast.service) == retention.Change(0, 1, 0, 0, 1)


def test_it_notes_how_long_a_recording_is_kept(cast: Cast) -> None:
    now = timezone.now()
    Service.objects.update(retention_days=7)
    fresh = Recording(call=cast.call)
    assert retention.keep_until(fresh, over_at=now) == now + timedelta(days=7)
    again = Recording(call=cast.call, ready_at=now, delete_after=now)
    assert retention.keep_until(again, over_at=now + timedelta(days=3)) == now


def test_one_person_shortens_nothing_where_two_decide(
    people: tuple[User, User], recording: Recording
) -> None:
    assert recording.call.service
    service = recording.call.service
    kept_until = timezone.now() + timedelta(days=300)
    Recording.objects.filter(pk=recording.pk).update(delete_after=kept_until)
    service.retention_days, service.deletion_needs_two = 1, True
    service.save()
    assert retention.apply(people[0], service, shorten=True) == 0
    recording.refresh_from_db()
    assert recording.delete_after == kept_until


def test_one_person_shortens_nothing_by_dropping_the_need_for_two(
    people: tuple[User, User], recording: Recording
) -> None:
    assert recording.call.service
    service = recording.call.service
    kept_until = timezone.now() + timedelta(days=300)
    rows = Recording.objects.filter(pk=recording.pk)
    rows.update(delete_after=kept_until, deletion_needs_two=True)
    service.retention_days, service.deletion_needs_two = 1, False
    service.save()
    assert retention.preview(service).kept_by_two == 1
    assert retention.apply(people[0], service, shorten=True) == 0
    recording.refresh_from_db()
    assert recording.delete_after == kept_until
    wish = deletion.ask(people[0], recording.pk, purpose="no longer needed")
    with pytest.raises(holds.NotYours):
        deletion.agree(people[0], wish.pk)
