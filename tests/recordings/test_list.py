"""The list of recordings: whose it shows, and how one is found in it."""

from datetime import timedelta

import pytest
from django.test.client import Client
from django.urls import reverse

from accounts.models import Role, User
from calls.models import CallSession, Recording
from tests.recordings.story import cast, recorded_visit, recording
from tests.support.cast import Cast, person

__all__ = ["cast", "recording"]


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def listed(client: Client, query: str = "") -> list[Recording]:
    response = client.get(reverse("recordings") + query)
    assert response.status_code == 200
    return list(response.context["page"].object_list)


def test_it_lists_the_recordings_of_ones_own_visits(cast: Cast, recording: Recording) -> None:
    assert listed(signed_in(cast.mei)) == [recording]
    assert listed(signed_in(cast.ada)) == [recording]
    assert listed(signed_in(cast.sam)) == []


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.ADMINISTRATOR])
def test_it_lists_everything_for_those_who_answer_for_it(
    cast: Cast, recording: Recording, role: Role
) -> None:
    assert listed(signed_in(person("ines@example.com", "Ines Falk", role))) == [recording]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=brandt", True),
        ("?q=mei+consultation", True),
        ("?q=okafor", False),
        ("?state=ready", True),
        ("?state=failed", False),
        ("?state=nonsense", True),
        ("?since=2000-01-01&until=2000-12-31", False),
        ("?since=2000-01-01", True),
        ("?since=yesterday", True),
        ("?since=2030-01-01&until=2020-01-01", True),
        ("?page=99", True),
    ],
)
def test_it_finds_by_person_service_day_and_state(
    cast: Cast, recording: Recording, query: str, found: bool
) -> None:
    assert listed(signed_in(cast.mei), query) == ([recording] if found else [])


def test_it_answers_htmx_with_the_rows_only(cast: Cast, recording: Recording) -> None:
    headers = {"HX-Request": "true", "HX-Target": "recordings"}
    response = signed_in(cast.mei).get(reverse("recordings"), headers=headers)
    assert b"<html" not in response.content
    assert b"Consultation" in response.content


def test_it_lists_many_with_few_queries(
    cast: Cast, recording: Recording, django_assert_max_num_queries: object
) -> None:
    call = CallSession.objects.get(appointments__patient=cast.sam)
    recorded_visit(call)
    ines = signed_in(person("ines@example.com", "Ines Falk", Role.SUPERVISOR))
    with django_assert_max_num_queries(7):  # type: ignore[operator]
        assert len(listed(ines)) == 2


def test_it_says_what_to_expect_where_there_is_nothing(cast: Cast) -> None:
    client = signed_in(cast.mei)
    assert "No recordings yet" in client.get(reverse("recordings")).content.decode()
    assert "Nothing matches" in client.get(reverse("recordings") + "?q=x").content.decode()


def test_it_sends_a_visitor_of_the_list_to_sign_in(cast: Cast) -> None:
    response = Client().get(reverse("recordings"))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


def test_it_finds_by_the_day_in_the_persons_own_zone(cast: Cast, recording: Recording) -> None:
    assert recording.started_at
    cast.mei.time_zone = "Pacific/Kiritimati"
    cast.mei.save()
    day = (recording.started_at + timedelta(hours=14)).date().isoformat()
    assert listed(signed_in(cast.mei), f"?since={day}&until={day}") == [recording]
