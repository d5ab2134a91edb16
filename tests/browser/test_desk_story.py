"""A customer, two agents and a supervisor, from the first page to the survey, in real browsers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.hearing import HEARD_DB, hears, received_meanwhile, voice
from tests.browser.seat import Seat
from tests.support.browser import let_go
from tests.support.group import ServerGroup
from tests.support.people import KEEP_CONNECTIONS, Someone

CUSTOMER_HERTZ, FIRST_HERTZ, SECOND_HERTZ, SUPERVISOR_HERTZ = 600, 1000, 1400, 1800
SIZE: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
# A house of its own beside the demo's, whose agents may be in visits of other tests: one queue for
# two agents, that rings for the shortest time.
HOUSE = """
from accounts.models import User
from accounts.models.user import vouch_for
from calls.models import Queue, Service, WrapUpCode
def person(name, role, word):
    user = User.objects.create_user(
        f"{name}.desk@example.com", word, display_name=f"{name.title()} of the desk", role=role)
    vouch_for(user)
    return user
word = "parlour-demo"
agents = [person(name, "agent", word) for name in ("ada", "jonas")]
person("ines", "supervisor", word)
queue = Queue.objects.create(
    name="Repairs", slug="repairs", ring_secs=5, wrap_up_secs=600, at_hand="the serial number",
    target_secs=3600,
    service=Service.objects.get(name="Conversation"))
