"""The page of the recorders: who is there, what failed, and another try."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from audit.models import AuditEntry
from calls.models import FileJob, RecorderNode, Recording
from calls.services.reasons import in_words
from calls.states import JobState, RecordingState
from tests.archive.captured import captured, recording
from tests.support.cast import Cast, person

__all__ = ["captured", "recording"]


@pytest.fixture
def root(client: Client, transactional_db: None) -> Client:
    client.force_login(person("root@example.com", "Root", Role.ADMINISTRATOR))
    return client


def node(name: str, *, seconds_ago: float = 0, **fields: object) -> RecorderNode:
    seen = timezone.now() - timedelta(seconds=seconds_ago)
    told = {"capacity": 8, "running": 3, "disk_free_bytes": 2**34, **fields}
    return RecorderNode.objects.create(name=name, started_at=seen, seen_at=seen, **told)


def test_it_says_what_is_empty(root: Client, cast: Cast) -> None:
    text = root.get(reverse("admin:calls_recorders")).content.decode()
    for words in ("No recorder has told of itself yet.", "Nothing has failed.", "nothing can be"):
        assert words in text


def test_it_tells_who_works_leaves_and_is_gone(root: Client, cast: Cast) -> None:
    node("recorder@one")
    node("recorder@two", is_leaving=True)
    node("recorder@three", seconds_ago=60, disk_free_bytes=5)
    page = root.get(reverse("admin:calls_recorders"))
    assert (page.context["alive"], page.context["running"], page.context["capacity"]) == (1, 3, 8)
    states = {each["row"].name: each["state"] for each in page.context["nodes"]}
    assert states == {
        "recorder@one": "alive", "recorder@two": "leaving", "recorder@three": "gone",
    }  # fmt: skip


def test_its_moving_part_gives_the_focus_back(root: Client, captured: Recording) -> None:
    Recording.objects.filter(pk=captured.pk).update(
        state=RecordingState.FAILED, reason="finalise_failed", asked_at=timezone.now()
    )
    node("recorder@one")
    part = root.get(reverse("admin:calls_recorders"), headers={"HX-Target": "recorders"})
    text = part.content.decode()
    assert "<html" not in text
    takers = re.findall(r"<(?:a|button|\w+ [^>]*tabindex)[^>]*>", text)
    assert len(takers) >= 3
    assert [taker for taker in takers if " id=" not in taker] == []


def test_it_tries_a_failed_recording_again_and_audits_it(root: Client, captured: Recording) -> None:
    Recording.objects.filter(pk=captured.pk).update(
        state=RecordingState.FAILED, reason="finalise_failed", asked_at=timezone.now()
    )
    page = root.get(reverse("admin:calls_recorders"))
    assert "The recording could not be prepared." in page.content.decode()
    root.post(reverse("admin:calls_recording_retry", args=(captured.pk,)))
    captured.refresh_from_db()
    assert captured.state == RecordingState.FINALISING
    root.post(reverse("admin:calls_recording_retry", args=(captured.pk,)))
    told = AuditEntry.objects.filter(action="recording.retry").order_by("at")
    assert [entry.allowed for entry in told] == [True, False]


def test_it_names_the_fault_of_a_file_not_the_end_of_the_recording(
    root: Client, captured: Recording
) -> None:
    Recording.objects.filter(pk=captured.pk).update(
        state=RecordingState.READY, reason="ended", asked_at=timezone.now()
    )
    FileJob.objects.create(
        recording=captured, kind="mp4", asked_by=person("kai@example.com", "Kai", Role.AGENT),
        asked_at=timezone.now(), state=JobState.FAILED, reason="mixing_failed",
    )  # fmt: skip
    failures = root.get(reverse("admin:calls_recorders")).context["failures"].object_list
    assert [each["reason"] for each in failures] == [in_words("mixing_failed")]


def test_it_offers_no_try_where_nothing_was_captured(root: Client, cast: Cast) -> None:
    agent = cast.call.participants.get(role="agent")
    Recording.objects.create(
        call=cast.call, asked_by=agent, asked_at=timezone.now(), state=RecordingState.FAILED,
        reason="no_recorder",
    )  # fmt: skip
    text = root.get(reverse("admin:calls_recorders")).content.decode()
    assert "nothing was captured" in text
    assert "Try again" not in text


def test_it_is_for_administrators(client: Client, cast: Cast) -> None:
    client.force_login(cast.ada)
    assert client.get(reverse("admin:calls_recorders")).status_code in (302, 403)
