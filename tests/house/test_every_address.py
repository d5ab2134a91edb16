"""Every address with every role: what each person gets, and no address that nobody thought of."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.models import Dependant, Role, User
from calls.archive.keys import make_recording_key
from calls.models import Artifact, Invitation, Participant, Recording, SlotOffer, WaitingListEntry
from tests.support.cast import make_cast, person

ANYONE = {
    "landing",
    "healthz",
    "readyz",
    "choose_language",
    "account_login",
    "account_signup",
    "account_inactive",
    "account_email_verification_sent",
    "account_confirm_email",
    "account_confirm_login_code",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_logout",
    "mfa_authenticate",
    "mfa_login_webauthn",
}
# Pages about the person who asks: everyone who signed in has their own.
SIGNED_IN = {
    "home",
    "recordings",
    "profile",
    "choose_time_zone",
    "people",
    "guest",
    "notices",
    "notifications",
    "calendar_feed",
    "account_reauthenticate",
    "account_email",
    "account_change_password",
    "account_set_password",
    "mfa_index",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "mfa_reauthenticate_webauthn",
    "mfa_remove_webauthn",
    "mfa_edit_webauthn",
}
PATIENTS = {
    "book",
    "book_person",
    "book_time",
    "book_confirm",
    "book_series",
    "waiting_join",
}
AGENTS = {"home_waiting", "book_for_whom", "book_for"}
# Of one patient alone.
OF_THE_PATIENT = {
    "waiting_leave",
    "offer",
    "person",
    "invitation_renew",
    "invitation_revoke",
    "join",
    "feed",
}
# Things of one patient and one agent: nobody else may learn that they exist.
OF_THE_VISIT = {
    "appointment",
    "appointment_cancel",
    "appointment_consent",
    "appointment_ics",
    "invite",
    "call",
}
OF_THE_RECORDING = {
    "recording",
    "recording_media",
    "recording_purpose",
    "recording_files",
    "recording_download",
    "recording_export",
    "recording_cut_out",
}
# About a visit, for its agent and those above, not for its patient.
OF_THE_STAFF = {"call_flight"}
KNOWN = (
    ANYONE
    | SIGNED_IN
    | PATIENTS
    | AGENTS
    | OF_THE_PATIENT
    | OF_THE_VISIT
    | OF_THE_RECORDING
    | OF_THE_STAFF
)

POSTED = ("/cancel/", "/purpose/", "/consent/", "/leave/", "/renew/", "/revoke/")
STRANGERS = ("anonymous", "sam", "tomas")
SHOWN = {200, 302, 405}
REFUSED = {401, 403, 404}


def patterns(
    found: list[URLPattern | URLResolver], prefix: str = ""
) -> Iterator[tuple[str, str | None]]:
    for item in found:
        if isinstance(item, URLResolver):
            yield from patterns(item.url_patterns, prefix + str(item.pattern))
        else:
            yield prefix + str(item.pattern), item.name


def portal_names() -> set[str | None]:
    """The names of all addresses outside the administration."""
    everything = patterns(get_resolver().url_patterns)
    return {name for path, name in everything if not path.startswith("admin/")}


@pytest.fixture
def addresses(db: None) -> dict[str, str]:
    """One real address for every name of KNOWN, all about the visit of Mei with Dr. Ada."""
    cast = make_cast()
    person("ines@example.com", "Ines Falk", Role.SUPERVISOR)
    person("kai@example.com", "Kai Admin", Role.ADMINISTRATOR)
    ada = Participant.objects.get(call=cast.call, user=cast.ada)
    recording = Recording.objects.create(
        call=cast.call,
        asked_by=ada,
        asked_at=timezone.now(),
        started_at=timezone.now(),
        state="ready",
    )
    make_recording_key(recording)
    artifact = Artifact.objects.create(
        recording=recording, participant=ada, kind="media", name="none", size_bytes=1
    )
    child = Dependant.objects.create(keeper=cast.mei, display_name="Lily", relation="child")
    today = timezone.now().date()
    entry = WaitingListEntry.objects.create(
        service=cast.service, patient=cast.mei, from_date=today, until_date=today
    )
    offer = SlotOffer.objects.create(
        entry=entry,
        agent=cast.ada,
        starts_at=cast.appointment.starts_at,
        ends_at=cast.appointment.ends_at,
        expires_at=cast.appointment.starts_at,
    )
    invitation = Invitation.objects.create(
        call=cast.call, name="May", kind="relative", token_digest="x", created_by=cast.mei
    )
    special: dict[str, dict[str, Any]] = {
        "account_confirm_email": {"key": "unknown"},
        "account_reset_password_from_key": {"uidb36": "1", "key": "unknown"},
        "mfa_remove_webauthn": {"pk": 1},
        "mfa_edit_webauthn": {"pk": 1},
        "recording_media": {"pk": recording.pk, "artifact": artifact.pk},
        "recording_download": {"pk": recording.pk, "artifact": artifact.pk},
        "recording_purpose": {"pk": recording.pk},
        "recording_files": {"pk": recording.pk},
        "recording_export": {"pk": recording.pk},
        "recording_cut_out": {"pk": recording.pk},
        "recording": {"pk": recording.pk},
        "book_for": {"pk": cast.mei.pk},
        "person": {"pk": child.pk},
        "waiting_leave": {"pk": entry.pk},
        "offer": {"pk": offer.pk},
        "invitation_renew": {"pk": invitation.pk},
        "invitation_revoke": {"pk": invitation.pk},
        "join": {"token": "unknown"},
        "feed": {"token": "unknown"},
        "call": {"pk": cast.call.pk},
        "call_flight": {"pk": cast.call.pk},
    }
    special |= {name: {"pk": cast.appointment.pk} for name in OF_THE_VISIT - {"call"}}
    special |= {name: {"pk": cast.service.pk} for name in PATIENTS - {"book"}}
    return {name: reverse(name, kwargs=special.get(name)) for name in KNOWN}


def ask(who: str, address: str) -> int:
    client = Client(raise_request_exception=False)
    if who != "anonymous":
        client.force_login(
            User.objects.get(email=f"{who}@example.com"),
            backend="django.contrib.auth.backends.ModelBackend",
        )
    posted = address.endswith(
        ("/cancel/", "/purpose/", "/consent/", "/leave/", "/renew/", "/revoke/")
    )
    method = client.post if posted else client.get
    response = method(address)
    if response.status_code == 302 and "login" in response["Location"]:
        return 401
    return int(response.status_code)


def test_it_knows_every_address() -> None:
    assert portal_names() == KNOWN


@pytest.mark.parametrize("who", ["anonymous", "mei", "sam", "ada", "tomas", "ines", "kai"])
def test_it_answers_nobody_with_a_fault(addresses: dict[str, str], who: str) -> None:
    answers = {name: ask(who, address) for name, address in addresses.items()}
    assert {name: code for name, code in answers.items() if code >= 500 and name != "readyz"} == {}


def test_it_shows_open_pages_to_anyone(addresses: dict[str, str]) -> None:
    answers = {name: ask("anonymous", addresses[name]) for name in ANYONE - {"readyz"}}
    # Half-way pages of the sign-in send people without one back to its start.
    assert {name: code for name, code in answers.items() if code not in SHOWN | {401}} == {}


def test_it_asks_strangers_to_sign_in(addresses: dict[str, str]) -> None:
    for name in SIGNED_IN | PATIENTS | AGENTS:
        assert (name, ask("anonymous", addresses[name])) in {(name, 401), (name, 405)}


@pytest.mark.parametrize("who", ["ada", "tomas", "ines", "kai"])
def test_it_lets_only_patients_book(addresses: dict[str, str], who: str) -> None:
    assert {ask(who, addresses[name]) for name in PATIENTS} <= {302, 403, 404, 405}


@pytest.mark.parametrize("who", [*STRANGERS, "ines"])
def test_it_hides_what_is_of_one_patient(addresses: dict[str, str], who: str) -> None:
    assert {ask(who, addresses[name]) for name in OF_THE_PATIENT} == {404}


@pytest.mark.parametrize("who", STRANGERS)
def test_it_hides_visits_and_recordings_from_others(addresses: dict[str, str], who: str) -> None:
    answers = {name: ask(who, addresses[name]) for name in OF_THE_VISIT | OF_THE_RECORDING}
    assert set(answers.values()) == {404}


@pytest.mark.parametrize("who", ["ines", "kai"])
def test_it_opens_recordings_but_no_visits_to_supervisors(
    addresses: dict[str, str], who: str
) -> None:
    assert {ask(who, addresses[name]) for name in OF_THE_VISIT} == {404}
    assert ask(who, addresses["recording"]) == 200


@pytest.mark.parametrize("who", ["mei", "ada"])
def test_it_shows_people_their_own_visit(addresses: dict[str, str], who: str) -> None:
    for name in OF_THE_VISIT | {"recording"}:
        assert (name, ask(who, addresses[name])) in {(name, 200), (name, 302)}


def test_it_shows_the_flight_recorder_to_staff_only(addresses: dict[str, str]) -> None:
    answers = {who: ask(who, addresses["call_flight"]) for who in (*STRANGERS, "mei")}
    assert set(answers.values()) == {404}
    assert {ask(who, addresses["call_flight"]) for who in ("ada", "ines", "kai")} == {200}


@pytest.fixture
def administration(db: None) -> list[str]:
    """Every page of the administration; where one is about a single thing, Mei's id is put in."""
    mei = make_cast().mei
    person("ines@example.com", "Ines Falk", Role.SUPERVISOR)
    person("kai@example.com", "Kai Admin", Role.ADMINISTRATOR)
    paths = [path for path, _name in patterns(get_resolver().url_patterns)]
    pages = [path for path in paths if path.startswith("admin/") and "(" not in path]
    apps = {path.split("/")[1] for path in pages if path.endswith("/<path:object_id>/change/")}
    return [
        *(re.sub(r"<[^>]+>", str(mei.pk), f"/{path}") for path in pages),
        *(f"/admin/{app}/" for app in apps),
        "/admin/nowhere/",
    ]


def refused(path: str) -> set[int]:
    # Who is not signed in and signs out is sent to the start.
    return REFUSED | {302} if path == "/admin/logout/" else REFUSED


@pytest.mark.parametrize("who", ["anonymous", "mei", "sam", "ada", "tomas", "ines"])
def test_it_keeps_the_administration_to_administrators(administration: list[str], who: str) -> None:
    answers = {path: ask(who, path) for path in administration}
    assert {path: code for path, code in answers.items() if code not in refused(path)} == {}


def test_it_shows_administrators_what_it_keeps_from_others(administration: list[str]) -> None:
    mei = User.objects.get(email="mei@example.com")
    page = f"/admin/accounts/user/{mei.pk}/change/"
    assert page in administration
    assert ask("kai", page) == 200
