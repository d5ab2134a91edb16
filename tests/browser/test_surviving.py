"""Calls live through lost sockets, restarted servers, and networks that come and go."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.seat import Seat, in_call
from tests.support.group import ServerGroup

# A page whose sockets a test can cut, and keep from coming back.
CUT = """
window.sockets = [];
window.isCut = false;
window.WebSocket = class extends WebSocket {
    constructor(url) {
        super(window.isCut ? "ws://127.0.0.1:9/" : url);
        window.sockets.push(this);
    }
};
window.cut = (isCut) => {
    window.isCut = isCut;
    if (isCut) for (const socket of window.sockets) socket.close();
};
"""
CONNECTIONS = "() => window.connections.map(({ connectionState }) => connectionState)"
STABLE = """() => window.connections.some(({ connectionState, signalingState }) =>
    connectionState === "connected" && signalingState === "stable")"""
# How often the credentials of a path have changed: once for each ICE restart.
UFRAGS = """() => window.connections.map(({ localDescription }) =>
    /a=ice-ufrag:(\\S+)/.exec(localDescription?.sdp ?? "")?.[1])"""
RESTARTED = """(before) => window.connections.some(({ connectionState, localDescription }) =>
    connectionState === "connected" &&
    !localDescription.sdp.includes("a=ice-ufrag:" + before[0] + "\\r"))"""


@pytest.fixture
def seats(
    chromiums: tuple[Browser, Browser], server_group: ServerGroup
) -> Iterator[tuple[Seat, Seat]]:
    patient, agent = in_call(chromiums, server_group, script=CUT)
    yield patient, agent
    for seat in (patient, agent):
        seat.close()


def test_it_goes_on_while_a_socket_is_away_and_catches_up(seats: tuple[Seat, Seat]) -> None:
    patient, agent = seats
    patient.page.evaluate("() => window.cut(true)")
    patient.sees("connection", "reconnecting")
    patient.reads('[data-screen="live"] [data-connection-words]', "you can go on talking")
    agent.does("chat")
    agent.page.fill("[data-chat-text]", "Are you there?")
    agent.page.press("[data-chat-text]", "Enter")
    for seat in seats:
        seat.sees_somebody()
        assert seat.page.evaluate(CONNECTIONS) == ["connected"]
    patient.page.evaluate("() => window.cut(false)")
    patient.sees("connection", "connected")
    patient.does("chat")
    patient.reads("[data-chat-line]", "Are you there?")
    assert patient.page.evaluate(CONNECTIONS) == ["connected"]


def test_it_finds_new_paths_when_both_sides_look_at_once(seats: tuple[Seat, Seat]) -> None:
    before = [seat.page.evaluate(UFRAGS) for seat in seats]
    for seat in seats:
        seat.page.evaluate("() => window.dispatchEvent(new Event('online'))")
    for seat, old in zip(seats, before, strict=True):
        seat.page.wait_for_function(RESTARTED, arg=old)
        seat.page.wait_for_function(STABLE)
        seat.sees("connection", "connected")
    for seat in seats:
        seat.sees_somebody()


def test_it_hangs_up_without_a_server_and_the_other_side_sees_that(
    seats: tuple[Seat, Seat],
) -> None:
    patient, agent = seats
    patient.page.evaluate("() => window.cut(true)")
    patient.sees("connection", "reconnecting")
    patient.does("leave")
    patient.sees("callState", "left")
    assert patient.page.evaluate(CONNECTIONS) == ["closed"]
    agent.reads("[data-tile] [data-tile-state]", "Mei Lin is reconnecting…")
    patient.page.evaluate("() => window.cut(false)")
    agent.reads("[data-alone-title]", "Mei Lin has left")


def test_it_blinks_at_most_when_the_web_process_is_restarted(
    seats: tuple[Seat, Seat], server_group: ServerGroup
) -> None:
    for pid in web_processes(server_group):
        os.kill(pid, signal.SIGTERM)
    for seat in seats:
        seat.sees("connection", "reconnecting")
        seat.sees_somebody()
    for seat in seats:
        seat.sees("connection", "connected")
        assert seat.page.evaluate(CONNECTIONS) == ["connected"]
    patient, agent = seats
    agent.does("end")
    agent.does("confirm-end")
    patient.sees("callState", "ended")


def web_processes(group: ServerGroup) -> list[int]:
    """The processes of the group that answer the portal's requests."""
    commands = {pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in group.processes()}
    return [pid for pid, command in commands.items() if b"daphne" in command]
