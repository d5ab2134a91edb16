"""From the sign-in to the waiting room and back without a mouse, at a desk."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.portal.conftest import DESK, somebody
from tests.support.group import ServerGroup
from tests.support.people import Someone

# Past the longest page of it, a fortnight of days with the times of one.
MOST_TABS = 120
FOCUSED = """() => {
    const element = document.activeElement;
    const words = element.labels?.[0]?.innerText ?? element.ariaLabel ?? element.innerText ?? "";
    return words.trim().replace(/\\s+/g, " ");
}"""
IS_SEEN = """() => {
    const style = getComputedStyle(document.activeElement);
    return style.outlineStyle !== "none" || style.boxShadow !== "none";
}"""


@pytest.fixture
def mei(chromium: Browser, server_group: ServerGroup) -> Iterator[Someone]:
    yield from somebody(chromium, server_group, "patient@example.com", DESK)


def tab_to(page: Page, words: str) -> None:
    """Press Tab until what has the focus says so; that it has it can be seen."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if str(page.evaluate(FOCUSED)).startswith(words):
            assert page.evaluate(IS_SEEN)
            return
    pytest.fail(f"{MOST_TABS} times Tab do not lead to {words!r}")


def press(page: Page, words: str, key: str = "Enter") -> None:
    tab_to(page, words)
    page.keyboard.press(key)


def test_a_visit_is_booked_prepared_joined_and_called_off_by_keyboard(mei: Someone) -> None:
    page = mei.page
    page.goto("/home/")
    press(page, "Book a visit")
    page.wait_for_url("**/book/")
    press(page, "Follow-up")
    expect(page.get_by_role("heading", name="Whom would you like to see?")).to_be_visible()
    press(page, "Dr. Ada Brandt")
    expect(page.get_by_role("heading", name="When suits you?")).to_be_visible()
    press(page, str(page.locator("a.slot").first.inner_text()).strip())
    expect(page.get_by_role("heading", name="Is this right?")).to_be_visible()
    tab_to(page, "What would you like to talk about?")
    page.keyboard.type("The results")
    press(page, "Book this visit")
    page.wait_for_url("**/appointments/*/")
    visit = page.url
    expect(page.get_by_text("The results")).to_be_visible()
    press(page, "Check in")
    expect(page.get_by_text("You are checked in.", exact=True)).to_be_visible()
    press(page, "Test now")
    expect(page.get_by_role("heading", name="Test before your visit")).to_be_visible()
    press(page, "Start the test")
    expect(page.get_by_role("button", name="Play a sound")).to_be_visible()
    press(page, "Play a sound")
    expect(page.get_by_role("button", name="Yes, I hear it")).to_be_visible()
    press(page, "Yes, I hear it")
    expect(page.get_by_text("Everything works. You are ready for your visit.")).to_be_visible()
    page.goto(visit)
    press(page, "Join")
    mei.until("callState", "lobby")
    page.locator('[data-action="join"]:enabled').wait_for()
    press(page, "Join")
    mei.until("callState", "waiting")
    press(page, "Leave the waiting room")
    mei.until("callState", "lobby")
    page.goto(visit)
    press(page, "Cancel visit")
    expect(page.get_by_role("dialog")).to_be_visible()
    press(page, "Cancel visit")
    expect(page.get_by_text("This visit does not take place")).to_be_visible()
