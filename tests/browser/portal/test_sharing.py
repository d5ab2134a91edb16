"""Questions before a visit, and what is shared around it."""

from playwright.sync_api import FilePayload, expect

from tests.support.axe import faults
from tests.support.people import Someone

PICTURE: FilePayload = {
    "name": "skin.png",
    "mimeType": "image/png",
    "buffer": b"\x89PNG\r\n\x1a\n" + b"\0" * 64,
}


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
