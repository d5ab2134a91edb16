"""Around a visit, as its people do it: on a phone and on a desk."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, FilePayload, expect

from tests.support.axe import STILL, faults
from tests.support.group import ServerGroup
from tests.support.people import Someone

PHONE = {"viewport": {"width": 390, "height": 844}, **STILL}
DESK = {"viewport": {"width": 1280, "height": 800}, **STILL}
PICTURE: FilePayload = {
    "name": "skin.png",
    "mimeType": "image/png",
    "buffer": b"\x89PNG\r\n\x1a\n" + b"\0" * 64,
}


@pytest.fixture(params=[PHONE, DESK], ids=["phone", "desk"])
def screen(request: pytest.FixtureRequest) -> dict[str, Any]:
    return dict(request.param)


@pytest.fixture
def mei(chromium: Browser, server_group: ServerGroup, screen: dict[str, Any]) -> Iterator[Someone]:
    someone = Someone(chromium, server_group.url, "patient@example.com", **screen)
    yield someone
    assert someone.faults == []
    someone.close()


@pytest.fixture
def ada(chromium: Browser, server_group: ServerGroup, screen: dict[str, Any]) -> Iterator[Someone]:
    someone = Someone(chromium, server_group.url, "agent@example.com", **screen)
    yield someone
    assert someone.faults == []
    someone.close()


def test_a_patient_gets_ready_and_staff_see_it(mei: Someone, ada: Someone) -> None:
    visit = mei.book("General consultation", "Dr. Ada Brandt")
    page = mei.page
    page.get_by_role("link", name="Test now").click()
    found = faults(page)
    page.get_by_role("button", name="Start the test").click()
    page.get_by_role("button", name="Play a sound").click()
    page.get_by_role("button", name="Yes, I hear it").click()
    expect(page.get_by_text("Everything works. You are ready for your visit.")).to_be_visible()
    found += faults(page)
    page.get_by_role("link", name="Back to your visit").click()
    page.get_by_role("button", name="Check in").click()
    expect(page.get_by_text("You are checked in.", exact=True)).to_be_visible()
    found += faults(page)
    ada.page.goto(visit)
    expect(ada.page.get_by_text("Ready", exact=True)).to_be_visible()
    found += faults(ada.page)
    ada.page.goto("/day/")
    expect(ada.page.get_by_text("Checked in").first).to_be_visible()
    found += faults(ada.page)
    assert found == []


def test_it_says_what_is_wrong_with_a_camera(mei: Someone) -> None:
    mei.context.add_init_script(
        "navigator.mediaDevices.getUserMedia = async ({ video }) => {"
        " throw new DOMException('no', video ? 'NotFoundError' : 'NotAllowedError'); };"
    )
    mei.page.goto(mei.book("General consultation", "Dr. Ada Brandt"))
    mei.page.get_by_role("link", name="Test now").click()
    mei.page.get_by_role("button", name="Start the test").click()
    expect(mei.page.get_by_text("No camera was found")).to_be_visible()
    expect(mei.page.get_by_text("Not everything works yet")).to_be_visible()
    assert faults(mei.page) == []


def test_a_patient_answers_and_finds_what_was_shared(mei: Someone, ada: Someone) -> None:
    visit = mei.book("General consultation", "Dr. Ada Brandt")
    page = mei.page
    page.get_by_role("link", name="Answer now").click()
    found = faults(page)
    page.get_by_label("Since when have you had it?").fill("Two weeks")
    page.get_by_label("Yes, every day").check()
    page.get_by_label("A picture").set_input_files(PICTURE)
    page.get_by_role("button", name="Save my answers").click()
    expect(page.get_by_text("Your answers are saved.", exact=True)).to_be_visible()
    found += faults(page)
    ada.page.goto(visit)
    expect(ada.page.get_by_text("Two weeks")).to_be_visible()
    ada.page.get_by_text("Write a note").click()
    ada.page.get_by_label("Note for the patient").fill("Please drink enough.")
    ada.page.get_by_role("button", name="Share with the patient").click()
    expect(ada.page.get_by_text("Please drink enough.")).to_be_visible()
    with ada.page.expect_download() as download:
        ada.page.get_by_role("link", name="skin.png").click()
    assert download.value.suggested_filename == "skin.png"
    found += faults(ada.page)
    page.goto("/notices/")
    expect(page.get_by_text("Something was shared with you").first).to_be_visible()
    page.goto(visit)
    expect(page.get_by_text("Please drink enough.")).to_be_visible()
    found += faults(page)
    assert found == []


def test_an_agent_draws_drags_and_saves_a_week(ada: Someone, screen: dict[str, Any]) -> None:
    """With the mouse where the picture is shown, in the rows everywhere, by keyboard in both."""
    page = ada.page
    page.goto("/hours/")
    found = faults(page)
    saturday = page.locator('[data-day="5"]')
    for button in saturday.locator("[data-remove-shift]").all():
        button.click()
    if screen["viewport"]["width"] > 800:
        column = page.locator('[data-column="5"]')
        column.scroll_into_view_if_needed()
        box = column.bounding_box()
        assert box
        hour, x = box["height"] / 24, box["x"] + box["width"] / 2
        page.mouse.move(x, box["y"] + 9 * hour)
        page.mouse.down()
        page.mouse.move(x, box["y"] + 11 * hour, steps=5)
        page.mouse.up()
        expect(saturday.locator('[name="starts"]')).to_have_value("09:00")
        expect(saturday.locator('[name="ends"]')).to_have_value("11:00")
        page.mouse.move(x, box["y"] + 10 * hour)
        page.mouse.down()
        page.mouse.move(x, box["y"] + 12 * hour, steps=5)
        page.mouse.up()
        expect(saturday.locator('[name="starts"]')).to_have_value("11:00")
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Shift+ArrowDown")
    else:
        saturday.get_by_role("button", name="Add").click()
        page.keyboard.type("1045AM")
        saturday.locator('[name="ends"]').fill("13:15")
    expect(saturday.locator('[name="starts"]')).to_have_value("10:45")
    expect(saturday.locator('[name="ends"]')).to_have_value(
        "13:15" if screen["viewport"]["width"] < 800 else "13:00"
    )
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    page.get_by_role("button", name="Save the week").click()
    expect(page.get_by_text("Your hours are saved.")).to_be_visible()
    expect(saturday.locator('[name="starts"]')).to_have_value("10:45")
    assert found + faults(page) == []
