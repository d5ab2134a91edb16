"""The button on other sites: which of them get a state, what it says, and whence people came."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from calls.models import Queue, QueueDay, QueueEntry
from calls.services.desk import embedding
from config.visitors import button_origins, rate_limits
from tests.booking.house import text
from tests.desk import house

pytestmark = pytest.mark.django_db

SHOP = "https://shop.example"
STATUS = "/talk/billing/status.json"


@pytest.fixture(autouse=True)
def allowed(settings: Settings) -> None:
    settings.BUTTON_ORIGINS = button_origins([SHOP, "https://www.shop.example:8443"], demo=False)


@pytest.fixture(autouse=True)
def billing() -> Queue:
    return house.queue(languages=["en", "de"])


def ask(origin: str = SHOP, path: str = STATUS, **more: Any) -> Any:
    return Client().get(path, headers={"origin": origin, **more})


def came_from(address: str) -> str:
    """The origin of the entry of somebody who opens the address and waits."""
    client = Client()
    page = client.get(address)
    hidden = page.context["talk_form"]["came_from"].value() or ""
    said = {"kind": "live", "name": "Mei", "media": "video", "language": "en", "came_from": hidden}
    client.post("/talk/billing/", said)
    return QueueEntry.objects.latest("arrived_at").origin


def test_the_script_is_for_every_page() -> None:
    answer = Client().get("/talk/button.js")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer["Cache-Control"] == "public, max-age=3600"
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert len(answer.content) <= 6 * 1024
    assert not answer.cookies
    again = Client().get("/talk/button.js", headers={"if-none-match": answer["ETag"]})
    assert again.status_code == 304
    assert Client().post("/talk/button.js").status_code == 405


def test_an_allowed_site_hears_the_truth() -> None:
    answer = ask()
    assert answer["Access-Control-Allow-Origin"] == SHOP
    assert "Access-Control-Allow-Credentials" not in answer
    assert "Origin" in answer["Vary"]
    assert not answer.cookies
    state = answer.json()
    assert state["open"] is True
    assert (state["label"], state["state"]) == (
        "Talk to someone now",
        "Nobody is at the desk right now. You can wait, be called back, or write.",
    )
    assert state["address"].startswith("http://testserver/talk/billing/?from=https%3A%2F%2Fshop")


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "null",
        "https://evil.example",
        "http://shop.example",
        "https://shop.example:8443",
        "https://shop.example.evil.example",
        "https://evil-shop.example",
        "https://shop.example/",
        "HTTPS://SHOP.EXAMPLE",
        "https://shop.example, https://evil.example",
        "https://user@shop.example",
        "https://shop.exampl\u0435",
        "x" * 5000,
    ],
)
def test_any_other_site_hears_nothing(origin: str) -> None:
    for path in (STATUS, "/talk/nothing/status.json"):
        answer = ask(origin.encode().decode("latin-1"), path)
        assert answer.status_code == 403
        assert answer.json() == {"detail": "This site may not show the button."}
        assert "Access-Control-Allow-Origin" not in answer


def test_an_allowed_site_hears_that_there_is_no_such_queue() -> None:
    answer = ask(path="/talk/nothing/status.json")
    assert answer.status_code == 404
    assert answer["Access-Control-Allow-Origin"] == SHOP


def test_a_site_sends_nothing(billing: Queue) -> None:
    assert Client().post(STATUS, headers={"origin": SHOP}).status_code == 405


def test_it_speaks_the_language_of_the_page() -> None:
    assert ask(path=f"{STATUS}?language=zh-CN").json()["language"] == "zh-hans"
    assert ask(path=f"{STATUS}?language=en-GB").json()["language"] == "en"
    assert ask(path=f"{STATUS}?language={'x' * 500}%00").json()["language"] == "en"
    chinese = ask(path=f"{STATUS}?language=tlh", **{"accept-language": "zh"})
    assert chinese.json()["language"] == "zh-hans"


def test_a_closed_queue_says_when_it_opens(billing: Queue) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    QueueDay.objects.create(queue=billing, date=tomorrow, starts="12:00", ends="18:00")
    state = ask(path=f"{STATUS}?zone=UTC").json()
    assert state["open"] is False
    assert state["state"] == "Closed. Opens tomorrow 12:00 (your time)"
    assert state["label"] == "Write to us"
    assert ask(path=f"{STATUS}?zone=Mars/Olympus").json()["state"].endswith("12:00 (UTC)")
    Queue.objects.update(takes_messages=False, takes_callbacks=False)
    state = ask().json()
    assert (state["label"], state["address"]) == ("Billing", "")


def test_the_entry_names_the_site() -> None:
    assert came_from(ask().json()["address"]) == SHOP


@pytest.mark.parametrize(
    "said",
    [
        "",
        SHOP,
        f"{SHOP}:1abcde:forged",
        "https://evil.example:1abcde:forged",
        "%00",
        "x" * 5000,
    ],
)
def test_a_site_that_only_says_so_is_not_named(said: str) -> None:
    assert came_from(f"/talk/billing/?from={said}") == ""


def test_what_was_signed_holds_for_one_queue_a_short_while_and_an_allowed_site(
    billing: Queue, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed = embedding.signed_origin(billing, SHOP)
    assert embedding.origin_of(billing, signed) == SHOP
    assert embedding.origin_of(house.queue(name="Front desk"), signed) == ""
    settings.BUTTON_ORIGINS = frozenset()
    assert embedding.origin_of(billing, signed) == ""
    settings.BUTTON_ORIGINS = frozenset({SHOP})
    monkeypatch.setattr(embedding, "LIFE_SECS", -1)
    assert embedding.origin_of(billing, signed) == ""


def test_the_page_itself_is_never_framed() -> None:
    answer = Client().get("/talk/billing/")
    assert answer["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert "Talk to someone now" in text(answer)


@pytest.mark.parametrize(
    "origin",
    [
        "shop.example",
        "http://shop.example",
        "https://shop.example/",
        "https://shop.example/path",
        "https://*.shop.example",
        "*",
        "null",
        "https://",
        "https://user@shop.example",
        "https://shop.example:443",
        "https://shop.example:port",
        "https://Shop.example",
        "https://shöp.example",
        "http://localhost:8080",
        "https://shop.example\n",
    ],
)
def test_a_wrong_origin_stops_the_start(origin: str) -> None:
    with pytest.raises(SystemExit, match="BUTTON_ORIGINS must list origins"):
        button_origins([SHOP, origin], demo=False)


def test_a_demo_may_use_sites_on_the_same_machine() -> None:
    assert button_origins(["http://localhost:8080"], demo=True) == {"http://localhost:8080"}
    with pytest.raises(SystemExit):
        button_origins(["http://shop.example"], demo=True)


@pytest.mark.parametrize("rate", ["", "20", "0/m", "-1/m", "x/m", "5/w", "5/m/key", "5/m,"])
def test_a_wrong_limit_stops_the_start(rate: str) -> None:
    with pytest.raises(SystemExit, match="ARRIVAL_LIMIT must be"):
        rate_limits(rate)


def test_a_limit_is_counted_by_address() -> None:
    assert rate_limits("60/m, 600/h")["queue_entry"] == "60/m/ip,600/h/ip"