queue.agents.set(agents)
WrapUpCode.objects.create(name="Repaired", queue=queue)
"""


@dataclass
class Cast:
    customer: Page
    ada: Page
    jonas: Page
    ines: Page


@pytest.fixture
def cast(chromiums: tuple[Browser, Browser], server_group: ServerGroup) -> Iterator[Cast]:
    server_group.manage("shell", "-v", "0", "-c", HOUSE)
    url = server_group.url
    near, far = chromiums
    staff = [
        Someone(browser, url, f"{name}.desk@example.com", script=voice(hertz), **SIZE)
        for browser, name, hertz in (
            (near, "ada", FIRST_HERTZ),
            (far, "jonas", SECOND_HERTZ),
            (near, "ines", SUPERVISOR_HERTZ),
        )
    ]
    context = far.new_context(base_url=url, **SIZE)
    context.set_default_timeout(20_000)
    context.add_init_script(KEEP_CONNECTIONS + voice(CUSTOMER_HERTZ))
    yield Cast(context.new_page(), *(one.page for one in staff))
    for one in staff:
        assert one.faults == []
        one.close()
    let_go(context)


def chooses(agent: Page, state: str) -> None:
    agent.goto("/desk/")
    agent.click(".desk-bar__state")
    agent.click(f"[data-desk-choose] button[value={state}]")
    is_in_state(agent, state)


def is_in_state(agent: Page, state: str) -> None:
    agent.wait_for_selector(f'[data-desk][data-state="{state}"]')


def comes_into_line(customer: Page) -> None:
    """From the first page, without an account, past the device check."""
    customer.goto("/")
    customer.get_by_role("link", name=re.compile("Repairs")).click()
    customer.get_by_role("textbox", name="Your name").fill("Robin Vance")
    customer.locator("#id_live_subject").fill("The pump is loud")
    customer.get_by_role("button", name="Talk to someone now").click()
    customer.wait_for_url("**/calls/*/")
    customer.locator('[data-action="join"]:visible').click()
    customer.wait_for_selector("[data-place-title]:visible")


def rings(agent: Page) -> None:
    agent.wait_for_selector("[data-ring]:visible")
    expect(agent.locator("[data-ring-title]")).to_have_text("Robin Vance · Repairs")


def accepts(agent: Page) -> None:
    agent.click("[data-ring-accept]")
    agent.wait_for_url("**/calls/*/")
    is_live(agent)


def is_live(page: Page) -> None:
    page.wait_for_selector('html[data-call-state="live"]', state="attached")


def press(page: Page, action: str) -> None:
    page.locator(f'[data-action="{action}"]:visible').first.click()


def is_told_once(customer: Page) -> None:
    """Who hands them on and who goes on, and nothing of who came and left; on a phone too the
    message leaves their own picture free."""
    expect(customer.locator(".toast__text").last).to_have_text(
        "Jonas of the desk has handed you on: Ada of the desk goes on with you."
    )
    expect(customer.get_by_text(re.compile("Ada of the desk has joined|has left"))).to_have_count(0)
    expect(customer.locator("#live-title")).to_have_text("Ada of the desk")
    customer.set_viewport_size({"width": 390, "height": 844})
    message = customer.locator(".toast").last.bounding_box()
    own = customer.locator("[data-self]").bounding_box()
    assert message
    assert own
    assert message["y"] + message["height"] <= own["y"]
    customer.set_viewport_size(SIZE["viewport"])


def test_from_the_first_page_to_the_survey(cast: Cast) -> None:
    customer, ada, jonas, ines = cast.customer, cast.ada, cast.jonas, cast.ines
    chooses(ada, "available")
    comes_into_line(customer)

    # Nobody answers at Ada's desk; the place is kept, and Jonas is asked next.
    rings(ada)
    chooses(jonas, "available")
    rings(jonas)
    accepts(jonas)
    is_live(customer)
    hears(Seat(customer), SECOND_HERTZ)
    hears(Seat(jonas), CUSTOMER_HERTZ)
    is_in_state(ada, "available")

    # Jonas asks Ada while Robin is on hold and hears neither of them.
    press(jonas, "transfer")
    jonas.get_by_label("What should they know?").fill("Is the pump under warranty?")
    jonas.get_by_role("button", name=re.compile("Ask first .*Ada")).click()
    customer.wait_for_selector("[data-hold]:visible")
    ada.wait_for_selector("[data-ring]:visible")
    expect(ada.locator("[data-ring-subject]")).to_contain_text("Is the pump under warranty?")
    accepts(ada)
    hears(Seat(ada), SECOND_HERTZ)
    meanwhile = received_meanwhile(Seat(customer), SECOND_HERTZ)
    assert (meanwhile.packets, meanwhile.frames) == (0, 0)

    # Warm transfer: Ada goes on with Robin, Jonas writes down what it was.
    press(jonas, "hand-over")
    is_told_once(customer)
    jonas.wait_for_url("**/wrap-up/")
    hears(Seat(customer), FIRST_HERTZ)
    hears(Seat(ada), CUSTOMER_HERTZ)
    jonas.get_by_label("What was it about?").select_option(label="Repaired")
    jonas.get_by_role("button", name="Done, next").click()
    jonas.wait_for_url("**/desk/")
    is_in_state(jonas, "available")

    # Ines whispers: Ada hears her, Robin does not, and both see that she is there.
    ines.goto("/desk/wallboard/")
    ines.get_by_role("link", name="Robin Vance").first.click()
    ines.get_by_role("button", name="Whisper to the agent").click()
    ines.wait_for_url("**/calls/*/")
    press(ines, "join")
    is_live(ines)
    hears(Seat(ada), SUPERVISOR_HERTZ)
    hears(Seat(ines), CUSTOMER_HERTZ)
    whispered = received_meanwhile(Seat(customer), SUPERVISOR_HERTZ)
    assert whispered.loudest_db < HEARD_DB - 10
    press(ines, "leave")

    # The end, the survey, the figures.
    press(ada, "end")
    press(ada, "confirm-end")
    ada.get_by_role("link", name="Wrap up").click()
    ada.get_by_label("What was it about?").select_option(label="Repaired")
    ada.get_by_role("button", name="Done, next").click()
    ada.wait_for_url("**/desk/")
    expect(customer.get_by_role("heading", name="The conversation has ended")).to_be_visible()
    customer.get_by_role("link", name="How was it?").click()
    customer.get_by_label(re.compile("^5")).check()
    customer.get_by_label("Yes").check()
    customer.get_by_role("button", name=re.compile("Send")).click()
    expect(customer.get_by_text(re.compile("Thank you")).first).to_be_visible()
    # By hand: nobody waits, both agents are free, the one who came was answered in time.
    ines.goto("/desk/wallboard/")
    row = ines.get_by_role("row", name=re.compile("Repairs"))
    figures = [" ".join(one.split()) for one in row.get_by_role("cell").all_inner_texts()]
    assert figures == [
        "0",
        "–",
        "0",
        "2 of 2",
        "100 % · 1 of 1 target 80 % in 3600 s",
        "1 of 1",
        "0 %",
    ]
