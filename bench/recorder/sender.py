"""The load: a process that connects as browsers do and replays the dump, so that it costs little.

Connections are aiortc's; from then on packets go straight from the dump through SRTP to the
socket. A contender's requests for keyframes and lost packets are not answered: the dump has a
keyframe every two seconds, and loopback loses nothing that is read in time.
"""

import asyncio
import os
import random
import struct
import time
from multiprocessing.connection import Connection
from typing import Any

from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from bench.recorder.dump import CLIP_SECS, Packet

CORE = 1
TICK_SECS = 0.005
REPORT_SECS = 1.0
_NTP_TO_UNIX_SECS = 2_208_988_800
_HEAD = struct.Struct("!BBHIIHHI")


def send(dump: list[Packet], pipe: Connection) -> None:
    """Run in a process of its own; see Replayer for what the pipe says."""
    os.sched_setaffinity(0, {CORE})
    asyncio.run(Replayer(dump).serve(pipe))


class _Still(MediaStreamTrack):
    """Stands in an offer; what is sent comes from the dump."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    async def recv(self) -> Any:
        raise NotImplementedError


class _Person:
    """One connection and its place in the dump."""

    def __init__(self, dump: list[Packet]) -> None:
        self._dump = dump
        self.peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._kinds: dict[bool, Any] = {}
        self.connected = asyncio.Event()
        self._begun_at = 0.0
        self._next = 0
        self._turn = 0
        self._report_at = 0.0
        self.latest_secs = 0.0
        for audio in (True, False):
            transceiver = self.peer.addTransceiver(
                _Still("audio" if audio else "video"), direction="sendonly"
            )
            begin = self._kind(audio, transceiver.sender)
            setattr(transceiver.sender, "send", begin)  # noqa: B010

    def _kind(self, audio: bool, sender: Any) -> Any:
        async def begin(parameters: Any) -> None:
            """In place of RTCRtpSender.send(), which would start tasks of its own."""
            transport = sender.transport
            pair = transport.transport._connection._nominated[1]
            mid = next((e.id for e in parameters.headerExtensions if e.uri.endswith(":mid")), 15)
            self._kinds[audio] = _Kind(
                sender._ssrc,
                parameters.codecs[0].payloadType,
                mid << 28 | ord(parameters.muxId[:1]) << 16,
                transport._tx_srtp,
                pair,
            )
            if len(self._kinds) == 2:
                self.connected.set()

        return begin

    def begin(self, now: float, phase_secs: float) -> None:
        self._begun_at = now + phase_secs

    def play(self, now: float) -> None:
        """Send what is due."""
        while True:
            packet = self._dump[self._next]
            due = self._begun_at + self._turn * CLIP_SECS + packet.due_secs
            if due > now:
                break
            self.latest_secs = max(self.latest_secs, now - due)
            self._kinds[packet.audio].send(packet, self._turn)
            self._next += 1
            if self._next == len(self._dump):
                self._next, self._turn = 0, self._turn + 1
        if now >= self._report_at and self._turn + self._next:
            self._report_at = now + REPORT_SECS
            media_secs = now - self._begun_at
            self._kinds[True].report(int(media_secs * 48000))
            self._kinds[False].report(int(media_secs * 90000))


class _Kind:
    """The sound or the picture of one connection."""

    def __init__(self, ssrc: int, payload_type: int, mid: int, srtp: Any, pair: Any) -> None:
        self._ssrc = ssrc
        self._payload_type = payload_type
        self._mid = mid
        self._srtp = srtp
        self._socket = pair.protocol.transport._sock
        self._to = pair.remote_addr
        self._sequence = random.randrange(1 << 15)
        self._first = random.randrange(1 << 31)
        self._sent = 0

    def send(self, packet: Packet, turn: int) -> None:
        shift = turn * CLIP_SECS * (48000 if packet.audio else 90000)
        timestamp = (self._first + shift + packet.timestamp) & 0xFFFFFFFF
        second = self._payload_type | (0x80 if packet.marker else 0)
        head = _HEAD.pack(0x90, second, self._sequence, timestamp, self._ssrc, 0xBEDE, 1, self._mid)
        self._sequence = self._sequence + 1 & 0xFFFF
        self._sent += 1
        self._socket.sendto(self._srtp.protect(head + packet.payload), self._to)

    def report(self, media_time: int) -> None:
        ntp = int((time.time() + _NTP_TO_UNIX_SECS) * (1 << 32))
        rtp = (self._first + media_time) & 0xFFFFFFFF
        packet = struct.pack(
            "!BBHIQIII", 0x80, 200, 6, self._ssrc, ntp, rtp, self._sent, 1000 * self._sent
        )
        self._socket.sendto(self._srtp.protect_rtcp(packet), self._to)


class Replayer:
    """Answers on a pipe: ("offer",) with SDP, ("answer", sdp) with None once that one is sent to,
    ("pause",) with how late a packet was at most, in seconds. At ("stop",) it hangs up."""

    def __init__(self, dump: list[Packet]) -> None:
        self._dump = dump
        self._people: list[_Person] = []
        self._playing: list[_Person] = []

    async def serve(self, pipe: Connection) -> None:
        player = asyncio.create_task(self._play())
        while True:
            request = await asyncio.to_thread(pipe.recv)
            if request[0] == "offer":
                pipe.send(await self._offer())
            elif request[0] == "answer":
                await self._accept(request[1])
                pipe.send(None)
            elif request[0] == "pause":
                self._playing.clear()
                pipe.send(max(person.latest_secs for person in self._people))
            else:
                break
        player.cancel()
        await asyncio.gather(*(person.peer.close() for person in self._people))

    async def _offer(self) -> str:
        person = _Person(self._dump)
        self._people.append(person)
        await person.peer.setLocalDescription(await person.peer.createOffer())
        return str(person.peer.localDescription.sdp)

    async def _accept(self, answer: str) -> None:
        person = self._people[-1]
        await person.peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        await asyncio.wait_for(person.connected.wait(), 20)
        # Where people are in their frames differs, as it does in calls.
        person.begin(time.monotonic(), random.random() / 30)
        self._playing.append(person)

    async def _play(self) -> None:
        next_at = time.monotonic()
        while True:
            now = time.monotonic()
            for person in self._playing:
                person.play(now)
            next_at = max(next_at + TICK_SECS, time.monotonic())
            await asyncio.sleep(next_at - time.monotonic())
