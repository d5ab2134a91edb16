"""Holds, deletions, certificates and storage in the administration."""

import pytest
from django.test.client import Client
from django.urls import reverse

from accounts.models import Role, User
from audit.models import AuditEntry
from calls.models import Deletion, ErasureCertificate, LegalHold, Recording, Service
from calls.services import deletion, holds
from tests.admin.keeping import cast, client, people, recording
from tests.support.cast import Cast, person

__all__ = ["cast", "client", "people", "recording"]
LONG = "w" * 501


def page(recording: Recording, act: str) -> str:
    return reverse(f"admin:calls_recording_{act}", args=(recording.pk,))


def shown(client: Client, recording: Recording) -> set[str]:
    """The actions that the recording's own page offers."""
    address = reverse("admin:calls_recording_change", args=(recording.pk,))
    text = client.get(address).content.decode()
    acts = ("hold", "lift", "erase", "decide", "certificate")
    return {act for act in acts if f'href="{page(recording, act)}"' in text}


def test_it_places_a_hold_with_its_purpose(client: Client, recording: Recording) -> None:
    assert "Place the hold" in client.get(page(recording, "hold")).content.decode()
    client.post(page(recording, "hold"), {"purpose": "Case 7", "place": ""})
    assert LegalHold.objects.get().purpose == "Case 7"
    entry = AuditEntry.objects.get(action="recording.hold")
    assert (entry.target, entry.data["purpose"]) == (str(recording.pk), "Case 7")
    assert "Case 7" in client.get(reverse("admin:audit_auditentry_changelist")).content.decode()


@pytest.mark.parametrize("purpose", ["", "   ", LONG])
def test_it_wants_a_purpose(client: Client, recording: Recording, purpose: str) -> None:
    answer = client.post(page(recording, "hold"), {"purpose": purpose, "place": ""})
    assert answer.status_code == 200
    assert not LegalHold.objects.exists()


def test_it_does_nothing_without_a_button(client: Client, recording: Recording) -> None:
    client.post(page(recording, "erase"), {"purpose": "Case 7"})
    assert not Deletion.objects.exists()


def test_it_lifts_the_hold_that_was_chosen(
    client: Client, people: tuple[User, User], recording: Recording
) -> None:
    first = holds.place(people[1], recording.pk, purpose="Case 7")
    holds.place(people[1], recording.pk, purpose="Case 8")
    client.post(page(recording, "lift"), {"purpose": "closed", f"lift-{first.pk}": ""})
    assert [it.purpose for it in LegalHold.objects.standing()] == ["Case 8"]


def test_it_deletes_after_one_question_where_one_person_is_enough(
    client: Client, recording: Recording
) -> None:
    assert "Delete for good" in client.get(page(recording, "erase")).content.decode()
    client.post(page(recording, "erase"), {"purpose": "asked by the patient", "erase": ""})
    recording.refresh_from_db()
    assert recording.state == "erased"
    assert shown(client, recording) == {"certificate"}


def test_it_lets_another_agree_and_who_asked_take_back(
    client: Client, people: tuple[User, User], recording: Recording
) -> None:
    Service.objects.update(deletion_needs_two=True)
    client.post(page(recording, "erase"), {"purpose": "asked by the patient", "erase": ""})
    text = client.get(page(recording, "decide")).content.decode()
    assert 'name="agree"' not in text
    client.post(page(recording, "decide"), {"purpose": "so be it", "agree": ""})
    assert Deletion.objects.get().state == "asked"
    other = Client()
    other.force_login(people[1], backend="django.contrib.auth.backends.ModelBackend")
    other.post(page(recording, "decide"), {"purpose": "I read the letter", "agree": ""})
    assert Deletion.objects.get().state == "done"


