"""Reactions, writing, the safety code, the ladder and samples between real browsers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.seat import Seat, meet, new_visit, seated
from tests.support.browser import Browsers
from tests.support.group import ServerGroup

SAFETY = Path(__file__).resolve().parents[2] / "static/js/call/safety.js"

# Keeps the data channels, and lets a test say what share of its packets the other side misses.
MEDDLE = """
window.channels = [];
window.missed = 0;
const create = RTCPeerConnection.prototype.createDataChannel;
RTCPeerConnection.prototype.createDataChannel = function (...how) {
    const channel = create.apply(this, how);
    window.channels.push(channel);
    return channel;
};
const ask = RTCPeerConnection.prototype.getStats;
RTCPeerConnection.prototype.getStats = async function (...what) {
    const rows = [...(await ask.apply(this, what)).values()];
    const sent = (row) => rows.find(({ id }) => id === row.localId)?.packetsSent ?? 0;
    return new Map(rows.map((row) => [row.id, window.missed && row.type === "remote-inbound-rtp"
        ? { ...row, packetsLost: window.missed * sent(row), timestamp: Date.now() } : row]));
};
"""
SAY = """(text) => window.channels
    .find(({ label, readyState }) => label === "aside" && readyState === "open")
    .send(text)"""
# Relays only, and there is none: nothing ever connects.
NO_MEDIA = """
window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(how) { super({ ...how, iceTransportPolicy: "relay" }); }
    setConfiguration(how) { super.setConfiguration({ ...how, iceTransportPolicy: "relay" }); }
};
"""
# Four connections with real certificates: one pair, and a relay with one of its own to each side.
CODES = """async () => {
    const connect = async () => {
        const pair = [new RTCPeerConnection(), new RTCPeerConnection()];
        pair.forEach((pc, n) => {
            pc.onicecandidate = ({ candidate }) => pair[1 - n].addIceCandidate(candidate);
        });
        // Both ends: each knows the other's certificate only once its own handshake is done.
        const open = pair.map((pc) => new Promise((done) => {
            pc.createDataChannel("x", { negotiated: true, id: 0 }).onopen = done;
        }));
        await pair[0].setLocalDescription();
        await pair[1].setRemoteDescription(pair[0].localDescription);
        await pair[1].setLocalDescription();
        await pair[0].setRemoteDescription(pair[1].localDescription);
        await Promise.all(open);
        return pair;
    };
    const code = async (pc) => safetyCode(...(await fingerprintsOf(pc)));
    const direct = await Promise.all((await connect()).map(code));
    const [ada] = await connect();
    const [, mei] = await connect();
    return { direct, relayed: [await code(ada), await code(mei)] };
}"""


@pytest.fixture(scope="module")
def seats(browsers: Browsers, server_group: ServerGroup) -> Iterator[tuple[Seat, Seat]]:
    both = seated(browsers.both(), server_group)
    for seat in both:
        seat.page.add_init_script(MEDDLE)
    meet(new_visit(server_group), *both)
    for seat in both:
        seat.sees_somebody()
    yield both[0], both[1]
    for seat in both:
        seat.close()


def asks_for(seat: Seat, rung: str) -> None:
    """What this page's ladder would say if no more could be received."""
    text = f'{{"k": "want", "rung": "{rung}"}}'
    seat.page.evaluate(SAY, text)


def test_it_shows_a_reaction_over_the_picture_of_who_sent_it(seats: tuple[Seat, Seat]) -> None:
    patient, agent = seats
    patient.page.click('.controls > [popovertarget="call-react"]')
    patient.page.click('#call-react [data-sign="applause"]')
    agent.page.wait_for_selector('[data-tile] [data-reaction] use[href$="#react-applause"]')
    agent.reads("[data-announce]", "Mei Lin: Applause")


def test_it_shows_who_is_writing(seats: tuple[Seat, Seat]) -> None:
    patient, agent = seats
    for seat in seats:
        seat.does("chat")
    patient.page.type("[data-chat-text]", "Hel")
    agent.reads("[data-typing]:visible", "Mei Lin is writing")
    patient.page.press("[data-chat-text]", "Enter")
    agent.page.wait_for_selector("[data-typing]", state="hidden")


def test_it_shows_both_the_same_safety_code(seats: tuple[Seat, Seat]) -> None:
    codes = []
    for seat in seats:
        seat.does("people")
        seat.does("safety")
        seat.page.wait_for_selector('dialog[data-dialog="safety"][open]')
        codes.append(seat.page.inner_text("[data-safety-code]"))
        seat.page.keyboard.press("Escape")
    assert codes[0] == codes[1]
    assert len(codes[0].replace(" ", "")) == 30


def test_it_makes_codes_differ_where_a_relay_has_certificates_of_its_own(
    seats: tuple[Seat, Seat],
) -> None:
    module = SAFETY.read_text(encoding="utf-8").replace("export ", "")
    codes = seats[0].page.evaluate(f"async () => {{ {module}; return ({CODES})(); }}")
    assert codes["direct"][0] == codes["direct"][1]
    assert codes["relayed"][0] != codes["relayed"][1]


def test_it_sends_no_more_than_the_other_side_asks_for(seats: tuple[Seat, Seat]) -> None:
    patient, agent = seats
    asks_for(patient, "audio")
    agent.reads('[data-notice="quality"]:visible', "Your video is paused so that Mei Lin")
    patient.reads("[data-tile] [data-covered]:visible", "Video is paused: the connection is weak")
    asks_for(patient, "text")
    patient.reads('[data-notice="quality"]:visible', "You can write to each other in the chat")
    asks_for(patient, "full")
    patient.page.wait_for_selector("[data-tile] [data-covered]", state="hidden")
    patient.sees_somebody()


def test_it_steps_down_where_packets_are_lost_and_says_whose_connection_it_is(
    seats: tuple[Seat, Seat],
) -> None:
    patient, agent = seats
    agent.page.evaluate("() => { window.missed = 0.2; }")
    agent.sees("paused", "mine")
    patient.sees("paused", "theirs")
    agent.reads("[data-quality] [data-connection-words]", "Your connection is very weak")
    patient.reads(
        "[data-quality] [data-connection-words]", "Dr. Ada Brandt’s connection is very weak"
    )


def test_it_shows_afterwards_what_was_measured(seats: tuple[Seat, Seat]) -> None:
    _, agent = seats
    shown = agent.page.context.request.get(f"{agent.page.url}flight/").text()
    assert "uplink lost packets from" in shown or "Nothing went wrong" in shown
    assert "host – host, udp" in shown


def test_it_carries_text_once_and_in_order_while_no_media_gets_through(
    chromiums: tuple[Browser, Browser], server_group: ServerGroup
) -> None:
    both = seated(chromiums, server_group)
    both[0].page.add_init_script(NO_MEDIA)
    meet(new_visit(server_group), *both)
    for seat in both:
        seat.does("chat")
    expected = []
    for number in range(6):
        seat = both[number % 2]
        seat.page.fill("[data-chat-text]", f"line {number}")
        seat.does("send")
        expected.append(f"line {number}")
        both[1 - number % 2].reads("[data-chat-line] [data-text]", f"line {number}")
    for seat in both:
        assert seat.page.locator("[data-chat-line] [data-text]").all_inner_texts() == expected
        assert seat.page.locator('[data-tile][data-state="connected"]').count() == 0
        seat.close()
