"""Real aiortc peers in one process: a sender with picture and tone, a tapped receiver."""

import asyncio
import fractions
import math
import struct
import time
from collections.abc import Callable

import av
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, VideoStreamTrack

from calls.archive.segments import EncodedFrame, Kind, Record
from calls.recorder.tap import EncodedTap, Sink

WIDTH, HEIGHT = 320, 240


class PictureTrack(VideoStreamTrack):
    """Thirty pictures a second that brighten and darken without a jump: no keyframe by itself."""

    async def recv(self) -> av.VideoFrame:
        pts, time_base = await self.next_timestamp()
        frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
        luma = 128 + int(40 * math.sin(pts / 90000))
        frame.planes[0].update(bytes([luma]) * frame.planes[0].buffer_size)
        for plane in frame.planes[1:]:
            plane.update(bytes([128]) * plane.buffer_size)
        frame.pts, frame.time_base = pts, time_base
        return frame


class ToneTrack(MediaStreamTrack):
    """A 440 Hz tone in frames of 20 ms, at their true times."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._count = 0
        self._started_at = 0.0

    async def recv(self) -> av.AudioFrame:
        if not self._count:
            self._started_at = time.time()
        await asyncio.sleep(max(0.0, self._started_at + self._count * 0.02 - time.time()))
        first = self._count * 960
        samples = [
            int(9000 * math.sin(2 * math.pi * 440 * (first + number) / 48000))
            for number in range(960)
        ]
        frame = av.AudioFrame(format="s16", layout="mono", samples=960)
        frame.planes[0].update(struct.pack("<960h", *samples))
        frame.sample_rate = 48000
        frame.pts, frame.time_base = first, fractions.Fraction(1, 48000)
        self._count += 1
        return frame


def local_configuration() -> RTCConfiguration:
    return RTCConfiguration(iceServers=[])


async def connect_sender(
    sender: RTCPeerConnection, sink: Sink
) -> tuple[RTCPeerConnection, EncodedTap]:
    """Let sender offer, a tapped receiver answer; return the receiver and its tap."""
    receiver = RTCPeerConnection(local_configuration())
    await sender.setLocalDescription(await sender.createOffer())
    await receiver.setRemoteDescription(sender.localDescription)
    tap = EncodedTap(receiver, sink, max_bitrate_bps=1_500_000)
    tap.attach()
    await receiver.setLocalDescription(await receiver.createAnswer())
    await sender.setRemoteDescription(receiver.localDescription)
    return receiver, tap


async def until(condition: Callable[[], bool], *, deadline_secs: float = 40.0) -> None:
    """Wait for the condition; fail the test when it does not come."""
    end = time.monotonic() + deadline_secs
    while not condition():
        assert time.monotonic() < end, "the condition did not come in time"
        await asyncio.sleep(0.02)


def frames(records: list[Record], kind: Kind) -> list[EncodedFrame]:
    """The frames of one kind among what a tap handed on."""
    return [r for r in records if isinstance(r, EncodedFrame) and r.kind == kind]
