"""Frames that a browser might have sent, encoded once: picture, sound, and their reports."""

import io
import math
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from uuid import UUID

import av

from calls.archive.media import Muxed, TrackReader
from calls.archive.sealedfile import SealedFile
from calls.archive.segments import Codec, EncodedFrame, Record, SenderReport, append
from calls.archive.vault import Vault
from calls.recorder.webm import mux_person

KEY = Vault([b"k" * 32]).new_data_key(UUID("11111111-1111-4111-8111-111111111111"))[0]
RTP_START = 5_000_000_000
SKEW_SECS = 17.25
"""How far the sender's clock is from the recorder's."""


@cache
def pictures(codec: Codec = "vp8", count: int = 150) -> tuple[tuple[bytes, bool], ...]:
    """Thirty pictures a second of 320x240, a keyframe each second."""
    encoder = av.CodecContext.create("libvpx" if codec == "vp8" else "libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = 320, 240, "yuv420p"
    encoder.time_base, encoder.bit_rate, encoder.gop_size = Fraction(1, 30), 200_000, 30
    encoder.options = (
        {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}
        if codec == "vp8"
        else {"preset": "ultrafast", "tune": "zerolatency"}
    )
    packets = []
    for number in range(count):
        frame = av.VideoFrame(320, 240, "yuv420p")
        for plane in frame.planes:
            plane.update(bytes((number + n) % 256 for n in range(plane.buffer_size)))
        frame.pts, frame.time_base = number, Fraction(1, 30)
        packets += encoder.encode(frame)
    return tuple((bytes(packet), packet.is_keyframe) for packet in packets)


@cache
def sounds(count: int = 250) -> tuple[bytes, ...]:
    """Fifty Opus packets a second of a tone."""
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = 48000, "stereo", "s16"
    data = []
    for number in range(count):
        tone = [int(9000 * math.sin((number * 960 + n) / 17)) for n in range(960)]
        frame = av.AudioFrame(format="s16", layout="stereo", samples=960)
        frame.planes[0].update(struct.pack("<1920h", *(value for value in tone for _ in "lr")))
        frame.sample_rate, frame.pts = 48000, number * 960
        data += [bytes(packet) for packet in encoder.encode(frame)]
    return tuple(data)


def records(*, start: float, codec: Codec = "vp8", video_late_secs: float = 0.0) -> list[Record]:
    """Five seconds that began at start; the picture's packets take so much longer on their way."""
    made: list[Record] = []
    for number, (data, keyframe) in enumerate(pictures(codec)):
        at = start + number / 30
        rtp = RTP_START + 3000 * number
        made.append(
            EncodedFrame("video", codec, data, 1, rtp, 90000, keyframe, at + 0.02 + video_late_secs)
        )
        if number % 30 == 15:
            ntp = at - SKEW_SECS
            made.append(SenderReport("video", 1, rtp, 90000, ntp, at + 0.02))
    for number, data in enumerate(sounds()):
        at = start + number / 50
        rtp = 77 + 960 * number
        made.append(EncodedFrame("audio", "opus", data, 2, rtp, 48000, True, at + 0.02))
        if number % 50 == 25:
            made.append(SenderReport("audio", 2, rtp, 48000, at - SKEW_SECS, at + 0.02))
    return sorted(made, key=lambda record: record.arrived_at)


def cut(made: Sequence[Record], *, every_secs: float = 1.0) -> list[bytes]:
    """Segments of about that length, as plaintext."""
    begun = made[0].arrived_at
    pieces: dict[int, bytearray] = {}
    for record in made:
        number = int((record.arrived_at - begun) / every_secs)
        append(pieces.setdefault(number, bytearray()), record)
    return [bytes(pieces[number]) for number in sorted(pieces)]


@dataclass
class Reel:
    """A TrackReader over segments in memory; None stands for a damaged one."""

    pieces: Sequence[bytes | None]

    @property
    def count(self) -> int:
        return len(self.pieces)

    def segments(self, wanted: Callable[[int], bool] = lambda _: True) -> Iterator[bytes | None]:
        yield from (piece for place, piece in enumerate(self.pieces) if wanted(place))


def mux(folder: Path, readers: Sequence[TrackReader]) -> tuple[Muxed, bytes]:
    """What is known of the file, and its bytes."""
    with SealedFile.create(folder / "file", KEY, context=b"") as file:
        muxed = mux_person(readers, file)
    with SealedFile.open(folder / "file", KEY, context=b"") as file:
        return muxed, file.read()


def packets(data: bytes, kind: str) -> list[tuple[float, bytes]]:
    """The times and contents of a finished file."""
    with av.open(io.BytesIO(data), "r") as container:
        stream = next(stream for stream in container.streams if stream.type == kind)
        return [
            (float((packet.pts or 0) * (packet.time_base or 0)), bytes(packet))
            for packet in container.demux(stream)
            if packet.size
        ]
