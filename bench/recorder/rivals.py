"""What ours is held against in Python: aiortc's MediaRecorder, and the least that can be done."""

import time
from pathlib import Path
from typing import Any

import av
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaRecorder

from bench.recorder.contender import Outcome
from bench.recorder.dump import RATE
from calls.recorder.inlet import Inlet
from calls.recorder.tap import EncodedTap


class Stock:
    """aiortc's own recorder, which decodes and encodes again; into WebM with VP8."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._recorded: list[tuple[RTCPeerConnection, MediaRecorder, Path]] = []

    async def answer(self, offer: str) -> str:
        path = self._folder / f"{len(self._recorded)}.webm"
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        recorder = MediaRecorder(str(path))
        peer.on("track", recorder.addTrack)
        await peer.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        await peer.setLocalDescription(await peer.createAnswer())
        await recorder.start()
        self._recorded.append((peer, recorder, path))
        return str(peer.localDescription.sdp)

    async def finish(self) -> Outcome:
        begun = time.process_time()
        for _, recorder, _ in self._recorded:
            await recorder.stop()
        spent = time.process_time() - begun
        frames = lost = 0
        for peer, _, path in self._recorded:
            kept, missing = frames_of(path)
            frames, lost = frames + kept, lost + missing
            await peer.close()
        return Outcome(frames, lost, spent)


class Floor:
    """Reads the sockets and opens the packets as ours does, and throws everything away."""

    def __init__(self, folder: Path) -> None:
        self._people: list[tuple[RTCPeerConnection, EncodedTap]] = []
        self._lighten()

    async def answer(self, offer: str) -> str:
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        tap = EncodedTap(peer, lambda record: None, max_bitrate_bps=10_000_000)
        self._people.append((peer, tap))
        await peer.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        tap.attach()
        await peer.setLocalDescription(await peer.createAnswer())
        return str(peer.localDescription.sdp)

    async def finish(self) -> Outcome:
        for peer, tap in self._people:
            await tap.close()
            await peer.close()
        return Outcome(0, 0, 0.0)

    def _lighten(self) -> None:
        """In this process, take all that follows off the packets' way."""

        def take(self: Any, start: int, length: int, arrived_at: float) -> None:
            room = self._room
            room.length[0] = length
            room.unprotect(self._srtp, room.places[start], room.length)

        setattr(Inlet, "_take", take)  # noqa: B010


class PlainFloor(Floor):
    """The same with what the libraries offer to everybody: recvfrom and Session.unprotect."""

    def _lighten(self) -> None:
        def drain(self: Any) -> None:
            for protocol, sock in self._drained.items():
                try:
                    while True:
                        data, addr = sock.recvfrom(1500)
                        if not 127 < data[0] < 192:
                            type(protocol).datagram_received(protocol, data, addr)
                        elif 192 <= data[1] <= 223:
                            self._session.unprotect_rtcp(data)
                        else:
                            self._session.unprotect(data)
                except BlockingIOError:
                    continue

        def take(self: Any, start: int, length: int, arrived_at: float) -> None:
            """Nothing: this one is only to have the socket taken off the event loop."""

        setattr(Inlet, "drain", drain)  # noqa: B010
        setattr(Inlet, "_take", take)  # noqa: B010


def frames_of(path: Path) -> tuple[int, int]:
    """The pictures in a file, and how many are missing between its first and last."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        times = [
            float(packet.pts * (stream.time_base or 0))
            for packet in container.demux(stream)
            if packet.size and packet.pts is not None
        ]
    expected = round((max(times) - min(times)) * RATE) + 1 if times else 0
    return len(times), max(0, expected - len(times))
