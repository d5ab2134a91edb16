"""Every page of the portal fits a screen of 320 pixels, also with names that do not end."""

from playwright.sync_api import Browser, Page

from tests.browser.portal.conftest import somebody
from tests.support.axe import STILL
from tests.support.group import ServerGroup
from tests.support.people import Someone

NARROW = {"viewport": {"width": 320, "height": 640}, **STILL}
OF_PATIENTS = (
    "/home/",
    "/talk/",
    "/talk/front-desk/",
    "/book/",
    "/notices/",
    "/recordings/",
    "/account/profile/",
    "/account/people/",
    "/account/notifications/",
    "/account/calendar/",
)
OF_A_VISIT = ("", "form/", "test/", "guests/")
OF_AGENTS = ("/home/", "/day/", "/hours/", "/book/for/", "/notices/")
WIDTH = "() => document.documentElement.scrollWidth"
# As a page is after somebody wrote a name that has no place to break.
LENGTHEN = """() => {
    for (const words of document.querySelectorAll("h1, .row__title, .row__detail, strong, dd")) {
        if (!words.children.length) words.textContent += "Wolfeschlegelsteinhausenbergerdorff";
    }
}"""


def widths(page: Page, addresses: tuple[str, ...]) -> dict[str, int]:
    """The pages that are wider than the screen, as they are and with long names."""
    too_wide = {}
    for address in addresses:
        page.goto(address)
        for words in ("as it is", "long names"):
            width = int(page.evaluate(WIDTH))
            if width > 320:
                too_wide[f"{address} {words}"] = width
            page.evaluate(LENGTHEN)
    return too_wide


def test_it_fits_a_narrow_screen(chromium: Browser, server_group: ServerGroup) -> None:
    for mei in somebody(chromium, server_group, "patient@example.com", NARROW):
        visit = mei.book("General consultation", "Dr. Ada Brandt")
        assert widths(mei.page, OF_PATIENTS) == {}
        assert widths(mei.page, tuple(visit + page for page in OF_A_VISIT)) == {}
        steps = booking_steps(mei)
        assert widths(mei.page, steps) == {}
    for ada in somebody(chromium, server_group, "agent@example.com", NARROW):
        assert widths(ada.page, (*OF_AGENTS, visit)) == {}


def booking_steps(someone: Someone) -> tuple[str, ...]:
    """The addresses of the steps of one booking, from the person to the confirmation."""
    page = someone.page
    page.goto("/book/")
    page.get_by_role("link", name="Follow-up").click()
    person = page.url
    page.get_by_role("link", name="Dr. Ada Brandt").click()
    time = page.url
    waiting = page.get_by_role("link", name="Put me on the waiting list").get_attribute("href")
    page.locator("a.slot").first.click()
    return (person, time, str(waiting), page.url)
