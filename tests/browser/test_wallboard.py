"""The wallboard is live: what happens at the desk is on it by push, and times run by themselves."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.portal.conftest import DESK, somebody
from tests.support.axe import faults
from tests.support.group import ServerGroup
from tests.support.people import Someone

HOUSE = """
from accounts.models import User
from accounts.models.user import vouch_for
from calls.models import Queue, Service
agent, is_new = User.objects.get_or_create(
    email="noor.board@example.com", defaults={"display_name": "Noor of the board", "role": "agent"})
agent.set_password("parlour-demo")
agent.save()
vouch_for(agent)
queue, _ = Queue.objects.get_or_create(slug="board", defaults={
    "name": "Board", "service": Service.objects.get(name="Conversation"), "target_secs": 3600})
queue.agents.set([agent])
"""
SIZE: dict[str, Any] = dict(DESK)
POLL_MS = 45_000
# The page's own clock never comes to its next poll, and says how often it has set one.
WITHOUT_POLLS = f"""
    const later = window.setTimeout;
    window.polls = 0;
    window.setTimeout = (then, ms, ...rest) =>
      ms === {POLL_MS} ? void (window.polls += 1) : later(then, ms, ...rest);
"""


@pytest.fixture
def house(server_group: ServerGroup) -> None:
    server_group.manage("shell", "-v", "0", "-c", HOUSE)


@pytest.fixture
def ines(chromium: Browser, server_group: ServerGroup, house: None) -> Iterator[Page]:
    """A supervisor whose wallboard never polls."""
    for someone in somebody(chromium, server_group, "supervisor@example.com", DESK):
        someone.page.add_init_script(WITHOUT_POLLS)
        yield someone.page


@pytest.fixture
def noor(chromium: Browser, server_group: ServerGroup, house: None) -> Iterator[Page]:
    someone = Someone(chromium, server_group.url, "noor.board@example.com", **SIZE)
    yield someone.page
    someone.close()


def chooses(agent: Page, state: str) -> None:
    agent.goto("/desk/")
    agent.click(".desk-bar__state")
    agent.click(f"[data-desk-choose] button[value={state}]")
    agent.wait_for_selector(f'[data-desk][data-state="{state}"]')


def test_what_happens_at_the_desk_is_on_it_without_a_poll(
    chromium: Browser, server_group: ServerGroup, ines: Page, noor: Page
) -> None:
    ines.goto("/desk/wallboard/")
    assert faults(ines) == []
    ines.get_by_text("What these figures mean").click()
    row = ines.get_by_role("row", name=re.compile("^Board"))
    expect(row.get_by_role("cell").nth(3)).to_have_text("0 of 0")

    chooses(noor, "available")
    expect(row.get_by_role("cell").nth(3)).to_have_text("1 of 1")

    visitor = chromium.new_context(base_url=server_group.url, **SIZE).new_page()
    visitor.goto("/talk/board/")
    visitor.get_by_label("Your name").first.fill("Petra Lund")
    visitor.locator("#id_live_subject").fill("The pump is loud")
    visitor.get_by_role("button", name="Talk to someone now").click()
    visitor.wait_for_url("**/calls/*/")
    waits = ines.locator("#waiting-list .row", has_text="Petra Lund")
    expect(waits).to_contain_text("The pump is loud")
    # What was opened stays open, and the time of who waits runs.
    expect(ines.locator("#queues-meanings")).to_have_attribute("open", "")
    timer = waits.locator("[data-since]")
    before = timer.inner_text()
    expect(timer).not_to_have_text(before)

    chooses(noor, "offline")
    expect(row.get_by_role("cell").nth(3)).to_have_text("0 of 0")
    assert ines.evaluate("polls") >= 1
    visitor.context.close()
