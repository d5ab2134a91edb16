"""Every address with every role: what each person gets, and no address that nobody thought of."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import Role, User
from tests.house.addresses import (
    AGENTS,
    ANYONE,
    ARRANGED,
    DESK,
    EMBEDDED,
    HOURS,
    IN_HAND,
    KNOWN,
    OF_THE_AGENT,
    OF_THE_AUTHOR,
    OF_THE_DESK,
    OF_THE_PATIENT,
    OF_THE_RECORDING,
    OF_THE_VISIT,
    PATIENTS,
    POSTED,
    SIGNED_IN,
    SUPERVISION,
    every_address,
)
from tests.support.cast import make_cast, person

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
    return every_address()


def ask(who: str, address: str) -> int:
    client = Client(raise_request_exception=False)
    if who != "anonymous":
        client.force_login(
            User.objects.get(email=f"{who}@example.com"),
            backend="django.contrib.auth.backends.ModelBackend",
        )
    posted = address.endswith(POSTED)
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


@pytest.mark.parametrize("who", ["anonymous", "mei", "ada", "kai"])
def test_it_tells_sites_that_nobody_allowed_nothing(addresses: dict[str, str], who: str) -> None:
    assert {ask(who, addresses[name]) for name in EMBEDDED} == {403}


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
    names = OF_THE_VISIT | OF_THE_RECORDING | OF_THE_AUTHOR
    answers = {name: ask(who, addresses[name]) for name in names}
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


@pytest.mark.parametrize("who", [*STRANGERS, "mei", "ines", "kai"])
def test_it_lets_only_its_agent_decide_about_a_visit(addresses: dict[str, str], who: str) -> None:
    assert {ask(who, addresses[name]) for name in OF_THE_AGENT} <= {401, 404}


@pytest.mark.parametrize("who", [*STRANGERS, "mei"])
def test_it_shows_what_is_arranged_to_staff_only(addresses: dict[str, str], who: str) -> None:
    assert {ask(who, addresses[name]) for name in ARRANGED} == {404}


@pytest.mark.parametrize("who", [*STRANGERS, "mei", "ines"])
def test_it_keeps_hours_to_their_agent_and_administrators(
    addresses: dict[str, str], who: str
) -> None:
    assert {ask(who, addresses[name]) for name in HOURS} == {404}


def test_it_shows_the_flight_recorder_to_staff_only(addresses: dict[str, str]) -> None:
    answers = {who: ask(who, addresses["call_flight"]) for who in (*STRANGERS, "mei")}
    assert set(answers.values()) == {404}
    assert {ask(who, addresses["call_flight"]) for who in ("ada", "ines", "kai")} == {200}


@pytest.mark.parametrize("who", ["anonymous", "mei", "kai"])
def test_it_keeps_the_desk_to_agents(addresses: dict[str, str], who: str) -> None:
    assert {ask(who, addresses[name]) for name in DESK | IN_HAND} <= {401, 403}


def test_it_hides_a_contact_from_other_agents(addresses: dict[str, str]) -> None:
    answers = {name: ask("tomas", addresses[name]) for name in IN_HAND}
    # What does not ring for oneself is gone, as what rings for nobody.
    gone = {"ring_accept": 302, "ring_decline": 302}
    assert answers == {name: gone.get(name, 404) for name in IN_HAND}
    # A state is chosen, or nothing changes.
    assert {ask("tomas", addresses[name]) for name in DESK} == {200, 400}


@pytest.mark.parametrize("who", [*STRANGERS, "mei", "ada"])
def test_it_shows_the_whole_desk_to_those_who_lead_it(addresses: dict[str, str], who: str) -> None:
    assert {ask(who, addresses[name]) for name in OF_THE_DESK} == {404}
    assert {ask(who, addresses[name]) for name in SUPERVISION} <= {401, 403}


@pytest.mark.parametrize("who", ["ines", "kai"])
def test_it_lets_supervisors_and_administrators_lead_the_desk(
    addresses: dict[str, str], who: str
) -> None:
    assert {ask(who, addresses[name]) for name in SUPERVISION} == {200}
    # What is sent without saying what is wanted changes nothing.
    assert {ask(who, addresses[name]) for name in OF_THE_DESK} <= {200, 302, 400}


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
