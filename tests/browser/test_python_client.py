"""The client that was written from docs/protocol.md meets a browser: both see each other."""

import asyncio
import fractions
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from aiortc import MediaStreamTrack, VideoStreamTrack
from av import AudioFrame, VideoFrame
from playwright.sync_api import Browser

from bench.client import Call, Visitor
from bench.client.peer import Peer
from tests.browser.seat import AGENT, PASSWORD, PATIENT, Seat, new_visit
from tests.support.group import ServerGroup

pytestmark = pytest.mark.browser
FRAMES = 15


class Stripes(VideoStreamTrack):
    """A picture that moves."""

    async def recv(self) -> VideoFrame:
        pts, time_base = await self.next_timestamp()
        picture = np.roll(
            np.tile(np.array([[[200, 80, 20], [20, 80, 200]]], np.uint8), (240, 160, 1)), pts, 1
        )
        frame = VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts, frame.time_base = pts, time_base
        return frame


class Hum(MediaStreamTrack):
    """A tone of 400 Hz."""

    kind = "audio"
    _sent = 0

    async def recv(self) -> AudioFrame:
        await asyncio.sleep(0.02)
        times = np.arange(self._sent, self._sent + 960)
        wave = (8000 * np.sin(times * 2 * np.pi * 400 / 48000)).astype(np.int16)
        frame = AudioFrame.from_ndarray(wave.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts = 48000, self._sent
        frame.time_base = fractions.Fraction(1, 48000)
        self._sent += 960
        return frame


class Caller:
    """A person with this client in place of a browser."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.peers: dict[str, Peer] = {}
        self.pictures = 0
        self.sizes: set[tuple[int, int]] = set()
        self._watchers: list[asyncio.Task[None]] = []
        call.on_peers = self._meet
        call.on_signal = lambda leg, signal: self.peers[leg].receive(signal)

    def _meet(self, peers: list[dict[str, Any]]) -> None:
        for entry in peers:
            leg = entry["leg"]
            if leg not in self.peers:
                self.peers[leg] = Peer(
                    self.call.link(leg),
                    polite=entry["polite"],
                    ice=self.call.ice,
                    tracks={"audio": Hum(), "video": Stripes()},
                    on_track=self._watch,
                )
            if not entry.get("warm"):
                self.peers[leg].show()

    def _watch(self, track: MediaStreamTrack) -> None:
        if track.kind == "video":
            self._watchers.append(asyncio.create_task(self._count(track)))

    async def _count(self, track: MediaStreamTrack) -> None:
        while True:
            frame = await track.recv()
            assert isinstance(frame, VideoFrame)
            self.pictures += 1
            self.sizes.add((frame.width, frame.height))

    async def close(self) -> None:
        for watcher in self._watchers:
            watcher.cancel()
        for peer in self.peers.values():
            await peer.close()
        self.call.close()


class Sitting:
    """A caller in a thread of its own, as Playwright has this one."""

    def __init__(self, group: ServerGroup, email: str, call_id: str) -> None:
        self.visitor = Visitor(group.url)
        self.visitor.sign_in(email, PASSWORD)
        self.call_id = call_id
        self.goes = threading.Event()
        self._pool = ThreadPoolExecutor(1)

    def __enter__(self) -> "Sitting":
        self.outcome = self._pool.submit(lambda: asyncio.run(self._sit()))
        return self

    def __exit__(self, *exc: object) -> None:
        self.goes.set()
        self._pool.shutdown()

    async def _sit(self) -> Caller:
        call = Call(self.visitor.socket_url(self.call_id), headers=self.visitor.headers)
        caller = Caller(call)
        await call.open()
        await call.command("enter")
        if call.welcome["role"] == "agent":
            await call.until(lambda: waiting(call))
            await call.command("admit", participant=waiting(call))
        async with asyncio.timeout(20):
            while caller.pictures < FRAMES or not self.goes.is_set():
                await asyncio.sleep(0.05)
        await caller.close()
        return caller


def waiting(call: Call) -> str | None:
    """Who waits to be admitted."""
    entered = [fact["data"] for fact in call.facts if fact["kind"] == "entered"]
    return next((data["participant"] for data in entered if data["waiting"]), None)


def check(caller: Caller) -> None:
    assert caller.pictures >= FRAMES
    assert max(caller.sizes)[0] >= 320
    assert caller.call.faults == []


def test_it_answers_a_browser_and_both_see_each_other(
    chromium: Browser, server_group: ServerGroup
) -> None:
    call = new_visit(server_group)
    with Sitting(server_group, PATIENT, call) as patient:
        agent = Seat.sign_in(chromium, server_group, AGENT)
        agent.open(call)
        agent.join()
        agent.does("admit")
        agent.sees_somebody()
        agent.hears_somebody()
        patient.goes.set()
        check(patient.outcome.result(timeout=20))
    agent.close()


def test_it_calls_a_browser_and_both_see_each_other(
    chromium: Browser, server_group: ServerGroup
) -> None:
    call = new_visit(server_group)
    with Sitting(server_group, AGENT, call) as agent:
        patient = Seat.sign_in(chromium, server_group, PATIENT)
        patient.open(call)
        patient.join()
        patient.sees_somebody()
        patient.hears_somebody()
        agent.goes.set()
        check(agent.outcome.result(timeout=20))
    patient.close()
