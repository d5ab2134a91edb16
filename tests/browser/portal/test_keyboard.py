"""The portal without a mouse, at a desk: booking and all around it, the day, recording by plan."""

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


@pytest.fixture
def ada(chromium: Browser, server_group: ServerGroup) -> Iterator[Someone]:
    yield from somebody(chromium, server_group, "agent@example.com", DESK)


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


def write(page: Page, label: str, words: str) -> None:
    tab_to(page, label)
    page.keyboard.type(words)


def reads(page: Page, words: str) -> None:
    expect(page.get_by_text(words).locator("visible=true").first).to_be_visible()


def go(page: Page, words: str, heading: str) -> None:
    """Press Enter on what leads to a page of that heading."""
    press(page, words)
    expect(page.get_by_role("heading", name=heading)).to_be_visible()


def first_time(page: Page) -> str:
    return str(page.locator("a.slot").first.inner_text()).strip()


def test_what_is_around_a_visit_is_done_by_keyboard(mei: Someone) -> None:
    """A child, a series, another time, a guest, the waiting list, mails, the calendar, Chinese."""
    page = mei.page
    page.goto("/account/people/")
    write(page, "Name", "Jun")
    write(page, "Relation", "C")
    press(page, "Add")
    reads(page, "You can now book for Jun.")
    page.goto("/book/")
    go(page, "Counselling", "When suits you?")
    go(page, first_time(page), "Is this right?")
    write(page, "Who is the visit for?", "Jun")
    press(page, "Every week?")
    write(page, "How often?", "Every week, 2")
    press(page, "Book this visit")
    expect(page.get_by_role("checkbox")).to_have_count(2)
    press(page, "Book these visits")
    page.wait_for_url("**/appointments/*/")
    visit = page.url
    go(page, "Move to another time", "When suits you?")
    go(page, first_time(page), "Is this right?")
    press(page, "Move the visit")
    reads(page, "The visit has its new time.")
    go(page, "Invite somebody", "Invite somebody")
    write(page, "Name", "Yusuf")
    write(page, "Who", "I")
    press(page, "Make a link")
    reads(page, "This is the link")
    page.goto(visit)
    press(page, "Cancel all that are to come")
    expect(page.get_by_role("dialog")).to_be_visible()
    press(page, "Cancel them all")
    reads(page, "2 visits are cancelled.")
    page.goto("/account/notifications/")
    press(page, "E-mail before a visit", "Space")
    press(page, "Save")
    reads(page, "Your choice is saved.")
    press(page, "E-mail before a visit", "Space")
    with page.expect_navigation():
        press(page, "Save")
    page.goto("/account/calendar/")
    press(page, "Make a")
    reads(page, "This is your new address.")
    page.goto("/notices/")
    press(page, "Your visit")
    page.wait_for_url("**/appointments/*/")
    press(page, "Language and appearance")
    press(page, "简体中文")
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    press(page, "语言")
    press(page, "English")
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_staff_work_by_keyboard(ada: Someone, mei: Someone) -> None:
    """For a patient, the day, what is planned to be recorded, and what the patient says to it."""
    page = ada.page
    page.goto("/book/for/")
    tab_to(page, "Name or e-mail address")
    page.keyboard.type("mei")
    page.keyboard.press("Enter")
    page.wait_for_url("**/book/for/?q=mei")
    go(page, "Mei Lin", "What is it about?")
    go(page, "Medication review", "When suits you?")
    go(page, first_time(page), "Is this right?")
    press(page, "Book this visit")
    page.wait_for_url("**/appointments/*/")
    visit = page.url
    write(page, "Recording of this visit", "Ask when")
    press(page, "Save")
    reads(page, "It is saved for this visit.")
    press(page, "Write a note")
    write(page, "Note for the patient", "Bring the packets.")
    press(page, "Share with the patient")
    reads(page, "The patient can read your note.")
    mei.page.goto(visit)
    reads(mei.page, "Bring the packets.")
    press(mei.page, "No, please do not record")
    reads(mei.page, "It is not recorded, because you said no.")
    page.goto("/day/")
    press(page, "15 minutes")
    reads(page, "Those who wait for you see it.")
    press(page, "On time")
    reads(page, "You are on time again.")
    page.goto(visit)
    press(page, "Cancel visit")
    press(page, "Cancel visit")
    reads(page, "This visit does not take place")
