"""The page of one recording: what it shows, to whom, and what is noted."""

from datetime import timedelta
from typing import Any, NoReturn
from uuid import uuid4

import pytest
from django.test.client import Client
from django.urls import reverse

from accounts.models import Role, User
from audit.models import AuditEntry
from calls.archive import store
from calls.archive.evening import volumes
from calls.models import Leg, QualitySample, Recording
from calls.services.playback import playback
from calls.services.playback_quality import qualities
from calls.states import RecordingState
from calls.views.recordings import gaps_of
from tests.recordings.story import ADA_SPANS, MEI_SPANS, cast, recording
from tests.support.cast import Cast, person

__all__ = ["cast", "recording"]


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(recording: Recording) -> str:
    return reverse("recording", args=(recording.pk,))


def test_it_shows_both_people_and_what_was_written(cast: Cast, recording: Recording) -> None:
    content = signed_in(cast.mei).get(page(recording)).content.decode()
    assert content.count("<video") == 2
    assert "&lt;b&gt;Can you&lt;/b&gt; see the rash?" in content
    assert "Mei Lin agreed to be recorded" in content
    assert "May we record this visit?" in content
    assert "Written before anybody agreed" not in content


def test_it_places_people_and_gaps_on_the_recordings_clock(recording: Recording) -> None:
    shown = playback(recording, gaps_of(recording))
    assert [person.participant.name for person in shown.people] == ["Mei Lin", "Dr. Ada Brandt"]
    assert [person.spans for person in shown.people] == [list(MEI_SPANS), list(ADA_SPANS)]
    assert shown.duration_secs == 13.5


def test_it_says_what_was_not_recorded_and_why(cast: Cast, recording: Recording) -> None:
    shown = signed_in(cast.mei).get(page(recording)).context["playback"]
    assert [(gap.who.name, gap.start_secs, gap.stop_secs, gap.cause) for gap in shown.gaps] == [
        ("Dr. Ada Brandt", 0, 1.5, "connecting"),
        ("Mei Lin", 5, 8, "network"),
        ("Mei Lin", 12.5, 14, "ended"),
    ]


def test_it_places_what_happened_on_the_recordings_clock(recording: Recording) -> None:
    entries = playback(recording, []).entries
    assert [(entry.kind.value, entry.at_secs) for entry in entries] == [
        ("consent_given", None),
        ("recording_started", 0),
        ("chat", 3),
        ("dropped", 5),
        ("joined", 8),
        ("chat", 9.5),
        ("recording_stopped", 14),
        ("ended", 14),
    ]
    assert entries[4].again


def test_it_notes_each_view_once(cast: Cast, recording: Recording) -> None:
    client = signed_in(cast.mei)
    client.get(page(recording))
    client.get(page(recording))
    views = AuditEntry.objects.filter(action="recording.view", allowed=True)
    assert [(view.actor, view.target) for view in views] == [
        (str(cast.mei.pk), str(recording.pk))
    ] * 2


def test_it_hides_a_recording_from_people_of_other_visits(cast: Cast, recording: Recording) -> None:
    for stranger in (cast.sam, cast.tomas):
        assert signed_in(stranger).get(page(recording)).status_code == 404
    assert AuditEntry.objects.filter(action="recording.view", allowed=False).count() == 2


def test_it_answers_the_same_for_one_that_does_not_exist(cast: Cast, recording: Recording) -> None:
    client = signed_in(cast.sam)
    missing = client.get(reverse("recording", args=(uuid4(),)))
    hidden = client.get(page(recording))
    assert (missing.status_code, len(missing.content)) == (404, len(hidden.content))


def test_it_tells_a_visitor_nothing_about_a_recording(recording: Recording) -> None:
    assert Client().get(page(recording)).status_code == 404


def test_it_hides_what_was_asked_for_and_never_started(cast: Cast) -> None:
    ada = cast.call.participants.get(role="agent")
    asked = Recording.objects.create(
        call=cast.call, asked_by=ada, asked_at=cast.appointment.starts_at
    )
    assert signed_in(cast.mei).get(page(asked)).status_code == 404


def test_it_waits_and_asks_again_until_the_recording_is_ready(
    cast: Cast, recording: Recording
) -> None:
    client = signed_in(cast.mei)
    Recording.objects.update(state=RecordingState.FINALISING)
    content = client.get(page(recording)).content.decode()
    assert "being prepared" in content
    assert "<video" not in content
    again = client.get(page(recording), headers={"HX-Request": "true"})
    assert "HX-Refresh" not in again
    Recording.objects.update(state=RecordingState.READY)
    ready = client.get(page(recording), headers={"HX-Request": "true"})
    assert ready["HX-Refresh"] == "true"
    assert AuditEntry.objects.filter(action="recording.view").count() == 1


def test_it_says_why_a_recording_failed(cast: Cast, recording: Recording) -> None:
    Recording.objects.update(state=RecordingState.FAILED, reason="disk_full")
    content = signed_in(cast.mei).get(page(recording)).content.decode()
    assert "The disk of the recorder was full." in content
    assert "<video" not in content


