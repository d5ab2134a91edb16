"""Hold in real browsers: what either side still receives is measured, not believed."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.hearing import SILENT_DB, Received, connections, hears, received_meanwhile, voice
from tests.browser.seat import AGENT, PATIENT, Seat, meet, new_visit
from tests.support.group import ServerGroup

PATIENT_HERTZ, AGENT_HERTZ = 600, 1000
TILES_PLAY = """() => [...document.querySelectorAll("[data-tile] video")].filter(
    ({ srcObject }) => srcObject).length"""
SENDS = """(tracks) => window.connections.flatMap((connection) =>
    connection.getSenders().filter(({ track }) => track)).length === tracks"""


@pytest.fixture
def seats(
    chromiums: tuple[Browser, Browser], server_group: ServerGroup
) -> Iterator[tuple[Seat, Seat]]:
    """A patient and an agent who see and hear each other."""
    patient = Seat.sign_in(chromiums[0], server_group, PATIENT, script=voice(PATIENT_HERTZ))
    agent = Seat.sign_in(chromiums[1], server_group, AGENT, script=voice(AGENT_HERTZ))
    meet(new_visit(server_group), patient, agent)
    they_see_and_hear_each_other(patient, agent)
    yield patient, agent
    for seat in (patient, agent):
        seat.close()


def they_see_and_hear_each_other(patient: Seat, agent: Seat) -> None:
    for seat, hertz in ((patient, AGENT_HERTZ), (agent, PATIENT_HERTZ)):
        seat.sees_somebody()
        hears(seat, hertz)


def hold(patient: Seat, agent: Seat) -> None:
    agent.does("hold")
    is_held(patient, agent)


def is_held(patient: Seat, agent: Seat) -> None:
    patient.page.wait_for_selector("[data-hold]:visible")
    agent.page.wait_for_selector("[data-tile-held]:visible")
    for seat in (patient, agent):
        seat.page.wait_for_function(SENDS, arg=0)


def nothing_comes(seat: Seat, hertz: int) -> None:
    came = received_meanwhile(seat, hertz)
    # A decoder that gets nothing may make up a noise that nobody hears.
    assert came.energy < 1e-4
    assert came == Received(0, 0, came.energy, 0, came.loudest_db)
    assert came.loudest_db < SILENT_DB


def test_it_lets_nothing_through_either_way_and_resumes_over_the_same_connection(
    seats: tuple[Seat, Seat],
) -> None:
    patient, agent = seats
    before = [connections(seat) for seat in seats]
    hold(patient, agent)
    assert [seat.page.evaluate(TILES_PLAY) for seat in seats] == [0, 0]
    nothing_comes(patient, AGENT_HERTZ)
    nothing_comes(agent, PATIENT_HERTZ)
    agent.does("hold")
    patient.page.wait_for_selector("[data-hold]", state="hidden")
    they_see_and_hear_each_other(patient, agent)
    assert [connections(seat) for seat in seats] == before


def test_it_outlasts_reloads_and_a_browser_that_dies(
    seats: tuple[Seat, Seat], chromiums: tuple[Browser, Browser], server_group: ServerGroup
) -> None:
    patient, agent = seats
    hold(patient, agent)
    patient.page.reload()
    is_held(patient, agent)
    agent.page.reload()
    is_held(patient, agent)
    nothing_comes(patient, AGENT_HERTZ)
    nothing_comes(agent, PATIENT_HERTZ)
    address = agent.page.url
    agent.page.close()
    patient.page.wait_for_selector("[data-hold]:visible")
    again = Seat.sign_in(chromiums[1], server_group, AGENT, script=voice(AGENT_HERTZ))
    again.page.goto(address)
    again.join()
    is_held(patient, again)
    again.page.keyboard.press("h")
    they_see_and_hear_each_other(patient, again)
    again.close()


def test_it_leaves_the_chat_and_keeps_from_the_held_what_others_write(
    seats: tuple[Seat, Seat],
) -> None:
    patient, agent = seats
    hold(patient, agent)
    patient.reads("[data-hold]", "You are on hold")
    for action in ("microphone", "camera", "react"):
        assert not patient.page.locator(
            f'[data-screen="live"] [data-action="{action}"]'
        ).first.is_visible()
    for seat, text in ((agent, "Odd, this scan."), (patient, "Still here.")):
        seat.does("chat")
        seat.page.fill("[data-chat-text]", text)
        seat.does("send")
    agent.reads("[data-chat-line]", "Not shown to Mei Lin")
    agent.reads("[data-chat-line]", "Still here.")
    patient.reads("[data-chat-line]", "Still here.")
    agent.page.locator('[data-panel-body="chat"] [data-action="close-panel"]').click()
    agent.does("hold")
    patient.page.wait_for_selector("[data-hold]", state="hidden")
    patient.page.reload()
    patient.sees("callState", "live")
    patient.does("chat")
    patient.reads("[data-chat-line]", "Still here.")
    assert "Odd, this scan." not in patient.page.content()


def test_it_plays_music_that_can_be_turned_off(seats: tuple[Seat, Seat]) -> None:
    patient, agent = seats
    hold(patient, agent)
    patient.reads('[data-action="hold-music"]', "Turn music off")
    patient.does("hold-music")
    patient.reads('[data-action="hold-music"]', "Turn music on")
    patient.does("leave")
    patient.sees("callState", "left")


def test_it_is_recorded_as_a_gap_for_everybody(seats: tuple[Seat, Seat]) -> None:
    patient, agent = seats
    agent.does("record")
    agent.does("confirm-record")
    patient.does("agree")
    for seat in seats:
        seat.sees("recording", "on")
        seat.sees("recorderLeg", "on")
    hold(patient, agent)
    for seat in seats:
        seat.sees("recorderLeg", "on")
    agent.does("hold")
    they_see_and_hear_each_other(patient, agent)
    for seat in seats:
        seat.page.wait_for_function(SENDS, arg=4)
