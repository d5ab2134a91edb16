"""Chromium with a fake camera and microphone, driven by Playwright."""

import os
import signal
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Playwright, sync_playwright

from tests.support.servers import program

# An unknown switch, which Chromium leaves alone: by it this process finds its own again.
MARK = f"--parlour-tests={os.getpid()}"
FLAGS = [
    MARK,
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-dev-shm-usage",
    # Host candidates as addresses: mDNS names do not resolve in a container.
    "--disable-features=WebRtcHideLocalIpsWithMdns",
]
LET_GO_SECS = 30.0


class Browsers:
    """The two Chromium of the tests, each started when asked for, and anew once it is gone."""

    def __init__(self, playwright: Playwright) -> None:
        self._playwright = playwright
        self._running: dict[int, Browser] = {}

    def at(self, place: int) -> Browser:
        browser = self._running.get(place)
        if browser is None or not browser.is_connected():
            browser = self._playwright.chromium.launch(executable_path=executable(), args=flags())
            self._running[place] = browser
        return browser

    def both(self) -> tuple[Browser, Browser]:
        """One each for two people who meet: in one browser they would share a camera, which stands
        still for seconds while a second page begins to use it."""
        return self.at(0), self.at(1)

    def close(self) -> None:
        for browser in self._running.values():
            let_go(browser)


def let_go(thing: Browser | BrowserContext, *, secs: float = LET_GO_SECS) -> None:
    """Close it; after `secs` without success end every Chromium of this process, and warn.

    Seldom, Chromium never answers that it has closed, and Playwright waits for it without end
    (duckduckgo/tracker-radar-collector, pull request 88, met it too).
    """
    ended = threading.Event()

    def end() -> None:
        ended.set()
        for pid in browser_processes():
            os.kill(pid, signal.SIGKILL)

    timer = threading.Timer(secs, end)
    timer.start()
    try:
        thing.close()
    except Error:
        # Another hang may have ended this one too.
        if not ended.is_set() and _browser_of(thing).is_connected():
            raise
    finally:
        timer.cancel()
    if ended.is_set():
        warnings.warn(f"Chromium had to be ended: {thing} did not close", stacklevel=2)


@pytest.fixture(scope="session")
def playwright_driver() -> Iterator[Playwright]:
    """What starts browsers; there can be only one in a process."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browsers(playwright_driver: Playwright) -> Iterator[Browsers]:
    """For fixtures that outlive a test; others take `chromium` or `chromiums`."""
    running = Browsers(playwright_driver)
    yield running
    running.close()


@pytest.fixture
def chromium(browsers: Browsers) -> Browser:
    """A running browser; make a context for each person: `chromium.new_context(base_url=…)`."""
    return browsers.at(0)


@pytest.fixture
def chromiums(browsers: Browsers) -> tuple[Browser, Browser]:
    """One for each of two people who meet; see `Browsers.both`."""
    return browsers.both()


def _browser_of(thing: Browser | BrowserContext) -> Browser:
    browser = thing if isinstance(thing, Browser) else thing.browser
    assert browser is not None  # only a persistent context has none
    return browser


def executable() -> str:
    return program("chromium", "chromium-browser", "google-chrome")


def flags() -> list[str]:
    return [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS


def browser_processes() -> list[int]:
    """The browsers' own processes; those of their pages end with them."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue  # gone meanwhile
        if MARK.encode() in words:
            found.append(int(path.parent.name))
    return found
