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


# A visit whose patient should have come a while ago; its times are moved behind the rules' back.
LATE_VISIT = """
from datetime import timedelta
from django.utils import timezone
from accounts.models import User
from calls.models import Appointment, CallSession, Service, TakenTime
from calls.services.scheduling import places
agent = User.objects.get(email="agent@example.com")
patient = User.objects.get(email="patient2@example.com")
service = Service.objects.get(name="Medication review")
ahead = timezone.now() + timedelta(days=80)
call = places.open_call(service, agent, ahead)
visit = places.give_place(call, patient, zone=patient.zone)
TakenTime.objects.filter(call=call).delete()
TakenTime.objects.filter(appointment=visit).delete()
now = timezone.now()
span = {"starts_at": now - timedelta(minutes=16), "ends_at": now + timedelta(minutes=4)}
CallSession.objects.filter(pk=call.pk).update(**span)
Appointment.objects.filter(pk=visit.pk).update(**span)
print(visit.pk)
"""


def test_an_agent_says_what_became_of_a_visit(ada: Someone, server_group: ServerGroup) -> None:
    visit = server_group.manage("shell", "-v", "0", "-c", LATE_VISIT).strip()
    page = ada.page
    page.goto(f"/appointments/{visit}/")
    found = faults(page)
    page.get_by_role("button", name="The patient did not come").click()
    expect(page.get_by_text("It is noted.")).to_be_visible()
    found += faults(page)
    page.get_by_role("button", name="It took place all the same").click()
    expect(page.get_by_text("Completed", exact=True)).to_be_visible()
    found += faults(page)
    page.get_by_role("link", name="Book a follow-up").click()
    expect(page.get_by_role("heading", name="When suits you?")).to_be_visible()
    assert found == []