def test_it_says_why_it_deletes_nothing_under_a_hold(
    client: Client, people: tuple[User, User], recording: Recording
) -> None:
    holds.place(people[1], recording.pk, purpose="Case 7")
    answer = client.post(page(recording, "erase"), {"purpose": "asked", "erase": ""}, follow=True)
    assert "A legal hold stands" in answer.content.decode()
    assert shown(client, recording) == {"hold", "lift"}


def test_it_offers_what_the_state_allows(client: Client, recording: Recording) -> None:
    assert shown(client, recording) == {"hold", "erase"}
    Recording.objects.update(state="recording")
    assert shown(client, recording) == {"hold"}


def test_it_shows_a_certificate_that_checks(
    client: Client, people: tuple[User, User], recording: Recording
) -> None:
    deletion.ask(people[0], recording.pk, purpose="asked by the patient")
    found = ErasureCertificate.objects.get()
    address = reverse("admin:calls_certificate", args=(found.pk,))
    text = client.get(address).content.decode()
    for part in (found.sha256, "Kai Admin", "asked by the patient", "it is as it was issued"):
        assert part in text
    assert client.get(address, {"json": ""}).json() == found.document
    found.document["purpose"] = "another one"
    found.save()
    assert "is not as it was issued" in client.get(address).content.decode()


def test_it_leads_from_the_portal_to_the_certificate(
    client: Client, cast: Cast, people: tuple[User, User], recording: Recording
) -> None:
    deletion.ask(people[0], recording.pk, purpose="asked by the patient")
    paper = reverse("admin:calls_certificate", args=(ErasureCertificate.objects.get().pk,))
    address = reverse("recording", args=(recording.pk,))
    patient = Client()
    patient.force_login(cast.mei, backend="django.contrib.auth.backends.ModelBackend")
    seen = [it.get(address).content.decode() for it in (client, patient)]
    assert ["was erased on" in text for text in seen] == [True, True]
    assert [paper in text for text in seen] == [True, False]


def test_it_shows_what_the_storage_holds(client: Client, recording: Recording) -> None:
    text = client.get(reverse("admin:calls_storage")).content.decode()
    assert "1 recording" in text
    assert "Nobody has looked yet" in text


def test_it_finds_held_recordings(
    client: Client, people: tuple[User, User], recording: Recording
) -> None:
    address = reverse("admin:calls_recording_changelist")
    assert str(recording.pk) not in client.get(address, {"held": "yes"}).content.decode()
    holds.place(people[0], recording.pk, purpose="Case 7")
    assert str(recording.pk) in client.get(address, {"held": "yes"}).content.decode()


@pytest.mark.parametrize(
    ("role", "act"),
    [
        (Role.SUPERVISOR, "hold"),
        (Role.SUPERVISOR, "lift"),
        (Role.SUPERVISOR, "erase"),
        (Role.SUPERVISOR, "decide"),
        (Role.AGENT, "erase"),
        (Role.PATIENT, "certificate"),
    ],
)
def test_it_is_for_administrators_only(
    cast: Cast, recording: Recording, role: Role, act: str
) -> None:
    other = person("omar@example.com", "Omar Weiss", role)
    stranger = Client()
    stranger.force_login(other, backend="django.contrib.auth.backends.ModelBackend")
    answer = stranger.post(page(recording, act), {"purpose": "mine", act: ""}, follow=True)
    assert answer.status_code == 403
    entry = AuditEntry.objects.get(actor=str(other.pk), allowed=False)
    assert (entry.action, entry.target_type) == ("admin.open", "page")
    assert not LegalHold.objects.exists()


def test_it_asks_nobody_who_is_not_signed_in(recording: Recording) -> None:
    answer = Client().post(page(recording, "erase"), {"purpose": "mine", "erase": ""})
    assert "login" in answer["Location"]
    recording.refresh_from_db()
    assert recording.state == "ready"


@pytest.mark.parametrize("act", ["change", "hold", "erase"])
def test_it_finds_nothing_under_what_is_no_id(client: Client, act: str) -> None:
    assert client.get(f"/admin/calls/recording/abc/{act}/").status_code in (302, 404)
