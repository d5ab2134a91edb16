"""Prerecorded streams sent over real connections, from a process of their own.

The sender packs frames that were encoded once, so it costs little and every round sends the same.
Offers and answers travel over a multiprocessing pipe.
"""

import asyncio
import fractions
import math
import struct
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import av
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
)
from av.packet import Packet

WIDTH, HEIGHT, RATE = 640, 480, 30
CLIP_SECS = 8
BITRATE_BPS = 1_000_000


@dataclass(frozen=True)
class Clip:
    """Encoded frames with their times: picture (VP8) and sound (Opus), to be played in a loop."""

    video: list[tuple[int, bytes]]
    audio: list[tuple[int, bytes]]


def make_clip() -> Clip:
    return Clip(video=_encode_video(), audio=_encode_audio())


def send(clip: Clip, pipes: list[Connection]) -> None:
    """Run in a process: offer one connection on each pipe, then send until it says stop."""
    asyncio.run(_send(clip, pipes))


async def _send(clip: Clip, pipes: list[Connection]) -> None:
    peers = []
    for pipe in pipes:
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        peer.addTrack(_ClipTrack("audio", clip.audio, 48000))
        peer.addTrack(_ClipTrack("video", clip.video, 90000))
        await peer.setLocalDescription(await peer.createOffer())
        pipe.send(peer.localDescription.sdp)
        answer = await asyncio.to_thread(pipe.recv)
        await peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        peers.append(peer)
    for pipe in pipes:
        await asyncio.to_thread(pipe.recv)
    await asyncio.gather(*(peer.close() for peer in peers))


class _ClipTrack(MediaStreamTrack):
    def __init__(self, kind: str, frames: list[tuple[int, bytes]], clock_rate: int) -> None:
        super().__init__()
        self.kind = kind
        self._frames = frames
        self._clock_rate = clock_rate
        self._count = 0
        self._started_at: float | None = None

    async def recv(self) -> Any:
        turn, place = divmod(self._count, len(self._frames))
        pts, data = self._frames[place]
        pts += turn * CLIP_SECS * self._clock_rate
        now = time.time()
        self._started_at = self._started_at or now
        await asyncio.sleep(max(0.0, self._started_at + pts / self._clock_rate - now))
        self._count += 1
        packet = Packet(data)
        packet.pts = packet.dts = pts
        packet.time_base = fractions.Fraction(1, self._clock_rate)
        return packet


def _encode_video() -> list[tuple[int, bytes]]:
    """A moving pattern with a keyframe every two seconds."""
    source = av.open(f"testsrc2=size={WIDTH}x{HEIGHT}:rate={RATE}", format="lavfi")
    encoder = av.CodecContext.create("libvpx", "w")
    encoder.width, encoder.height, encoder.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    encoder.bit_rate, encoder.gop_size = BITRATE_BPS, 2 * RATE
    encoder.time_base = fractions.Fraction(1, RATE)
    encoder.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}
    packets = []
    for number, picture in zip(range(CLIP_SECS * RATE), source.decode(video=0), strict=False):
        frame = picture.reformat(format="yuv420p")
        frame.pts, frame.time_base = number, encoder.time_base
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    return [((packet.pts or 0) * 90000 // RATE, bytes(packet)) for packet in packets]


def _encode_audio() -> list[tuple[int, bytes]]:
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = 48000, "stereo", "s16"
    encoder.bit_rate = 32000
    data = []
    for number in range(CLIP_SECS * 50):
        tone = [int(9000 * math.sin((number * 960 + n) / 17)) for n in range(960)]
        frame = av.AudioFrame(format="s16", layout="stereo", samples=960)
        frame.planes[0].update(struct.pack("<1920h", *(value for value in tone for _ in "lr")))
        frame.sample_rate, frame.pts = 48000, number * 960
        data += [bytes(packet) for packet in encoder.encode(frame)]
    return [(number * 960, packet) for number, packet in enumerate(data)]
