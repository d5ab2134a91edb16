"""The player in a real browser: two encrypted files play in step from a real server."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page

from audit.models import AuditEntry
from tests.recordings.story import ADA_OFFSET_SECS, MEI_OFFSET_SECS, recorded_visit
from tests.support.axe import faults
from tests.support.browser import let_go
from tests.support.cast import Cast, make_cast, session_cookie
from tests.support.web import web_process

TIMES = "() => [...document.querySelectorAll('video')].map(video => video.currentTime)"
PLAY = ".transport__controls [data-toggle]"


@pytest.fixture
def unsafe(monkeypatch: pytest.MonkeyPatch) -> None:
    """Playwright keeps an event loop in this thread, which Django would take for our own."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture
def cast(unsafe: None, transactional_db: None, redis_url: str) -> Cast:
    return make_cast()


@pytest.fixture
def errors() -> list[str]:
    """What the page's console complains of."""
    return []


@pytest.fixture
def page(
    cast: Cast, chromium: Browser, monkeypatch: pytest.MonkeyPatch, errors: list[str]
) -> Iterator[Page]:
    """Mei has opened the page of her recorded visit."""
    recording = recorded_visit(cast.call)
    # Static files come from where they lie, without a manifest.
    monkeypatch.setenv("DEBUG", "true")
    name, _, value = session_cookie(cast.mei).partition("=")
    with web_process() as (address, _process):
        url = address.replace("ws://", "http://")
        context = chromium.new_context(base_url=url, reduced_motion="reduce")
        context.add_cookies([{"name": name, "value": value, "url": url}])
        opened = context.new_page()
        opened.on("pageerror", lambda error: errors.append(str(error)))
        opened.on(
            "console", lambda line: errors.append(line.text) if line.type == "error" else None
        )
        opened.goto(reverse("recording", args=(recording.pk,)))
        opened.wait_for_function(
            "() => [...document.querySelectorAll('video')].every(video => video.readyState >= 3)"
        )
        yield opened
        assert errors == []
        let_go(context)


def offsets_apart(times: list[float]) -> float:
    """How many seconds the two are out of step with each other on the recording's clock."""
    mei, ada = times
    return abs((mei + MEI_OFFSET_SECS) - (ada + ADA_OFFSET_SECS))


def seek(page: Page, at_secs: float) -> None:
    page.locator("[data-seek]").evaluate(
        "(bar, at) => { bar.value = at; bar.dispatchEvent(new Event('input', {bubbles: true}));"
        " bar.dispatchEvent(new Event('change', {bubbles: true})); }",
        at_secs,
    )


def wait_for_time(page: Page, least_secs: float) -> None:
    page.wait_for_function(
        "least => document.querySelector('video').currentTime >= least", arg=least_secs
    )


def test_it_plays_both_people_within_a_tenth_of_a_second(page: Page) -> None:
    seek(page, 2)
    page.click(PLAY)
    wait_for_time(page, 3)
    samples: list[float] = []
    for step in range(12):
        wait_for_time(page, 3.2 + step * 0.2)
        samples.append(offsets_apart(page.evaluate(TIMES)))
    samples.sort()
    # One beat may fall between the two reads of a busy machine; a drift would stay.
    assert samples[-2] < 0.1, samples


def test_it_stops_and_goes_where_a_message_was_written(page: Page) -> None:
    page.click(PLAY)
    wait_for_time(page, 0.5)
    page.click(PLAY)
    # Named in full: a visit at nine past midnight has 0:09 in its time of day too.
    page.get_by_role("button", name="Play from 0:09").first.click()
    page.wait_for_function("() => Math.abs(document.querySelector('video').currentTime - 9) < 0.1")
    assert page.evaluate(TIMES) == pytest.approx([9.0, 8.0], abs=0.1)
    assert page.locator("li[aria-current]").inner_text().endswith("turn to the light.")


def test_it_says_where_somebody_was_not_recorded(page: Page) -> None:
    mei = page.locator("figure").first.locator(".seat__note--absent")
    ada = page.locator("figure").last.locator(".seat__note--absent")
    seek(page, 6)
    mei.wait_for(state="visible")
    assert ada.is_hidden()
    seek(page, 9)
    mei.wait_for(state="hidden")


def test_it_says_why_somebody_was_not_recorded(page: Page) -> None:
    seek(page, 6)
    page.locator("figure").first.get_by_text("connection lost").wait_for()


def test_it_calls_the_first_half_second_no_gap(page: Page) -> None:
    seek(page, 0.2)
    ada = page.locator("figure").last.locator(".seat__note--absent")
    ada.wait_for(state="visible")
    assert page.locator("figure").first.locator(".seat__note--absent").is_hidden()


def test_it_obeys_the_keyboard(page: Page) -> None:
    now = page.locator("[data-now]")
    for key, shown in (
        ("l", "0:10"),
        ("j", "0:00"),
        ("5", "0:06"),
        ("End", "0:13"),
        ("Home", "0:00"),
        ("n", "0:03"),
        ("n", "0:05"),
        ("p", "0:03"),
        ("ArrowRight", "0:08"),
    ):
        page.keyboard.press(key)
        assert (key, now.inner_text()) == (key, shown)
    page.keyboard.press(">")
    page.keyboard.press("m")
    state: dict[str, Any] = page.evaluate(
        "() => ({speed: document.querySelector('[data-speed]').value,"
        " muted: document.querySelector('video').muted})"
    )
    assert state == {"speed": "1.25", "muted": True}
    page.keyboard.press(" ")
    page.wait_for_function("() => !document.querySelector('video').paused")


def test_it_goes_to_the_next_fact_and_says_which(page: Page) -> None:
    page.click("[data-next]")
    said = page.locator("[data-said]").inner_text()
    assert "Can you" in said
    assert page.locator("li[aria-current] .happening__who").inner_text() == "Mei Lin"


def test_it_shows_its_keys(page: Page) -> None:
    page.keyboard.press("?")
    page.get_by_role("dialog", name="Keys").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("dialog", name="Keys").wait_for(state="hidden")


def test_it_makes_one_person_softer_or_silent(page: Page) -> None:
    page.get_by_role("slider", name="Volume of Mei Lin").fill("0.5")
    page.get_by_role("button", name="Mute Dr. Ada Brandt").click()
    sounds = page.evaluate(
        "() => [...document.querySelectorAll('video')].map(one => [one.volume, one.muted])"
    )
    assert sounds == [[0.5, False], [1, True]]


def test_it_keeps_the_pitch_at_another_speed(page: Page) -> None:
    page.locator("[data-speed]").select_option("2")
    page.click(PLAY)
    page.wait_for_function("() => document.querySelector('video').playbackRate > 1.5")
    assert page.evaluate("() => document.querySelector('video').preservesPitch")


def test_it_asks_for_a_file_of_everybody_without_leaving(page: Page) -> None:
    page.get_by_role("button", name="Make it mp4").click()
    page.locator("progress").wait_for()
    assert page.locator("video").count() == 2


def test_it_has_no_faults_for_those_who_see_or_move_otherwise(
    page: Page, errors: list[str]
) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("() => document.documentElement.scrollWidth") == 320
    page.set_viewport_size({"width": 1280, "height": 720})
    assert errors == []
    assert faults(page) == []
    # axe parses copies of the lanes; that their places are written as styles is refused there.
    errors.clear()


def test_it_audits_that_the_files_were_played(page: Page, cast: Cast) -> None:
    plays = AuditEntry.objects.filter(action="recording.play", actor=str(cast.mei.pk))
    assert plays.count() == 2
