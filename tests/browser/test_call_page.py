"""The call page in real browsers with the real server group."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.seat import AGENT, PATIENT, Seat, in_call, meet, new_visit
from tests.support.group import ServerGroup

NO_DEVICE = """
    navigator.mediaDevices.getUserMedia = async () => {
        throw new DOMException("said the test", "%s");
    };
"""
NO_CAMERA = """
    const all = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wanted) => {
        if (wanted.video) throw new DOMException("said the test", "NotFoundError");
        return all(wanted);
    };
"""
NO_SOCKET = "WebSocket.prototype.send = () => {}"
TO_THE_RECORDER = """() => window.connections.find((connection) =>
    connection.connectionState === "connected" &&
    connection.getTransceivers().every(({ direction }) => direction === "sendonly"))"""


@pytest.fixture
def patient_and_agent(
    chromiums: tuple[Browser, Browser], server_group: ServerGroup
) -> Iterator[tuple[Seat, Seat]]:
    patient, agent = in_call(chromiums, server_group)
    yield patient, agent
    for seat in (patient, agent):
        seat.close()


@pytest.fixture
def patient(chromium: Browser, server_group: ServerGroup) -> Iterator[Seat]:
    seat = Seat.sign_in(chromium, server_group, PATIENT)
    yield seat
    seat.close()


def test_it_says_who_waits_and_since_when(
    chromiums: tuple[Browser, Browser], server_group: ServerGroup, patient: Seat
) -> None:
    call = new_visit(server_group)
    patient.open(call)
    patient.join()
    patient.reads('[data-screen="waiting"]', "You have been waiting since")
    agent = Seat.sign_in(chromiums[1], server_group, AGENT)
    agent.open(call)
    agent.reads("[data-lobby-waits]", "Mei Lin has been waiting since")
    agent.join()
    agent.reads('[data-notice="waits"]', "Mei Lin is waiting")
    agent.close()


def test_it_shows_at_the_other_side_that_one_is_muted_and_unseen(
    patient_and_agent: tuple[Seat, Seat],
) -> None:
    patient, agent = patient_and_agent
    patient.does("microphone")
    patient.does("camera")
    agent.page.wait_for_selector("[data-tile] [data-muted]:visible")
    agent.page.wait_for_selector("[data-tile] [data-covered]:visible")
    patient.does("camera")
    agent.page.wait_for_selector("[data-tile] [data-covered]", state="hidden")


def test_it_is_worked_by_single_keys_but_not_while_writing(
    patient_and_agent: tuple[Seat, Seat],
) -> None:
    patient, _ = patient_and_agent
    patient.page.keyboard.press("m")
    patient.page.wait_for_selector('[data-action="microphone"].is-off:visible')
    patient.page.keyboard.press("c")
    patient.page.keyboard.type("vm")
    assert patient.page.input_value("[data-chat-text]") == "vm"
    assert patient.page.locator('[data-action="camera"].is-off:visible').count() == 0


def test_it_writes_inert_text_and_counts_what_is_unread(
    patient_and_agent: tuple[Seat, Seat],
) -> None:
    patient, agent = patient_and_agent
    patient.does("chat")
    patient.page.fill("[data-chat-text]", "<img src=x onerror=alert(1)>")
    patient.does("send")
    agent.reads("[data-unread]", "1")
    agent.does("chat")
    agent.reads("[data-chat-line]", "<img src=x onerror=alert(1)>")
    assert agent.page.locator("[data-chat-line] img").count() == 0
    agent.page.wait_for_selector("[data-unread]", state="hidden")


def test_it_comes_back_by_itself_after_a_reload(patient_and_agent: tuple[Seat, Seat]) -> None:
    patient, agent = patient_and_agent
    for seat in (patient, agent):
        seat.page.reload()
        seat.sees("callState", "live")
        for one in (patient, agent):
            one.sees_somebody()
    assert agent.page.locator("[data-tile]").count() == 1


def test_it_leaves_the_visit_open_and_lets_one_come_back(
    patient_and_agent: tuple[Seat, Seat],
) -> None:
    patient, agent = patient_and_agent
    patient.does("leave")
    patient.sees("callState", "left")
    agent.reads("[data-alone]", "Mei Lin has left")
    patient.does("rejoin")
    patient.sees("callState", "live")
    for seat in (patient, agent):
        seat.sees_somebody()


def test_it_ends_for_all_after_asking_once(patient_and_agent: tuple[Seat, Seat]) -> None:
    patient, agent = patient_and_agent
    agent.does("end")
    agent.sees("callState", "live")
    agent.does("confirm-end")
    for seat in (patient, agent):
        seat.sees("callState", "ended")
        seat.reads('[data-screen="ended"]', "It lasted 1 minute.")
    patient.page.reload()
    patient.reads('[data-screen="ended"]', "The visit has ended")


def test_it_goes_on_in_the_newest_tab_and_can_be_taken_back(
    patient_and_agent: tuple[Seat, Seat],
) -> None:
    patient, agent = patient_and_agent
    second = Seat(patient.page.context.new_page())
    second.page.goto(patient.page.url)
    patient.sees("callState", "replaced")
    patient.does("take-over")
    second.sees("callState", "replaced")
    second.close()
    patient.sees("callState", "live")
    for seat in (patient, agent):
        seat.sees_somebody()


def test_it_stops_feeding_the_recorder_before_the_server_knows(
    patient_and_agent: tuple[Seat, Seat],
) -> None:
    patient, agent = patient_and_agent
    agent.does("record")
    agent.does("confirm-record")
    agent.reads('[data-notice="asked"]', "Mei Lin")
    patient.page.wait_for_selector('[data-dialog="consent"][open]')
    assert patient.page.evaluate("document.documentElement.dataset.recorderLeg") == "off"
    patient.does("agree")
    for seat in (patient, agent):
        seat.sees("recording", "on")
        seat.sees("recorderLeg", "on")
        seat.page.wait_for_selector("[data-rec]:visible")
    fed = patient.page.wait_for_function(TO_THE_RECORDER)
    patient.page.evaluate(NO_SOCKET)
    patient.does("withdraw")
    patient.sees("recorderLeg", "off")
    assert fed.evaluate("(connection) => connection.connectionState") == "closed"
    assert patient.page.evaluate(f"!({TO_THE_RECORDER})()")
    assert patient.page.evaluate("document.documentElement.dataset.recording") == "on"


def test_it_takes_no_answer_from_a_closed_dialog(patient_and_agent: tuple[Seat, Seat]) -> None:
    patient, agent = patient_and_agent
    agent.does("record")
    agent.does("confirm-record")
    patient.page.wait_for_selector('[data-dialog="consent"][open]')
    patient.page.keyboard.press("Escape")
    patient.does("answer")
    patient.does("decline")
    agent.sees("recording", "refused")
    agent.reads('[data-notice="recording"]', "Nothing is recorded: not everyone agreed.")


@pytest.mark.parametrize(
    ("fault", "title"),
    [
        ("NotAllowedError", "Chrome does not let this page use your camera and microphone"),
        ("NotFoundError", "No camera and no microphone were found"),
        ("NotReadableError", "Another program is using your camera and microphone"),
    ],
)
def test_it_explains_devices_that_cannot_be_used_and_joins_without(
    server_group: ServerGroup, patient: Seat, fault: str, title: str
) -> None:
    patient.page.add_init_script(NO_DEVICE % fault)
    patient.open(new_visit(server_group))
    patient.reads("[data-fault]", title)
    patient.reads('[data-action="join"]', "Join without camera and microphone")
    patient.join()
    patient.sees("callState", "waiting")


def test_it_lets_people_without_a_camera_be_heard(
    chromiums: tuple[Browser, Browser], server_group: ServerGroup, patient: Seat
) -> None:
    patient.page.add_init_script(NO_CAMERA)
    call = new_visit(server_group)
    patient.open(call)
    patient.reads("[data-fault]", "No camera was found")
    patient.reads('[data-action="join"]', "Join without camera")
    agent = Seat.sign_in(chromiums[1], server_group, AGENT)
    meet(call, patient, agent)
    agent.hears_somebody()
    agent.page.wait_for_selector("[data-tile] [data-covered]:visible")
    patient.sees_somebody()
    agent.close()


def test_it_says_that_a_browser_is_too_old(server_group: ServerGroup, patient: Seat) -> None:
    patient.page.add_init_script("delete globalThis.RTCPeerConnection")
    patient.page.goto(f"/calls/{new_visit(server_group)}/")
    patient.sees("callState", "unsupported")
    patient.reads('[data-screen="unsupported"]', "This browser cannot hold video calls")


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_it_fits_the_screen(server_group: ServerGroup, patient: Seat, width: int) -> None:
    patient.page.set_viewport_size({"width": width, "height": 700})
    patient.open(new_visit(server_group))
    patient.join()
    patient.sees("callState", "waiting")
    assert patient.page.evaluate("document.documentElement.scrollWidth") <= width
