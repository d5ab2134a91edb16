"""Two browsers connect in the waiting room: nothing leaves before admission, then all at once."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.seat import Seat, new_visit, seated
from tests.support.group import ServerGroup

# Connected for so long that each side was told four times that it may send (RFC 7675).
HAS_BEEN_CONNECTED = """async () => {
    const all = await Promise.all(window.connections.map((connection) => connection.getStats()));
    const pairs = all.flatMap((rows) => [...rows.values()]).filter((row) => row.nominated);
    return pairs.some(({ responsesReceived }) => responsesReceived >= 4);
}"""
SENT = """async () => {
    const all = await Promise.all(window.connections.map((connection) => connection.getStats()));
    const rows = all.flatMap((stats) => [...stats.values()]);
    const sum = { connections: window.connections.length, streams: 0, packets: 0, bytes: 0 };
    for (const { type, packetsSent, bytesSent } of rows) {
        if (type !== "outbound-rtp") continue;
        sum.streams += 1;
        sum.packets += packetsSent;
        sum.bytes += bytesSent;
    }
    return sum;
}"""
SHOWN = """() => [...document.querySelectorAll("video")].filter(
    (video) => !video.hasAttribute("data-self-video") && video.srcObject).length"""
SIGNALS = """
window.described = 0;
const put = WebSocket.prototype.send;
WebSocket.prototype.send = function (text) {
    if (JSON.parse(text).t === "description") window.described += 1;
    return put.call(this, text);
};
"""


@pytest.fixture
def seats(
    chromiums: tuple[Browser, Browser], server_group: ServerGroup
) -> Iterator[tuple[Seat, Seat]]:
    patient, agent = seated(chromiums, server_group)
    call = new_visit(server_group)
    for seat in (patient, agent):
        seat.page.add_init_script(SIGNALS)
        seat.open(call)
    yield patient, agent
    for seat in (patient, agent):
        seat.close()


def test_it_sends_and_shows_nothing_before_admission_and_negotiates_nothing_for_it(
    seats: tuple[Seat, Seat],
) -> None:
    patient, agent = seats
    patient.join()
    patient.sees("callState", "waiting")
    agent.join()
    agent.sees("callState", "live")
    for seat in seats:
        seat.page.wait_for_function(HAS_BEEN_CONNECTED)
    before = [seat.page.evaluate(SENT) for seat in seats]
    assert [sent["connections"] for sent in before] == [1, 1]
    assert [sent["packets"] + sent["bytes"] for sent in before] == [0, 0], before
    assert [seat.page.evaluate(SHOWN) for seat in seats] == [0, 0]
    described = [seat.page.evaluate("() => window.described") for seat in seats]

    agent.does("admit")

    for seat in seats:
        seat.sees_somebody()
        seat.hears_somebody()
    after = [seat.page.evaluate(SENT) for seat in seats]
    assert [sent["connections"] for sent in after] == [1, 1]
    assert all(sent["bytes"] > 0 for sent in after), after
    assert [seat.page.evaluate("() => window.described") for seat in seats] == described


def test_it_warms_when_the_agent_comes_first_and_parts_when_the_patient_goes(
    seats: tuple[Seat, Seat],
) -> None:
    patient, agent = seats
    agent.join()
    agent.sees("callState", "live")
    patient.join()
    patient.sees("callState", "waiting")
    agent.page.wait_for_function(
        "() => window.connections.some(({ connectionState }) => connectionState === 'connected')"
    )
    patient.does("leave")
    patient.sees("callState", "lobby")
    agent.page.wait_for_function(
        "() => window.connections.every(({ connectionState }) => connectionState === 'closed')"
    )
