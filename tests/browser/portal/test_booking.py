"""Booking as people do it: for a child, weekly, moved, called off, waited for, by staff."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.portal.conftest import somebody
from tests.support.axe import faults
from tests.support.browser import let_go
from tests.support.group import ServerGroup
from tests.support.people import Someone

SATURDAY = 5
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def tomas(
    chromium: Browser, server_group: ServerGroup, screen: dict[str, Any]
) -> Iterator[Someone]:
    yield from somebody(chromium, server_group, "agent2@example.com", screen)


def choose(page: Page, service: str, agent: str = "") -> list[str]:
    """The steps up to the time; what is wrong with their pages. Where only one person offers the
    service there is none to choose."""
    page.goto("/book/")
    found = faults(page)
    page.get_by_role("link", name=service).click()
    found += faults(page)
    if agent:
        page.get_by_role("link", name=agent).click()
        found += faults(page)
    return found


def call_off(page: Page) -> None:
    page.get_by_role("button", name="Cancel visit").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel visit").click()
    expect(page.get_by_text("This visit does not take place")).to_be_visible()


def test_a_patient_books_for_a_child_moves_it_and_calls_it_off(mei: Someone) -> None:
    page = mei.page
    page.goto("/account/people/")
    if not page.get_by_role("link", name="Lena").count():
        page.get_by_label("Name").fill("Lena")
        page.get_by_label("Relation").select_option("child")
        page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("link", name="Lena")).to_be_visible()
    found = faults(page) + choose(page, "Medication review")
    page.locator("a.slot").first.click()
    page.get_by_label("Who is the visit for?").select_option(label="Lena")
    page.get_by_label("What would you like to talk about?").fill("The new drops")
    found += faults(page)
    page.get_by_role("button", name="Book this visit").click()
    expect(page.get_by_text("The new drops")).to_be_visible()
    expect(page.locator("dl", has_text="Lena").first).to_be_visible()
    before = page.locator("#when-title").inner_text()
    page.get_by_role("link", name="Move to another time").click()
    found += faults(page)
    # Late in the evening a day has few times left.
    tomorrow = datetime.now(BERLIN).date() + timedelta(days=1)
    page.goto(f"{page.url}&day={tomorrow.isoformat()}")
    page.locator("a.slot").nth(2).click()
    found += faults(page)
    page.get_by_role("button", name="Move the visit").click()
    expect(page.get_by_text("The visit has its new time.")).to_be_visible()
    assert page.locator("#when-title").inner_text() != before
    call_off(page)
    found += faults(page)
    assert found == []


def test_the_next_times_stand_in_place_of_one_that_is_gone(mei: Someone, sam: Someone) -> None:
    found = choose(mei.page, "Medication review")
    mei.page.locator("a.slot").last.click()
    sam.page.goto(mei.page.url)
    mei.page.get_by_role("button", name="Book this visit").click()
    mei.page.wait_for_url("**/appointments/*/")
    sam.page.get_by_role("button", name="Book this visit").click()
    expect(sam.page.get_by_role("heading", name="The next free times")).to_be_visible()
    found += faults(sam.page)
    sam.page.locator("a.slot").first.click()
    sam.page.get_by_role("button", name="Book this visit").click()
    expect(sam.page.get_by_text("Your visit is booked.")).to_be_visible()
    for one in (mei, sam):
        call_off(one.page)
    assert found == []


def test_a_patient_books_weekly_and_leaves_one_out(mei: Someone) -> None:
    page = mei.page
    choose(page, "Counselling")
    page.locator("a.slot").last.click()
    page.get_by_text("Every week?").click()
    page.get_by_label("How often?").select_option("3")
    found = faults(page)
    page.get_by_role("button", name="Book this visit").click()
    expect(page.get_by_role("checkbox")).to_have_count(3)
    found += faults(page)
    page.get_by_role("checkbox").nth(1).uncheck()
    page.get_by_role("button", name="Book these visits").click()
    expect(page.get_by_text("2 visits are booked.")).to_be_visible()
    expect(page.get_by_text("1 more visit after this one")).to_be_visible()
    found += faults(page)
    call_off(page)
    assert found == []


def test_whoever_waits_is_offered_what_becomes_free(
    mei: Someone, tomas: Someone, screen: dict[str, Any]
) -> None:
    """The doctor is away on weekends, until one Saturday of his says otherwise."""
    weeks = 2 if screen["viewport"]["width"] < 800 else 3
    today = datetime.now(UTC).date()
    saturday = today + timedelta(days=(SATURDAY - today.weekday()) % 7 + 7 * weeks)
    page = mei.page
    choose(page, "Second opinion")
    page.get_by_role("link", name="Put me on the waiting list").click()
    page.get_by_label("From").fill(saturday.isoformat())
    page.get_by_label("Until").fill(saturday.isoformat())
    found = faults(page)
    page.get_by_role("button", name="Put me on the waiting list").click()
    page.goto("/home/")
    expect(page.get_by_role("heading", name="On the waiting list")).to_be_visible()
    found += faults(page)
    tomas.page.goto("/hours/")
    day = tomas.page.locator("section", has_text="Single days")
    day.get_by_label("Date").fill(saturday.isoformat())
    day.get_by_label("From").first.fill("10:00")
    day.get_by_label("Until").first.fill("11:00")
    day.get_by_role("button", name="Set this day").click()
    expect(day.get_by_text("10:00–11:00")).to_be_visible()
    found += faults(tomas.page)
    page.goto("/home/")
    page.get_by_role("link", name="Have a look").click()
    found += faults(page)
    page.get_by_role("button", name="Take this time").click()
    page.wait_for_url("**/appointments/*/")
    expect(page.get_by_text("Dr. Tomas Ruiz").first).to_be_visible()
    found += faults(page)
    call_off(page)
    day.get_by_role("button", name="As usual").click()
    assert found == []


def test_staff_book_for_a_patient_and_after_a_visit(ada: Someone) -> None:
    page = ada.page
    page.goto("/book/for/")
    page.get_by_role("searchbox").fill("okafor")
    page.get_by_role("button", name="Search").click()
    page.wait_for_url("**/book/for/?q=okafor")
    found = faults(page)
    page.get_by_role("link", name="Sam Okafor").click()
    page.get_by_role("link", name="Medication review").click()
    found += faults(page)
    page.locator("a.slot").last.click()
    page.get_by_label("What is it about?").fill("The result of the blood test")
    page.get_by_role("button", name="Book this visit").click()
    expect(page.get_by_text("The result of the blood test")).to_be_visible()
    call_off(page)
    # The demo's visit that took place then, by the doctor's own calendar.
    day = datetime.now(BERLIN).date() - timedelta(days=6)
    page.goto(f"/day/?day={day.isoformat()}")
    found += faults(page)
    page.get_by_role("link", name="Sam Okafor").first.click()
    page.get_by_role("link", name="Book a follow-up").click()
    expect(page.get_by_role("heading", name="When suits you?")).to_be_visible()
    page.locator("a.slot").last.click()
    page.get_by_role("button", name="Book this visit").click()
    page.wait_for_url("**/appointments/*/")
    call_off(page)
    assert found == []


def test_a_guest_comes_by_a_link(
    mei: Someone, chromium: Browser, screen: dict[str, Any], server_group: ServerGroup
) -> None:
    mei.book("General consultation", "Dr. Ada Brandt")
    page = mei.page
    page.get_by_role("link", name="Invite somebody").click()
    page.get_by_label("Name").fill("Yusuf")
    page.get_by_label("Who").select_option("interpreter")
    page.get_by_role("button", name="Make a link").click()
    found = faults(page)
    link = page.locator("#new-link").inner_text()
    context = chromium.new_context(**screen)
    guest = context.new_page()
    guest.goto(link)
    found += faults(guest)
    guest.get_by_role("button", name="Go to the call").click()
    guest.wait_for_selector('html[data-call-state="lobby"]', state="attached")
    found += faults(guest)
    page.reload()
    expect(page.get_by_text("This person is invited already.")).to_be_visible()
    page.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_text("The link does not work any more.")).to_be_visible()
    assert guest.goto(link).status == 404  # type: ignore[union-attr]
    let_go(context)
    assert found == []
