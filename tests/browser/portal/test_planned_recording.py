"""Recording by plan: agreed before the visit, it begins by itself and ends with the visit."""

from playwright.sync_api import expect

from tests.support.axe import faults
from tests.support.people import Someone


def test_a_planned_recording_begins_and_ends_by_itself(mei: Someone, ada: Someone) -> None:
    visit = mei.book("General consultation", "Dr. Ada Brandt")
    ada.page.goto(visit)
    ada.page.get_by_label("Recording of this visit").select_option("booking")
    ada.page.get_by_role("button", name="Save").click()
    expect(ada.page.get_by_text("It is saved for this visit.")).to_be_visible()
    found = faults(ada.page)
    for someone in (mei, ada):
        someone.page.goto(visit)
        expect(someone.page.get_by_text("It is planned to be recorded").first).to_be_visible()
        someone.page.get_by_role("button", name="Yes, it may be recorded").click()
        expect(someone.page.get_by_text("Your answer is saved.")).to_be_visible()
        found += faults(someone.page)
    plan = "Everybody agreed. The recording starts by itself when the visit begins."
    expect(ada.page.get_by_text(plan).first).to_be_visible()
    for someone in (mei, ada):
        someone.page.locator('a[href*="/calls/"]').first.click()
        someone.join()
    mei.until("callState", "waiting")
    ada.press("admit")
    for someone in (mei, ada):
        someone.until("callState", "live")
        someone.until("recording", "on", secs=40)
    ada.press("end")
    ada.press("confirm-end")
    for someone in (mei, ada):
        someone.until("callState", "ended")
        someone.page.goto(visit)
        expect(someone.page.get_by_text("It was recorded").first).to_be_visible()
        found += faults(someone.page)
    mei.page.get_by_role("link", name="the recording").click()
    mei.page.locator("video").first.wait_for(state="attached")
    assert found == []


def test_a_no_before_the_visit_counts(mei: Someone) -> None:
    """Asked while booking; the answer stands on the visit's page and can be changed there."""
    page = mei.page
    page.goto("/book/")
    page.get_by_role("link", name="Second opinion").click()
    page.locator("a.slot").first.click()
    page.get_by_role("button", name="Book this visit").click()
    expect(page.get_by_role("button", name="Book this visit")).to_be_visible()
    page.get_by_label("No, please do not record").check()
    found = faults(page)
    page.get_by_role("button", name="Book this visit").click()
    page.wait_for_url("**/appointments/*/")
    expect(page.get_by_text("It is not recorded, because you said no.").first).to_be_visible()
    found += faults(page)
    page.get_by_role("button", name="Yes, it may be recorded").click()
    expect(page.get_by_text("is still asked in the visit").first).to_be_visible()
    page.get_by_role("button", name="Cancel visit").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel visit").click()
    assert found == []
