"""People without a browser who agree to be recorded.

Each of their pictures ends with a stamp: a mark, the second at which it left, and its number. A
decoder passes over it; whoever opens the archive reads from the frames themselves what is there.
"""

import asyncio
import fractions
import struct
import time
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import av
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from av.packet import Packet

from bench.client import Call

WIDTH, HEIGHT, RATE = 320, 240, 15
CLIP_SECS = 4
BITRATE_BPS = 150_000
MARK = b"stamped by the laboratory of Parlour"
_STAMP = struct.Struct(f"!{len(MARK)}sdI")


@dataclass(frozen=True, slots=True)
class Stamp:
    sent_at: float
    number: int


def stamp_of(frame: bytes) -> Stamp | None:
    """What a stored picture says of itself."""
    if len(frame) < _STAMP.size:
        return None
    mark, sent_at, number = _STAMP.unpack(frame[-_STAMP.size :])
    return Stamp(sent_at, number) if mark == MARK else None


class StampedTrack(MediaStreamTrack):
    """Encoded frames in a loop, at their times; pictures are stamped, and noted in `sent`."""

    def __init__(self, kind: str, sent: list[float]) -> None:
        super().__init__()
        self.kind = kind
        self._sent = sent
        self._frames = pictures() if kind == "video" else sounds()
        self._rate, self._clock = (RATE, 90000) if kind == "video" else (50, 48000)
        self._count = 0
        self._began = 0.0

    async def recv(self) -> Any:
        self._began = self._began or time.time()
        await asyncio.sleep(max(0.0, self._began + self._count / self._rate - time.time()))
        data = self._frames[self._count % len(self._frames)]
        if self.kind == "video":
            self._sent.append(time.time())
            data += _STAMP.pack(MARK, self._sent[-1], self._count)
        packet = Packet(data)
        packet.pts = packet.dts = self._count * self._clock // self._rate
        packet.time_base = fractions.Fraction(1, self._clock)
        self._count += 1
        return packet


@dataclass
class _Leg:
    """What one recorder gets."""

    connection: RTCPeerConnection
    tracks: list[StampedTrack] = field(default_factory=list)


class Speaker:
    """One person's place in a visit; connects to each recorder that the server names."""

    def __init__(self, url: str, visit: dict[str, Any], role: str) -> None:
        origin = url.replace("ws", "http", 1)
        headers = {"Cookie": visit[role]["cookie"], "Origin": origin}
        self.call = Call(f"{url}/ws/calls/{visit['call']}/", headers=headers)
        self.call.on_peers = self._meet
        self.call.on_signal = self._hear
        self.sent: list[float] = []  # when each picture left for a recorder
        self._legs: dict[str, _Leg] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def enter(self) -> None:
        await self.call.open(secs=30)
        await self.call.command("enter")

    async def go(self) -> None:
        for leg in list(self._legs):
            await self._drop(leg)
        for task in self._tasks:
            task.cancel()
        self.call.close()

    def _meet(self, peers: list[dict[str, Any]]) -> None:
        recorders = {peer["leg"] for peer in peers if peer["role"] == "recorder"}
        for leg in self._legs.keys() - recorders:
            self._do(self._drop(leg))
        for leg in recorders - self._legs.keys():
            self._legs[leg] = self._new_leg(leg)
            self._do(self._offer(leg))

    def _hear(self, leg: str, signal: dict[str, Any]) -> None:
        if signal["t"] == "description" and signal["type"] == "answer":
            self._do(self._answered(leg, signal["sdp"]))

    def _new_leg(self, leg: str) -> _Leg:
        made = _Leg(RTCPeerConnection(RTCConfiguration(iceServers=[])))
        made.tracks = [StampedTrack(kind, self.sent) for kind in ("audio", "video")]
        for track in made.tracks:
            made.connection.addTransceiver(track, direction="sendonly")
        made.connection.on("connectionstatechange", lambda: self._changed(leg, made))
        return made

    def _changed(self, leg: str, made: _Leg) -> None:
        """A broken connection is replaced, as a browser does it."""
        if made.connection.connectionState == "failed" and self._legs.get(leg) is made:
            self._legs[leg] = self._new_leg(leg)
            self._do(self._offer(leg))

    async def _offer(self, leg: str) -> None:
        made = self._legs[leg]
        await made.connection.setLocalDescription(await made.connection.createOffer())
        if self._legs.get(leg) is made and leg in self.call.peers:
            link = self.call.link(leg)
            link.send("media", audio=True, video=True)
            link.send("description", type="offer", sdp=made.connection.localDescription.sdp)

    async def _answered(self, leg: str, sdp: str) -> None:
        made = self._legs.get(leg)
        if made is not None and made.connection.signalingState == "have-local-offer":
            await made.connection.setRemoteDescription(RTCSessionDescription(sdp, "answer"))

    async def _drop(self, leg: str) -> None:
        made = self._legs.pop(leg, None)
        if made is not None:
            await made.connection.close()

    def _do(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class Conversation:
    """A visit of two speakers that is recorded."""

    def __init__(self, url: str, visit: dict[str, Any]) -> None:
        self.id: str = visit["call"]
        self.agent = Speaker(url, visit, "agent")
        self.patient = Speaker(url, visit, "patient")
        self._text_version = visit["text_version"]

    async def begin(self) -> None:
        """Both come in and agree; returns when the recorder is announced."""
        await self.agent.enter()
        await self.patient.enter()
        version = self._text_version
        await self.agent.call.command("record_ask", text_version=version)
        await self.patient.call.command("record_consent", granted=True, text_version=version)
        await self.agent.call.fact("recording_started", secs=30)

    async def end(self) -> None:
        await self.agent.call.command("end")

    def sent(self, role: str) -> list[float]:
        """When each picture of that person left for a recorder."""
        return (self.agent if role == "agent" else self.patient).sent

    async def go(self) -> None:
        await self.agent.go()
        await self.patient.go()


@cache
def pictures() -> tuple[bytes, ...]:
    """A moving pattern (VP8), a keyframe each second."""
    source = av.open(f"testsrc2=size={WIDTH}x{HEIGHT}:rate={RATE}", format="lavfi")
    encoder = av.CodecContext.create("libvpx", "w")
    encoder.width, encoder.height, encoder.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    encoder.bit_rate, encoder.gop_size = BITRATE_BPS, RATE
    encoder.time_base = fractions.Fraction(1, RATE)
    encoder.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}
    packets = []
    for number, picture in zip(range(CLIP_SECS * RATE), source.decode(video=0), strict=False):
        frame = picture.reformat(format="yuv420p")
        frame.pts, frame.time_base = number, encoder.time_base
        packets += encoder.encode(frame)
    return tuple(bytes(packet) for packet in [*packets, *encoder.encode(None)])


@cache
def sounds() -> tuple[bytes, ...]:
    """A second of a tone (Opus)."""
    source = av.open("sine=frequency=440:sample_rate=48000", format="lavfi")
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = 48000, "stereo", "s16"
    encoder.bit_rate = 24000
    resampler = av.AudioResampler(format="s16", layout="stereo", rate=48000, frame_size=960)
    packets: list[bytes] = []
    for frame in source.decode(audio=0):
        for piece in resampler.resample(frame):
            packets += [bytes(packet) for packet in encoder.encode(piece)]
        if len(packets) >= 50:
            return tuple(packets[:50])
    return tuple(packets)