def test_it_asks_a_supervisor_what_for_before_anything_is_shown(
    cast: Cast, recording: Recording
) -> None:
    client = signed_in(person("ines@example.com", "Ines Falk", Role.SUPERVISOR))
    asked = client.get(page(recording)).content.decode()
    assert "What do you need this recording for?" in asked
    assert "<video" not in asked
    assert "see the rash" not in asked
    purpose = reverse("recording_purpose", args=(recording.pk,))
    client.post(purpose, {"purpose": "   "})
    assert "<video" not in client.get(page(recording)).content.decode()
    client.post(purpose, {"purpose": "A complaint"})
    shown = client.get(page(recording)).content.decode()
    assert "<video" in shown
    assert 'value="A complaint"' in shown


def test_it_shows_no_chat_to_a_supervisor_where_nothing_asks_what_for(
    cast: Cast, recording: Recording
) -> None:
    Recording.objects.update(state=RecordingState.FAILED, reason="disk_full")
    ines = person("ines@example.com", "Ines Falk", Role.SUPERVISOR)
    assert "see the rash" not in signed_in(ines).get(page(recording)).content.decode()
    assert "see the rash" in signed_in(cast.mei).get(page(recording)).content.decode()


def test_it_keeps_from_who_was_on_hold_what_was_written_meanwhile(
    cast: Cast, recording: Recording
) -> None:
    mei = recording.call.participants.get(user=cast.mei)
    written = recording.call.events.get(data__text__startswith="Yes, much clearer")
    written.data["kept_from"] = [str(mei.pk)]
    written.save()
    assert "much clearer" not in signed_in(cast.mei).get(page(recording)).content.decode()
    assert "much clearer" in signed_in(cast.ada).get(page(recording)).content.decode()


def test_it_says_when_a_recording_was_erased(cast: Cast, recording: Recording) -> None:
    recording.artifacts.all().delete()
    Recording.objects.update(
        state=RecordingState.ERASED, wrapped_key=b"", erased_at=recording.ready_at
    )
    response = signed_in(cast.mei).get(page(recording))
    assert response.status_code == 200
    assert "This recording was erased on" in response.content.decode()
    assert "<video" not in response.content.decode()


def test_it_says_that_the_key_is_away(cast: Cast, recording: Recording, settings: Any) -> None:
    settings.RECORDING_KEYS = []
    response = signed_in(cast.mei).get(page(recording))
    assert response.status_code == 503
    assert "The key of the recordings is not available." in response.content.decode()
    assert "<video" not in response.content.decode()


def test_it_says_that_the_storage_is_away(
    cast: Cast, recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(name: str) -> NoReturn:
        raise store.StorageAway(name)

    monkeypatch.setattr(store, "open_binary", refuse)
    response = signed_in(cast.mei).get(page(recording))
    assert response.status_code == 503
    assert "does not answer" in response.content.decode()


def test_it_plays_the_others_when_one_file_is_gone(cast: Cast, recording: Recording) -> None:
    media = recording.artifacts.get(participant__role="agent")
    store.spool_path(media.name).unlink()
    response = signed_in(cast.mei).get(page(recording))
    assert response.status_code == 200
    assert response.content.count(b"<video") == 2


def test_it_names_damaged_segments_and_plays_the_rest(cast: Cast, recording: Recording) -> None:
    media = recording.artifacts.get(participant__role="patient")
    media.details = {"damaged": [{"name": "a/000003.seg", "why": "The file is missing."}]}
    media.save()
    shown = signed_in(cast.mei).get(page(recording)).content.decode()
    assert "A part of what was recorded of Mei Lin is damaged" in shown
    assert "a/000003.seg" in shown
    assert "<video" in shown


def test_it_makes_the_louder_one_softer(recording: Recording) -> None:
    for role, lufs in (("patient", -30.0), ("agent", -18.0)):
        media = recording.artifacts.get(participant__role=role)
        media.details = {"lufs": lufs}
        media.save()
    shown = playback(recording, [], volume_of=volumes)
    assert [person.volume for person in shown.people] == [1.0, pytest.approx(0.251, abs=0.001)]


def test_it_draws_where_a_line_was_weak(cast: Cast, recording: Recording) -> None:
    mei = cast.call.participants.get(role="patient")
    legs = {leg.participant.role: leg for leg in Leg.objects.filter(participant__call=cast.call)}
    assert recording.started_at
    for at, loss in ((4, 0.03), (6, 0.04), (8, 0.2), (11, 0.0)):
        QualitySample.objects.create(
            call=cast.call,
            leg=legs["patient"],
            other=legs["agent"],
            at=recording.started_at + timedelta(seconds=at),
            rung="full",
            state="connected",
            loss_out=loss,
        )
    assert qualities(recording, 13.5)[mei.pk] == [(0, 6, "weak"), (3, 8, "broken")]


def test_it_allows_nothing_but_reading(cast: Cast, recording: Recording) -> None:
    client = signed_in(cast.mei)
    for address in (reverse("recordings"), page(recording)):
        assert client.post(address).status_code == 405


def test_it_keeps_the_strict_policy(cast: Cast, recording: Recording) -> None:
    policy = signed_in(cast.mei).get(page(recording))["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "media-src 'self' blob:" in policy
