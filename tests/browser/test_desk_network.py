"""The agent's desk without a network, without its server, and back again without a reload."""

import os
import signal
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.browser.test_desk_story import chooses, is_in_state
from tests.browser.test_surviving import CUT, web_processes
from tests.support.group import ServerGroup
from tests.support.people import Someone
from tests.support.servers import wait_for

SIZE: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
# An agent and a queue for each test: what is in hand at the end of one is in no other.
HOUSE = """
from accounts.models import User
from accounts.models.user import vouch_for
from calls.models import Queue, Service
ola = User.objects.create_user(
    "ola{n}.desk@example.com", "parlour-demo", display_name="Ola of the desk", role="agent")
vouch_for(ola)
queue = Queue.objects.create(
    name="Lamps {n}", slug="lamps-{n}", ring_secs=120, wrap_up_secs=0,
    service=Service.objects.get(name="Conversation"))
queue.agents.set([ola])
"""
# Somebody who has written: they need no browser.
COMES = """
from calls.models import Queue
from calls.services.desk.arriving import Arrival, arrive
said = Arrival(name="Robin", kind="message", message="Dark", email="lamp@example.com")
arrive(Queue.objects.get(slug="lamps-{n}"), said, person=None, time_zone="UTC", language="en")
"""
STATE = """
from calls.models import DeskAgent
print(DeskAgent.objects.get(user__email="ola{n}.desk@example.com").state)
"""
TAKEN = """
from calls.models import Handling, QueueOffer
offers = QueueOffer.objects.filter(entry__queue__slug="lamps-{n}")
taken = Handling.objects.filter(entry__queue__slug="lamps-{n}").count()
print(taken, list(offers.values_list("state", flat=True)))
"""
AWAY = "The desk is not connected…"
MARK = "() => { window.isSamePage = true; }"
SAME = "() => window.isSamePage === true"


_numbers = count(1)


class Ola(Someone):
    """An agent on the page of the desk, available; `said` asks the server something about her."""

    def __init__(self, browser: Browser, group: ServerGroup) -> None:
        self.group, self.number = group, next(_numbers)
        self.said(HOUSE)
        email = f"ola{self.number}.desk@example.com"
        super().__init__(browser, group.url, email, script=CUT, **SIZE)
        chooses(self.page, "available")
        self.page.evaluate(MARK)

    def said(self, script: str) -> str:
        words = script.format(n=self.number)
        return self.group.manage("shell", "-v", "0", "-c", words).strip()

    def rings(self) -> None:
        self.page.wait_for_selector("[data-ring]:visible")
        expect(self.page.locator("[data-ring-title]")).to_have_text(f"Robin · Lamps {self.number}")

    def notes(self, words: str, *, secs: int = 20) -> None:
        """What stands in the bar beside the state."""
        note = self.page.locator("[data-desk-note]")
        expect(note).to_have_text(words, timeout=secs * 1000)

    def accepts(self) -> None:
        assert self.page.evaluate(SAME)
        self.page.click("[data-ring-accept]")
        self.page.wait_for_url("**/letter/")


@pytest.fixture
def ola(chromium: Browser, server_group: ServerGroup) -> Iterator[Ola]:
    someone = Ola(chromium, server_group)
    yield someone
    assert someone.faults == []
    someone.close()


def test_a_short_cut_costs_nothing(ola: Ola) -> None:
    ola.said(COMES)
    ola.rings()
    ola.context.set_offline(True)
    ola.notes(AWAY)
    ola.page.click("[data-ring-accept]")
    expect(ola.page.locator(".toast").last).to_contain_text("That did not work")
    ola.context.set_offline(False)
    ola.notes("")
    ola.rings()
    ola.accepts()
    assert ola.said(TAKEN) == "1 ['accepted']"


def test_who_was_away_for_long_is_told_and_goes_on(ola: Ola) -> None:
    # Offline, Chromium still answers the pings of the server's sockets: they have to be closed.
    ola.page.evaluate("() => window.cut(true)")
    ola.context.set_offline(True)
    ola.notes(AWAY)
    wait_for(lambda: ola.said(STATE) == "offline", "the desk has noticed", secs=60)
    ola.page.evaluate("() => window.cut(false)")
    ola.context.set_offline(False)
    is_in_state(ola.page, "offline")
    ola.notes("The connection was lost, so you are offline. Choose a state to go on.")
    ola.page.click(".desk-bar__state")
    ola.page.click("[data-desk-choose] button[value=available]")
    is_in_state(ola.page, "available")
    ola.notes("")
    ola.said(COMES)
    ola.rings()
    ola.accepts()


def test_an_answer_that_is_lost_on_its_way_is_given_once(ola: Ola) -> None:
    ola.said(COMES)
    ola.rings()

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    ola.page.route("**/accept/", lose)
    ola.page.click("[data-ring-accept]")
    expect(ola.page.locator(".toast").last).to_contain_text("That did not work")
    # It is in her hands all the same, and the page says so.
    expect(
        ola.page.locator("#desk-line").get_by_role("link", name="Answer · Robin")
    ).to_be_visible()
    expect(ola.page.locator("[data-ring]")).to_be_hidden()
    assert ola.said(TAKEN) == "1 ['accepted']"


def test_a_server_that_is_killed_and_comes_back_finds_the_desk_live(ola: Ola) -> None:
    ola.said(COMES)
    ola.rings()
    for pid in web_processes(ola.group):
        os.kill(pid, signal.SIGKILL)
    ola.notes(AWAY)
    ola.notes("", secs=60)
    ola.rings()
    ola.accepts()
    assert ola.said(TAKEN) == "1 ['accepted']"
