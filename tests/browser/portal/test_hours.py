"""An agent changes when they are there."""

from typing import Any

from playwright.sync_api import expect

from tests.support.axe import faults
from tests.support.people import Someone


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
