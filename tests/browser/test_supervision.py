"""A supervisor in a visit of real browsers: who hears whom is measured on the tracks themselves."""

import subprocess
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.hearing import SILENT_DB, hears, received_meanwhile, voice
from tests.browser.seat import AGENT, PATIENT, Seat, meet, new_visit
from tests.support.group import ServerGroup

SUPERVISOR = "supervisor@example.com"
PATIENT_HERTZ, AGENT_HERTZ, SUPERVISOR_HERTZ = 600, 1000, 1700
# What counts how often a page has asked for devices.
ASKED = """
const asked = navigator.mediaDevices.getUserMedia;
window.asked = 0;
navigator.mediaDevices.getUserMedia = (wanted) => {
    window.asked += 1;
    return asked.call(navigator.mediaDevices, wanted);
};
"""
# A process that lets the demo's supervisor sit in the call of each line that it reads.
SIT_IN = """
import sys
from accounts.models import User
from calls.models import CallSession
from calls.models.call import Manner
from calls.services import supervision
for line in sys.stdin:
    user = User.objects.get(email="supervisor@example.com")
    place = supervision.sit_in(CallSession.objects.get(pk=line.strip()), user, Manner.LISTEN)
    print(place.pk, flush=True)
"""
_sitters: dict[str, "subprocess.Popen[str]"] = {}


def sit_in(group: ServerGroup, call: str) -> None:
    if group.url not in _sitters:
        _sitters[group.url] = group.start_command("shell", "-v", "0", "-c", SIT_IN)
    sitter = _sitters[group.url]
    assert sitter.stdin is not None
    assert sitter.stdout is not None
    sitter.stdin.write(f"{call}\n")
    sitter.stdin.flush()
    assert sitter.stdout.readline().strip()


@pytest.fixture
def seats(
    chromiums: tuple[Browser, Browser], server_group: ServerGroup
) -> Iterator[tuple[Seat, Seat, Seat]]:
    """A patient and an agent in a call, and a supervisor who listens."""
    patient = Seat.sign_in(chromiums[0], server_group, PATIENT, script=voice(PATIENT_HERTZ))
    agent = Seat.sign_in(chromiums[1], server_group, AGENT, script=voice(AGENT_HERTZ))
    script = voice(SUPERVISOR_HERTZ) + ASKED
    watcher = Seat.sign_in(chromiums[1], server_group, SUPERVISOR, script=script)
    call = new_visit(server_group)
    meet(call, patient, agent)
    sit_in(server_group, call)
    watcher.open(call)
    watcher.join()
    watcher.sees("callState", "live")
    yield patient, agent, watcher
    for seat in (patient, agent, watcher):
        seat.close()


def does_not_hear(seat: Seat, hertz: int) -> None:
    assert received_meanwhile(seat, hertz).loudest_db < SILENT_DB


def test_it_hears_both_and_is_heard_by_none_and_asks_for_no_device(
    seats: tuple[Seat, Seat, Seat],
) -> None:
    patient, agent, watcher = seats
    hears(watcher, PATIENT_HERTZ)
    hears(watcher, AGENT_HERTZ)
    watcher.sees_somebody()
    for seat in (patient, agent):
        seat.reads("[data-supervised]", "(supervisor) is listening.")
        does_not_hear(seat, SUPERVISOR_HERTZ)
        assert seat.page.locator("[data-tile]").count() == 1
    watcher.reads("[data-manner-text]", "Nobody sees or hears you.")
    assert watcher.page.evaluate("window.asked") == 0


def test_it_whispers_to_the_agent_and_never_to_the_patient(
    seats: tuple[Seat, Seat, Seat],
) -> None:
    patient, agent, watcher = seats
    watcher.page.locator('[data-manner="whisper"]').click()
    hears(agent, SUPERVISOR_HERTZ)
    agent.reads("[data-supervised]", "(supervisor) speaks with you only.")
    patient.reads("[data-supervised]", "(supervisor) is listening.")
    does_not_hear(patient, SUPERVISOR_HERTZ)
    hears(patient, AGENT_HERTZ)
    hears(watcher, PATIENT_HERTZ)


def test_it_joins_and_steps_back_over_the_same_connections(
    seats: tuple[Seat, Seat, Seat],
) -> None:
    patient, agent, watcher = seats
    hears(watcher, PATIENT_HERTZ)
    opened = patient.page.evaluate("window.connections.length")
    watcher.page.locator('[data-manner="join"]').click()
    for seat in (patient, agent):
        hears(seat, SUPERVISOR_HERTZ)
        seat.page.wait_for_function("() => document.querySelectorAll('[data-tile]').length === 2")
    watcher.page.locator('[data-manner="listen"]').click()
    for seat in (patient, agent):
        does_not_hear(seat, SUPERVISOR_HERTZ)
        seat.page.wait_for_function("() => document.querySelectorAll('[data-tile]').length === 1")
    assert patient.page.evaluate("window.connections.length") == opened
    watcher.does("leave")
    watcher.sees("callState", "left")
    patient.page.wait_for_selector("[data-supervised]", state="hidden")


def test_it_hears_nothing_of_who_is_on_hold(seats: tuple[Seat, Seat, Seat]) -> None:
    patient, agent, watcher = seats
    hears(watcher, PATIENT_HERTZ)
    hears(patient, AGENT_HERTZ)
    agent.does("hold")
    watcher.page.wait_for_selector("[data-tile-held]:visible")
    does_not_hear(watcher, PATIENT_HERTZ)
    does_not_hear(patient, AGENT_HERTZ)
    hears(watcher, AGENT_HERTZ)
