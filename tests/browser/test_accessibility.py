"""axe finds no serious fault on any screen, in light and dark, on a phone and on a desk."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.support.axe import STILL, faults
from tests.support.browser import let_go
from tests.support.group import ServerGroup
from tests.support.people import Someone

PHONE = {"viewport": {"width": 390, "height": 844}, "color_scheme": "light", **STILL}
DESK = {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark", **STILL}
OPEN_PAGES = (
    *("/", "/talk/", "/talk/front-desk/", "/nowhere/"),
    *("/account/login/", "/account/signup/", "/account/password/reset/"),
)
PATIENT_PAGES = (
    "/home/",
    "/book/",
    "/recordings/",
    "/notices/",
    "/account/profile/",
    "/account/people/",
    "/account/calendar/",
    "/account/2fa/",
)
HOUSE_PAGES = {
    "supervisor@example.com": ("/home/", "/day/?only=risk"),
    "admin@example.com": ("/home/", "/hours/", "/day/", "/book/for/"),
}
AGENT_PAGES = ("/home/", "/recordings/", "/day/", "/hours/", "/book/for/")


@pytest.fixture(params=[PHONE, DESK], ids=["phone-light", "desk-dark"])
def screen(request: pytest.FixtureRequest) -> dict[str, Any]:
    return dict(request.param)


@pytest.fixture
def mei(chromium: Browser, server_group: ServerGroup, screen: dict[str, Any]) -> Iterator[Someone]:
    someone = Someone(chromium, server_group.url, "patient@example.com", **screen)
    yield someone
    someone.close()


def faults_of(page: Page, addresses: tuple[str, ...]) -> list[str]:
    everything: list[str] = []
    for address in addresses:
        page.goto(address)
        everything += faults(page)
    return everything


def test_it_welcomes_everyone_before_the_sign_in(
    chromium: Browser, server_group: ServerGroup, screen: dict[str, Any]
) -> None:
    context = chromium.new_context(base_url=server_group.url, **screen)
    assert faults_of(context.new_page(), OPEN_PAGES) == []
    let_go(context)


def test_it_serves_patients(mei: Someone) -> None:
    assert faults_of(mei.page, PATIENT_PAGES) == []


def test_it_serves_agents(
    chromium: Browser, server_group: ServerGroup, screen: dict[str, Any]
) -> None:
    ada = Someone(chromium, server_group.url, "agent@example.com", **screen)
    assert faults_of(ada.page, AGENT_PAGES) == []
    ada.close()


def test_it_serves_those_who_answer_for_the_house(
    chromium: Browser, server_group: ServerGroup, screen: dict[str, Any]
) -> None:
    for email, addresses in HOUSE_PAGES.items():
        someone = Someone(chromium, server_group.url, email, **screen)
        assert faults_of(someone.page, addresses) == []
        visits = someone.page.locator("main .row__title a")
        # The days of the demo are those of its own clock, which may be a day ahead.
        for ahead in range(1, 6):
            someone.page.goto(f"/day/?day={date.today() + timedelta(days=ahead)}")
            if visits.count():
                break
        visits.first.click()
        someone.page.get_by_role("link", name="Book another visit").wait_for()
        assert faults(someone.page) == []
        someone.close()


def test_it_books_without_a_fault_on_the_way(mei: Someone) -> None:
    mei.page.goto("/book/")
    mei.page.get_by_role("link", name="General consultation").click()
    found = faults(mei.page)
    mei.page.get_by_role("link", name="Dr. Ada Brandt").click()
    found += faults(mei.page)
    mei.page.locator("a.slot").first.click()
    found += faults(mei.page)
    mei.page.get_by_role("button", name="Book this visit").click()
    mei.page.wait_for_url("**/appointments/*/")
    found += faults(mei.page)
    assert found == []


def test_it_has_no_fault_before_and_in_the_call(
    mei: Someone, chromium: Browser, server_group: ServerGroup, screen: dict[str, Any]
) -> None:
    ada = Someone(chromium, server_group.url, "agent@example.com", **screen)
    mei.page.goto(mei.book("General consultation", "Dr. Ada Brandt"))
    mei.page.locator('a[href*="/calls/"]').first.click()
    mei.until("callState", "lobby")
    found = faults(mei.page)
    ada.page.goto(mei.page.url)
    mei.join()
    mei.until("callState", "waiting")
    found += faults(mei.page)
    ada.join()
    ada.press("admit")
    mei.until("callState", "live")
    ada.press("chat")
    found += faults(mei.page) + faults(ada.page)
    ada.press("close-panel")
    found += faults_when_asked(mei, ada)
    mei.press("leave")
    mei.until("callState", "left")
    found += faults(mei.page)
    mei.press("rejoin")
    mei.until("callState", "live")
    ada.press("end")
    found += faults(ada.page)
    ada.press("confirm-end")
    mei.until("callState", "ended")
    found += faults(mei.page)
    ada.close()
    assert found == []


def faults_when_asked(mei: Someone, ada: Someone) -> list[str]:
    """Of the dialogs about recording: the one that asks and the one that is to be answered."""
    ada.press("record")
    ada.page.wait_for_selector('[data-dialog="ask"][open]')
    found = faults(ada.page)
    ada.press("confirm-record")
    mei.page.wait_for_selector('[data-dialog="consent"][open]')
    found += faults(mei.page)
    mei.press("decline")
    ada.until("recording", "refused")
    return found
