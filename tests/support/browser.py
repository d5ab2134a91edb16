"""Chromium with a fake camera and microphone, driven by Playwright."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.support.servers import program

FLAGS = [
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-dev-shm-usage",
    # Host candidates as addresses: mDNS names do not resolve in a container.
    "--disable-features=WebRtcHideLocalIpsWithMdns",
]


@pytest.fixture(scope="session")
def playwright_driver() -> Iterator[Playwright]:
    """What starts browsers; there can be only one in a process."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(playwright_driver: Playwright) -> Iterator[Browser]:
    """A running browser; make a context for each person: `chromium.new_context(base_url=…)`."""
    browser = playwright_driver.chromium.launch(executable_path=executable(), args=flags())
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def chromiums(
    chromium: Browser, playwright_driver: Playwright
) -> Iterator[tuple[Browser, Browser]]:
    """One each for two people who meet: in one browser they would share a camera, which stands
    still for seconds while a second page begins to use it."""
    other = playwright_driver.chromium.launch(executable_path=executable(), args=flags())
    yield chromium, other
    other.close()


def executable() -> str:
    return program("chromium", "chromium-browser", "google-chrome")


def flags() -> list[str]:
    return [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS
