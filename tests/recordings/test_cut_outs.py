"""Taking something of one's own out of a recording: who may, when, and what is played meanwhile."""

from uuid import uuid4

import pytest
from django.test.client import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, User
from audit.models import AuditEntry
from calls.models import Artifact, CutOut, LegalHold, Recording
from calls.services import holds, media_links
from calls.states import RecordingState
from tests.recordings.story import cast, recording
from tests.support.cast import Cast, person

__all__ = ["cast", "recording"]
SURE = {"from": "0:02", "until": "0:04", "sure": "yes"}


def ask(user: User, recording: Recording, answers: dict[str, str] = SURE) -> tuple[int, str]:
    """The status, and the page that follows."""
    client = Client()
    client.force_login(user)
    response = client.post(reverse("recording_cut_out", args=(recording.pk,)), answers)
    page = client.get(reverse("recording", args=(recording.pk,)))
    return response.status_code, page.content.decode()


def test_it_sends_the_recording_back_to_be_prepared(cast: Cast, recording: Recording) -> None:
    status, page = ask(cast.mei, recording)
    assert status == 302
    assert "It is being taken out." in page
    recording.refresh_from_db()
    assert recording.state == RecordingState.FINALISING
    wish = CutOut.objects.get()
    assert wish.participant.user == cast.mei
    assert recording.started_at
    assert (wish.starts_at - recording.started_at).total_seconds() == 2
    assert (wish.ends_at - recording.started_at).total_seconds() == 4
    entry = AuditEntry.objects.get(action="recording.cut_out")
    assert (entry.allowed, entry.actor) == (True, str(cast.mei.pk))


def test_it_plays_nothing_meanwhile(cast: Cast, recording: Recording) -> None:
    client = Client()
    client.force_login(cast.mei)
    file = Artifact.objects.filter(recording=recording, kind="media")[0]
    query = media_links.sign(file.pk, session_key=client.session.session_key)
    address = reverse("recording_media", args=(recording.pk, file.pk)) + f"?{query}"
    assert client.get(address).status_code == 200
    client.post(reverse("recording_cut_out", args=(recording.pk,)), SURE)
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ({"from": "0:04", "until": "0:02"}, "The end must be later than the beginning."),
        ({"from": "0:04", "until": "0:04"}, "The end must be later than the beginning."),
        ({"from": "9:00", "until": "9:10"}, "The recording is shorter than that."),
        ({"from": "-1", "until": "0:10"}, "as minutes:seconds"),
        ({"from": "", "until": "x"}, "as minutes:seconds"),
        ({"from": "٣", "until": "0:10"}, "as minutes:seconds"),
        ({"sure": ""}, "Please confirm"),
    ],
)
def test_it_says_what_is_wrong(
    cast: Cast, recording: Recording, answers: dict[str, str], why: str
) -> None:
    _status, page = ask(cast.mei, recording, SURE | answers)
    assert why in page
    recording.refresh_from_db()
    assert (recording.state, CutOut.objects.count()) == (RecordingState.READY, 0)


def test_it_says_what_a_later_hold_puts_off(cast: Cast, recording: Recording) -> None:
    ask(cast.mei, recording)
    kai = person("kai@example.com", "Kai Admin", Role.ADMINISTRATOR)
    holds.place(kai, recording.pk, purpose="A claim")
    Recording.objects.filter(pk=recording.pk).update(state=RecordingState.READY)
    client = Client()
    client.force_login(cast.mei)
    page = client.get(reverse("recording", args=(recording.pk,))).content.decode()
    assert "Something is still to be taken out" in page
    assert "0:02–0:04" in page


def test_it_takes_nothing_out_under_a_legal_hold(cast: Cast, recording: Recording) -> None:
    kai = person("kai@example.com", "Kai Admin", Role.ADMINISTRATOR)
    LegalHold.objects.create(
        recording=recording, placed_by=kai, placed_at=timezone.now(), purpose="A claim"
    )
    _status, page = ask(cast.mei, recording)
    assert "A legal hold stands: nothing may be taken out of this recording." in page
    recording.refresh_from_db()
    assert (recording.state, CutOut.objects.count()) == (RecordingState.READY, 0)
    assert not AuditEntry.objects.get(action="recording.cut_out").allowed


def test_it_waits_while_the_recording_is_prepared(cast: Cast, recording: Recording) -> None:
    ask(cast.mei, recording)
    _status, page = ask(cast.ada, recording)
    assert "The recording is being prepared." in page
    assert CutOut.objects.count() == 1


def test_it_is_for_those_who_were_recorded(cast: Cast, recording: Recording) -> None:
    ines = person("ines@example.com", "Ines Falk", Role.SUPERVISOR)
    assert ask(ines, recording)[0] == 404
    assert ask(cast.sam, recording)[0] == 404
    recording.pk = uuid4()
    assert ask(cast.mei, recording)[0] == 404
    assert CutOut.objects.count() == 0


def test_it_offers_it_to_them_alone(cast: Cast, recording: Recording) -> None:
    client = Client()
    client.force_login(cast.mei)
    page = reverse("recording", args=(recording.pk,))
    assert b"Take something of yours out" in client.get(page).content
    assert Client().get(page).status_code != 200
