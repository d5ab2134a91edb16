"""Before a visit: devices, check-in, and what staff see of it."""

from playwright.sync_api import expect

from tests.browser.seat import new_visit
from tests.support.axe import faults
from tests.support.group import ServerGroup
from tests.support.people import Someone


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


def test_whoever_waits_sees_that_it_takes_longer(
    mei: Someone, ada: Someone, server_group: ServerGroup
) -> None:
    mei.page.goto(f"/calls/{new_visit(server_group)}/")
    mei.join()
    mei.until("callState", "waiting")
    ada.page.goto("/day/")
    ada.page.get_by_role("button", name="20 minutes").click()
    expect(ada.page.get_by_text("Those who wait for you see it.")).to_be_visible()
    found = faults(ada.page)
    late = mei.page.get_by_text("We are about 20 minutes late.")
    expect(late).to_be_visible(timeout=30_000)
    found += faults(mei.page)
    ada.page.get_by_role("button", name="on time").click()
    expect(ada.page.get_by_text("You are on time again.")).to_be_visible()
    assert found == []
