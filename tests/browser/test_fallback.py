"""A booked patient whose agent is missing: the line, the place in it, and somebody who answers."""

from typing import Any

from playwright.sync_api import Browser, expect

from tests.browser.portal.conftest import DESK
from tests.browser.test_desk_story import chooses, is_live
from tests.support.group import ServerGroup
from tests.support.people import Someone

SIZE: dict[str, Any] = dict(DESK)
HOUSE = """
from datetime import timedelta
from zoneinfo import ZoneInfo
from django.utils import timezone
from accounts.models import User
from accounts.models.user import vouch_for
from calls.models import Queue, Service
from calls.services.scheduling import places
def person(name, role):
    user = User.objects.create_user(f"{name}.missing@example.com", "parlour-demo",
        display_name=f"{name.title()} Missing", role=role)
    vouch_for(user)
    return user
mei, ada, tomas = person("mei", "patient"), person("ada", "agent"), person("tomas", "agent")
cover = Queue.objects.create(name="Cover", slug="cover-missing", is_public=False,
    service=Service.objects.get(name="Conversation"))
cover.agents.set([tomas])
service = Service.objects.create(name="Missing", duration_minutes=30, fallback_queue=cover)
starts = timezone.now() - timedelta(minutes=6)
call = places.open_call(service, ada, starts)
places.give_place(call, mei, zone=ZoneInfo("UTC"), booked_by=mei)
print(call.pk)
"""
# The minute in which a late patient's agent may still come is over.
A_MINUTE_AGO = """
from datetime import timedelta
from calls.models import Participant
place = Participant.objects.get(call="{}", user__email="mei.missing@example.com")
Participant.objects.filter(pk=place.pk).update(
    waiting_since=place.waiting_since - timedelta(minutes=2))
"""


def test_a_patient_whose_agent_is_missing_is_answered_by_another(
    chromium: Browser, server_group: ServerGroup
) -> None:
    call = server_group.manage("shell", "-v", "0", "-c", HOUSE).strip()
    mei = Someone(chromium, server_group.url, "mei.missing@example.com", **SIZE)
    tomas = Someone(chromium, server_group.url, "tomas.missing@example.com", **SIZE)
    mei.page.goto(f"/calls/{call}/")
    mei.page.locator('[data-action="join"]:visible').click()
    mei.page.wait_for_selector('html[data-call-state="waiting"]', state="attached")
    expect(mei.page.locator("[data-fallback]")).to_be_hidden()
    server_group.manage("shell", "-v", "0", "-c", A_MINUTE_AGO.format(call))

    line = mei.page.locator("[data-fallback]")
    expect(line).to_be_visible(timeout=20_000)
    expect(line).to_contain_text("1")

    chooses(tomas.page, "available")
    expect(tomas.page.locator("[data-ring-title]")).to_have_text("Mei Missing · Cover")
    expect(tomas.page.locator("[data-ring-subject]")).to_have_text("Missing")
    tomas.page.click("[data-ring-accept]")
    tomas.page.wait_for_url(f"**/calls/{call}/")
    is_live(tomas.page)
    is_live(mei.page)
    expect(line).to_be_hidden()
    assert (mei.faults, tomas.faults) == ([], [])
    mei.close()
    tomas.close()
