"""Somebody without an account who needs somebody now: from the first page, or from another site."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.portal.conftest import DESK
from tests.browser.portal.test_keyboard import press, tab_to
from tests.support.axe import STILL, faults
from tests.support.browser import let_go
from tests.support.group import ServerGroup
from tests.support.servers import free_port

# A queue that opens in a week, made once.
CLOSED_QUEUE = """
from datetime import timedelta
from django.utils import timezone
from calls.models import Queue, QueueDay
front = Queue.objects.get(slug="front-desk")
night, _ = Queue.objects.get_or_create(slug="night-desk", defaults={
    "name": "Night desk", "service": front.service, "is_public": False,
    "closing": "We are asleep.", "time_zone": "Asia/Tokyo"})
later = timezone.now().date() + timedelta(days=5)
QueueDay.objects.get_or_create(queue=night, date=later, starts="09:00", ends="10:00")
"""
ENTRY_OF = """
from calls.models import QueueEntry
print(next(entry.pk for entry in QueueEntry.objects.all() if str(entry.call_id) in "{}"))
"""
ORIGIN = """
from calls.models import QueueEntry
print(QueueEntry.objects.filter(name="From a shop").latest("arrived_at").origin)
"""
Visit = Callable[..., BrowserContext]


@pytest.fixture
def visitor(chromium: Browser, server_group: ServerGroup) -> Iterator[Visit]:
    """Makes a browser that nobody has used before; no page of it may have a fault."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def make(**options: Any) -> BrowserContext:
        context = chromium.new_context(base_url=server_group.url, **options)
        context.set_default_timeout(20_000)
        context.on("weberror", lambda error: wrong.append(str(error.error)))
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        let_go(context)
    assert wrong == []


def come_in(page: Page, queue: str = "front-desk", name: str = "May") -> str:
    """Fill in the form and wait; returns the address of the call."""
    page.goto(f"/talk/{queue}/")
    page.get_by_label("Your name").first.fill(name)
    page.get_by_role("button", name="Talk to someone now").click()
    page.wait_for_url("**/calls/*/")
    return page.url


def test_a_visitor_comes_to_the_device_check_by_keyboard(
    visitor: Visit, screen: dict[str, Any]
) -> None:
    page = visitor(**screen).new_page()
    page.goto("/")
    assert faults(page) == []
    press(page, "Front desk")
    page.wait_for_url("**/talk/front-desk/")
    assert faults(page) == []
    tab_to(page, "Your name")
    page.keyboard.type("May")
    page.keyboard.press("Tab")
    expect(page.get_by_role("radio", name="By video")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="By voice")).to_be_checked()
    tab_to(page, "What is it about?")
    page.keyboard.type("A prescription")
    press(page, "Talk to someone now")
    page.wait_for_url("**/calls/*/")
    page.wait_for_selector('html[data-call-state="lobby"]', state="attached")
    expect(page.locator('[data-action="join"]')).to_have_text(re.compile("^Wait in line"))


def test_who_closes_the_tab_comes_back_to_the_same_place(visitor: Visit) -> None:
    context = visitor(**DESK)
    page = context.new_page()
    call = come_in(page)
    page.close()
    again = context.new_page()
    again.goto("/talk/front-desk/")
    again.wait_for_url(call)
    assert come_in(visitor(**DESK).new_page()) != call


