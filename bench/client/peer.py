"""A connection to one other person by aiortc: perfect negotiation, no rollback, no ICE restart.

aiortc has neither, so wherever a browser would roll back or restart, the connection is replaced by
a new one. It gathers before it describes: every candidate is in the description, none follows.
"""

import asyncio
import logging
import re
from collections.abc import Callable
from typing import Any

from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.sdp import candidate_from_sdp

from bench.client.line import Fields
from bench.client.link import Link, Signal

logger = logging.getLogger(__name__)


class Peer:
    """Answers offers and makes the first one if it is not the polite side.

    What the person shows is `tracks` (by kind), and nothing of it is sent before `show()`.
    """

    def __init__(
        self,
        link: Link,
        *,
        polite: bool,
        ice: Fields,
        tracks: dict[str, MediaStreamTrack],
        on_track: Callable[[MediaStreamTrack], None],
    ) -> None:
        self._link = link
        self._polite = polite
        self._ice = ice
        self._tracks = tracks
        self._on_track = on_track
        self._shown = False
        self._session = ""
        self._signals: asyncio.Queue[Signal] = asyncio.Queue()
        self._pc = self._connection()
        self._task = asyncio.get_running_loop().create_task(self._run())

    def receive(self, signal: Signal) -> None:
        """The next signal of the other side."""
        self._signals.put_nowait(signal)

    def show(self) -> None:
        """Send the tracks from now on: both people are admitted."""
        if not self._shown:
            self._link.send("media", audio="audio" in self._tracks, video="video" in self._tracks)
        self._shown = True
        for transceiver in self._pc.getTransceivers():
            transceiver.sender.replaceTrack(self._tracks.get(transceiver.kind))

    async def close(self) -> None:
        self._task.cancel()
        await self._pc.close()

    async def _run(self) -> None:
        if not self._polite:
            for kind in ("audio", "video"):
                self._pc.addTransceiver(kind)
            await self._describe(await self._pc.createOffer())
        while True:
            signal = await self._signals.get()
            try:
                await self._handle(signal)
            except Exception:
                logger.exception("signal %s not applied", signal["t"])

    async def _handle(self, signal: Signal) -> None:
        if signal["t"] == "candidate" and signal["candidate"]:
            candidate = candidate_from_sdp(signal["candidate"].removeprefix("candidate:"))
            candidate.sdpMid = signal.get("sdp_mid")
            candidate.sdpMLineIndex = signal.get("sdp_mline_index")
            await self._pc.addIceCandidate(candidate)
        elif signal["t"] == "description":
            description = RTCSessionDescription(signal["sdp"], signal["type"])
            if signal["type"] == "answer":
                if self._pc.signalingState == "have-local-offer":
                    await self._pc.setRemoteDescription(description)
            elif self._polite or self._pc.signalingState == "stable":
                await self._answer(description, to=signal["n"])

    async def _answer(self, offer: RTCSessionDescription, *, to: int) -> None:
        session = " ".join(re.findall(r"^o=\S+ (\S+)|^a=ice-ufrag:(\S+)", offer.sdp, re.M)[0])
        if self._pc.signalingState != "stable" or self._session not in ("", session):
            await self._pc.close()
            self._pc = self._connection()
        self._session = session
        await self._pc.setRemoteDescription(offer)
        for transceiver in self._pc.getTransceivers():
            transceiver.direction = "sendrecv"
        await self._describe(await self._pc.createAnswer(), to=to)

    async def _describe(self, description: RTCSessionDescription, **fields: Any) -> None:
        await self._pc.setLocalDescription(description)
        if self._shown:
            self.show()
        local = self._pc.localDescription
        self._link.send("description", type=local.type, sdp=local.sdp, **fields)

    def _connection(self) -> RTCPeerConnection:
        servers = [
            RTCIceServer(entry["urls"], entry.get("username"), entry.get("credential"))
            for entry in self._ice.get("servers", [])
        ]
        pc = RTCPeerConnection(RTCConfiguration(iceServers=servers))
        pc.on("track", self._on_track)
        return pc
