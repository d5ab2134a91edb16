"""`/talk/<queue>/` given the wrong thing: odd words, forged forms, too many at once."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import Role, User
from calls.models import Media, Queue, QueueEntry
from tests.booking.house import text
from tests.desk import house
from tests.desk.visitors import SAID, come, fields

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def unhurried(settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"queue_entry": "1000/m/ip"}


@pytest.fixture
def billing() -> Queue:
    return house.queue(languages=["en", "de"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "x" * 121},
        {"name": "Mei\x00Lin"},
        {"name": "\u202e\u200b"},
        {"name": "..."},
        {"subject": "x" * 201},
        {"language": "zh-hans"},
        {"language": "' or 1=1"},
        {"media": "hologram"},
        {"media": ""},
        {"website": "https://spam.example"},
        {"came_from": "x" * 401},
        {"kind": "callback"},
        {"kind": "callback", "phone": "letters"},
        {"kind": "callback", "phone": "1234"},
        {"kind": "callback", "phone": "+" * 6},
        {"kind": "callback", "phone": "1" * 41},
        {"kind": "callback", "email": "nobody"},
        {"kind": "message", "message": "Hello"},
        {"kind": "message", "email": "mei@example.com"},
        {"kind": "message", "message": "x" * 4001, "email": "mei@example.com"},
        {"kind": "message", "message": "\x00", "email": "mei@example.com"},
    ],
)
def test_it_takes_nothing_odd(billing: Queue, wrong: dict[str, Any]) -> None:
    answer = come(billing, **wrong)
    assert answer.status_code == 400
    assert "Something is not right yet" in text(answer)
    assert not QueueEntry.objects.exists()
    assert not User.objects.filter(role=Role.GUEST).exists()


@pytest.mark.parametrize("kind", ["", "letter", "x" * 500])
def test_an_unknown_kind_of_form_is_the_first(billing: Queue, kind: str) -> None:
    come(billing, kind=kind)
    assert QueueEntry.objects.get().kind == "live"


def test_markup_in_a_name_stays_text(billing: Queue) -> None:
    client = Client()
    come(billing, client, name="<script>alert(1)</script>", subject="\u202eevil")
    entry = QueueEntry.objects.get()
    assert entry.name == "<script>alert(1)</script>"
    assert entry.subject == "evil"
    for path in (f"/contacts/{entry.pk}/", "/talk/", f"/calls/{entry.call_id}/"):
        assert "<script>alert" not in text(client.get(path))


@pytest.mark.parametrize("slug", ["nothing", "x" * 300, "%00", "..%2f", "bílling"])
def test_an_unknown_queue_is_nothing(billing: Queue, slug: str) -> None:
    assert Client().get(f"/talk/{slug}/").status_code == 404
    assert Client().post(f"/talk/{slug}/", SAID).status_code == 404


def test_an_address_fills_in_what_makes_sense(billing: Queue) -> None:
    page = Client().get("/talk/billing/?language=de&subject=Invoice+7&media=text")
    filled = fields(page)
    assert [filled[name] for name in ("language", "subject", "media")] == [
        "de",
        "Invoice 7",
        "text",
    ]
    odd = f"?language=xx&subject={'x' * 201}&media=all&from=https://evil.example&name=Eve"
    filled = fields(Client().get(f"/talk/billing/{odd}"))
    assert filled["language"] == "en"
    assert filled["media"] == Media.VIDEO
    assert [filled[name] for name in ("subject", "came_from", "name")] == [None, None, None]


def test_the_language_of_the_person_comes_first(billing: Queue) -> None:
    Queue.objects.update(languages=["de", "zh-hans"])
    chinese = Client(headers={"accept-language": "zh-CN"})
    assert fields(chinese.get("/talk/billing/"))["language"] == "zh-hans"
    Queue.objects.update(languages=["de"])
    assert "language" not in fields(Client().get("/talk/billing/"))
    come(billing)
    assert QueueEntry.objects.get().language == "de"


def test_it_is_limited_by_address(billing: Queue, settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"queue_entry": "2/m/ip"}

    def come_from(address: str) -> int:
        client = Client(REMOTE_ADDR=address)
        return int(client.post("/talk/billing/", SAID).status_code)

    assert [come_from("198.51.100.7") for _ in range(3)] == [302, 302, 429]
    assert come_from("198.51.100.8") == 302
    assert Client(REMOTE_ADDR="198.51.100.7").get("/talk/billing/").status_code == 200


def test_it_wants_a_token_against_forged_forms(billing: Queue) -> None:
    client = Client(enforce_csrf_checks=True)
    assert come(billing, client).status_code == 403
    assert not QueueEntry.objects.exists()


def test_other_methods_are_refused(billing: Queue) -> None:
    assert Client().put("/talk/billing/").status_code == 405
    assert Client().post("/talk/").status_code == 405