def test_who_waits_can_write_or_leave(
    visitor: Visit, server_group: ServerGroup, screen: dict[str, Any]
) -> None:
    page = visitor(**screen).new_page()
    call = come_in(page)
    entry = server_group.manage("shell", "-v", "0", "-c", ENTRY_OF.format(call)).strip()
    page.goto(f"/contacts/{entry}/")
    expect(page.get_by_role("heading", name="You are waiting in Front desk")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("link", name="Write instead").click()
    assert faults(page) == []
    page.get_by_label("Your message").fill("Is the result there?")
    page.get_by_label("E-mail address").fill("may@example.com")
    page.get_by_role("button", name="Send the message").click()
    expect(page.get_by_text("We answer to may@example.com.")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("link", name="Take the message back").click()
    page.get_by_role("button", name="Take the message back").click()
    expect(page.get_by_text("You are not in line any more")).to_be_visible()


def test_a_closed_queue_says_when_it_opens_and_takes_word(
    visitor: Visit, server_group: ServerGroup, screen: dict[str, Any]
) -> None:
    server_group.manage("shell", "-v", "0", "-c", CLOSED_QUEUE)
    page = visitor(timezone_id="America/New_York", **screen).new_page()
    page.goto("/talk/night-desk/")
    expect(page.get_by_text("We are asleep.")).to_be_visible()
    # Nine in Tokyo is the evening before in New York.
    expect(page.get_by_text("19:00 (your time)")).to_be_visible()
    assert faults(page) == []
    form = page.locator("form", has=page.get_by_role("button", name="Call me back"))
    form.get_by_label("Your name").fill("May")
    form.get_by_label("Telephone").fill("+1 212 555 0100")
    form.get_by_role("button", name="Call me back").click()
    expect(page.get_by_role("heading", name="We call you back: Night desk")).to_be_visible()
    expect(page.get_by_text("We call +1 212 555 0100.")).to_be_visible()


class ShopPage(BaseHTTPRequestHandler):
    """The page of another site, as strict as a page can be."""

    def __init__(self, *request: Any, html: str, portal: str) -> None:
        self.html, self.portal = html, portal
        super().__init__(*request)

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        policy = f"default-src 'none'; script-src {self.portal}; connect-src {self.portal}"
        self.send_header("Content-Security-Policy", policy)
        self.end_headers()
        self.wfile.write(self.html.encode())

    def log_message(self, *_: object) -> None:
        """Says nothing on the terminal of the tests."""


@contextmanager
def site(group: ServerGroup, port: int, *tags: str, html: str = "en") -> Iterator[str]:
    """A site with one page, on which a script tag with each of these attributes stands."""
    scripts = "".join(f'<script src="{group.url}/talk/button.js" {tag}></script>' for tag in tags)
    words = "<main><h1>Shop</h1>" + scripts + "</main>"
    page = f"<!doctype html><html lang={html}><title>Shop</title><body>{words}"
    handler = partial(ShopPage, html=page, portal=group.url)
    server = ThreadingHTTPServer(("localhost", port), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://localhost:{port}/"
    finally:
        server.shutdown()
        server.server_close()


def test_the_button_leads_from_an_allowed_site_into_the_queue(
    visitor: Visit, server_group: ServerGroup, screen: dict[str, Any]
) -> None:
    context = visitor(**screen)
    page = context.new_page()
    tags = (
        'async data-queue="front-desk" data-subject="Order <7>"',
        'data-queue="billing" data-label="<b>Bills</b> &amp; more"',
    )
    with site(server_group, server_group.site_port, *tags) as shop:
        page.goto(shop)
        button = page.get_by_role("link", name="Talk to someone now")
        expect(button).to_have_accessible_name(re.compile(r"now .+\. \(opens in a new window\)$"))
        expect(page.get_by_role("link")).to_have_count(2)
        expect(page.get_by_role("link", name="<b>Bills</b> & more")).to_be_visible()
        assert faults(page) == []
        assert context.cookies() == []
        button.focus()
        with context.expect_page() as opened:
            page.keyboard.press("Enter")
        talk = opened.value
        talk.wait_for_url(f"{server_group.url}/talk/front-desk/**")
    assert talk.evaluate("window.opener") is None
    expect(talk.get_by_label("What is it about?").first).to_have_value("Order <7>")
    talk.get_by_label("Your name").first.fill("From a shop")
    talk.get_by_role("button", name="Talk to someone now").click()
    talk.wait_for_url("**/calls/*/")
    origin = server_group.manage("shell", "-v", "0", "-c", ORIGIN).strip()
    assert origin == shop.rstrip("/")


def test_the_button_says_what_is_so_and_fits(visitor: Visit, server_group: ServerGroup) -> None:
    server_group.manage("shell", "-v", "0", "-c", CLOSED_QUEUE)
    narrow = {"viewport": {"width": 320, "height": 500}, "color_scheme": "dark", **STILL}
    page = visitor(timezone_id="Europe/Berlin", **narrow).new_page()
    tag = 'data-queue="night-desk" data-label="اكتب إلينا"'
    with site(server_group, server_group.site_port, tag, html="ar dir=rtl") as shop:
        page.goto(shop)
        expect(page.get_by_text("Closed. Opens")).to_be_visible()
        expect(page.get_by_text("01:00 (your time)")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert faults(page) == []


def test_a_site_that_is_not_allowed_shows_nothing(
    visitor: Visit, server_group: ServerGroup
) -> None:
    page = visitor(**DESK).new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    with site(server_group, free_port(), 'data-queue="front-desk"') as shop:
        with page.expect_console_message(lambda message: "no button" in message.text):
            page.goto(shop)
        assert page.get_by_role("link").count() == 0
        assert page.locator("[data-parlour-button]").count() == 0
    assert any(f"Is {shop.rstrip('/')} among BUTTON_ORIGINS" in text for text in said)
