"""An agent without a mouse: from signing in to the next contact, and a letter."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.portal.test_keyboard import press, tab_to
from tests.browser.seat import PASSWORD
from tests.support.axe import STILL, faults
from tests.support.browser import let_go
from tests.support.group import ServerGroup

SIZE: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}, **STILL}
# A queue of its own, whose agent is in nobody else's visits.
HOUSE = """
from accounts.models import User
from accounts.models.user import vouch_for
from calls.models import CannedReply, Queue, Service, WrapUpCode
noor = User.objects.create_user(
    "noor.desk@example.com", "parlour-demo", display_name="Noor of the desk", role="agent")
vouch_for(noor)
queue = Queue.objects.create(
    name="Parcels", slug="parcels", ring_secs=60, wrap_up_secs=600, takes_messages=True,
    service=Service.objects.get(name="Conversation"))
queue.agents.set([noor])
WrapUpCode.objects.create(name="Delivered late", queue=queue)
CannedReply.objects.create(title="Apology", text="I am sorry, {name}.", queue=queue)
"""
LETTER = """
from calls.models import Queue
from calls.services.desk.arriving import Arrival, arrive
said = Arrival(name="Lena Fox", kind="message", message="Where is it?", email="lena@example.com")
arrive(Queue.objects.get(slug="parcels"), said, person=None, time_zone="UTC", language="en")
"""
ANSWER_OF = """
from calls.models import QueueEntry
print(QueueEntry.objects.get(name="Lena Fox").answer)
"""
NOTE_OF = """
from calls.models import Handling
print(list(Handling.objects.filter(entry__name="Kim Sato").values_list("note", "code__name")))
"""
HAS_FOCUS = (
    "() => document.activeElement.closest('dialog, [data-ring], [data-panel-body]') !== null"
)


@pytest.fixture
def cast(chromiums: tuple[Browser, Browser], server_group: ServerGroup) -> Iterator[list[Page]]:
    """Pages of Noor and of Kim, who has no account; none of them may have a fault."""
    server_group.manage("shell", "-v", "0", "-c", HOUSE)
    near, far = chromiums
    contexts = [browser.new_context(base_url=server_group.url, **SIZE) for browser in (near, far)]
    wrong: list[str] = []
    for context in contexts:
        context.set_default_timeout(20_000)
        context.on("weberror", lambda error: wrong.append(str(error.error)))
    yield [context.new_page() for context in contexts]
    for context in contexts:
        let_go(context)
    assert wrong == []


def comes(page: Page, name: str) -> None:
    page.goto("/talk/parcels/")
    page.get_by_label("Your name").first.fill(name)
    page.get_by_role("button", name="Talk to someone now").click()
    page.wait_for_url("**/calls/*/")
    page.locator('[data-action="join"]:visible').click()
    page.wait_for_selector("[data-place-title]:visible")


def focused(page: Page, selector: str) -> None:
    expect(page.locator(selector).locator("visible=true").first).to_be_focused()


def test_an_agent_serves_a_contact_by_keyboard(cast: list[Page], server_group: ServerGroup) -> None:
    noor, kim = cast
    noor.goto("/account/login/")
    tab_to(noor, "Email")
    noor.keyboard.type("noor.desk@example.com")
    tab_to(noor, "Password")
    noor.keyboard.type(PASSWORD)
    noor.keyboard.press("Enter")
    noor.wait_for_url("**/home/")
    noor.goto("/desk/")
    press(noor, "Offline")
    press(noor, "Available")
    noor.wait_for_selector('[data-desk][data-state="available"]')
    focused(noor, ".desk-bar__state")

    # It rings: the focus is on the offer, where a stray key accepts nobody.
    comes(kim, "Kim Sato")
    focused(noor, "[data-ring]")
    noor.keyboard.press("Enter")
    noor.keyboard.press("Space")
    expect(noor.locator("[data-ring-accept]")).to_have_attribute("aria-busy", "false")
    press(noor, "Accept")
    noor.wait_for_url("**/calls/*/")
    kim.wait_for_selector('html[data-call-state="live"]', state="attached")

    # The card is open; a note is kept, and a ready text goes into the chat beside it.
    write_a_note(noor, "Wants the parcel today")
    press(noor, "Apology")
    focused(noor, "[data-chat-text]")
    expect(noor.locator("[data-chat-text]")).to_have_value("I am sorry, Kim Sato.")
    expect(noor.locator("#panel-contact")).to_be_visible()
    assert faults(noor) == []
    noor.keyboard.press("Enter")
    kim.keyboard.press("c")
    expect(kim.locator("[data-chat-line]")).to_contain_text("I am sorry, Kim Sato.")
    noor.keyboard.press("Escape")
    focused(noor, '[data-action="chat"]')
    expect(noor.locator("#panel-chat")).to_be_hidden()
    expect(noor.locator("#panel-contact")).to_be_visible()

    look_whom_to_ask(noor)
    hold_and_resume(noor, kim)
    end(noor)
    press(noor, "Wrap up")
    wrap_up(noor)
    said = server_group.manage("shell", "-v", "0", "-c", NOTE_OF)
    assert "('Wants the parcel today', 'Delivered late')" in said
    noor.wait_for_selector('[data-desk][data-state="available"]')
    server_group.manage("shell", "-v", "0", "-c", LETTER)
    focused(noor, "[data-ring]")
    answer_a_letter(noor)
    assert server_group.manage("shell", "-v", "0", "-c", ANSWER_OF).strip() == (
        "I am sorry, Lena Fox. It comes today."
    )


def write_a_note(page: Page, words: str) -> None:
    page.locator("#contact-note").wait_for()
    tab_to(page, "Note")
    page.keyboard.type(words)
    expect(page.locator("[data-note-state]")).to_have_text(re.compile("^Saved"))


def hold_and_resume(agent: Page, person: Page) -> None:
    press(agent, "Hold")
    person.wait_for_selector("[data-hold]:visible")
    expect(agent.locator('[data-label="hold"]').locator("visible=true")).to_have_text("Resume")
    focused(agent, '[data-action="hold"]')
    agent.keyboard.press("Enter")
    person.wait_for_selector("[data-hold]", state="hidden")


def end(page: Page) -> None:
    press(page, "End conversation")
    page.wait_for_selector("dialog[open]")
    assert page.evaluate(HAS_FOCUS)
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog[open]", state="detached")
    focused(page, '[data-action="end"]')
    page.keyboard.press("Enter")
    press(page, "End conversation")
    page.wait_for_selector('html[data-call-state="ended"]', state="attached")


def wrap_up(page: Page) -> None:
    page.wait_for_url("**/wrap-up/")
    tab_to(page, "What was it about?")
    page.keyboard.type("Deliv")
    press(page, "Done, next")
    page.wait_for_url("**/desk/")


def look_whom_to_ask(page: Page) -> None:
    press(page, "Ask or hand on")
    focused(page, "#transfer-note")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog[open]", state="detached")
    focused(page, '[data-action="transfer"]')


def answer_a_letter(page: Page) -> None:
    press(page, "Accept")
    page.wait_for_url("**/letter/")
    assert faults(page) == []
    write_a_note(page, "A parcel")
    press(page, "Apology")
    focused(page, "[data-letter-form] textarea")
    page.keyboard.type(" It comes today.")
    page.reload()
    expect(page.locator("[data-letter-form] textarea")).to_have_value(
        "I am sorry, Lena Fox. It comes today."
    )
    press(page, "Hand the letter on")
    focused(page, "#transfer-note")
    assert faults(page) == []
    press(page, "Send the answer")
    page.wait_for_url("**/wrap-up/")
    page.wait_for_function(
        "() => !Object.keys(sessionStorage).some((key) => key.startsWith('draft:'))"
    )
    wrap_up(page)
