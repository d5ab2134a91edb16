"""What two people flashed and beeped is what their archive shows, when they did and in step."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.content.bounds import holds
from tests.content.visit import Talk, recorded
from tests.support.group import ServerGroup
from tests.support.registry import Registry, registry

pytestmark = [pytest.mark.lab, pytest.mark.timeout(1200)]
Browsers = tuple[Browser, Browser]
Spans = list[tuple[float, float]]


@pytest.fixture(scope="module")
def archive(server_group: ServerGroup) -> Iterator[Registry]:
    with registry(server_group) as made:
        yield made


def test_it_holds_what_was_shown_and_said(
    chromiums: Browsers, server_group: ServerGroup, archive: Registry
) -> None:
    evidence = recorded(chromiums, server_group, archive, lambda talk: talk.go_on(45))
    holds("clean network", evidence, share=0.99)


def test_it_does_not_drift_in_ten_minutes(
    chromiums: Browsers, server_group: ServerGroup, archive: Registry
) -> None:
    evidence = recorded(chromiums, server_group, archive, lambda talk: talk.go_on(600))
    holds("ten minutes", evidence, share=0.99, drift=0.040)


def test_it_goes_on_when_the_picture_changes_its_size(
    chromiums: Browsers, server_group: ServerGroup, archive: Registry
) -> None:
    def resize(talk: Talk) -> None:
        for width, height in ((640, 360), (320, 180), (1280, 720), (480, 270), (640, 360)):
            talk.mei.page.evaluate("(size) => window.resizePictures(...size)", [width, height])
            talk.go_on(8)

    evidence = recorded(chromiums, server_group, archive, resize)
    holds("resolution steps", evidence, share=0.98)
    assert len(evidence.people["patient"].reading.sizes) >= 3


def test_it_keeps_silence_while_the_microphone_is_off(
    chromiums: Browsers, server_group: ServerGroup, archive: Registry
) -> None:
    spans: Spans = []

    def mute(talk: Talk) -> None:
        talk.go_on(10)
        for _ in range(2):
            talk.mei.does("microphone")
            with talk.span(spans):
                talk.go_on(6)
            talk.mei.does("microphone")
            talk.go_on(10)

    evidence = recorded(chromiums, server_group, archive, mute)
    holds("muted twice", evidence, share=0.99, silent=spans)
    within = [
        second
        for second in evidence.people["patient"].beeps
        if any(start + 1 < second < end - 1 for start, end in spans)
    ]
    assert within == []


def test_it_comes_back_in_step_when_the_camera_was_off(
    chromiums: Browsers, server_group: ServerGroup, archive: Registry
) -> None:
    spans: Spans = []

    def cover(talk: Talk) -> None:
        talk.go_on(10)
        for _ in range(2):
            talk.mei.does("camera")
            with talk.span(spans):
                talk.go_on(6)
            talk.mei.does("camera")
            talk.go_on(10)

    evidence = recorded(chromiums, server_group, archive, cover)
    holds("camera off twice", evidence, share=0.98, dark=spans)
    within = [
        second
        for second in evidence.people["patient"].flashes
        if any(start + 1 < second < end - 1 for start, end in spans)
    ]
    assert within == []


def test_it_shows_the_screen_that_was_shared(
    chromiums: Browsers, server_group: ServerGroup, archive: Registry
) -> None:
    spans: Spans = []

    def share(talk: Talk) -> None:
        talk.go_on(8)
        talk.ada.does("share")
        with talk.span(spans):
            talk.go_on(15)
        talk.ada.does("share")
        talk.go_on(10)

    evidence = recorded(chromiums, server_group, archive, share)
    holds("screen shared", evidence, share=0.98)
    assert max(evidence.people["agent"].reading.sizes)[0] > 640
