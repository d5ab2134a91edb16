"""What every contender is sent: two packet streams of one person, made once, with their times.

Picture: VP8, 640x480, 30 a second, a keyframe every two seconds, in packets of at most 1,200 bytes
with the descriptor that Chromium writes, spread over the first milliseconds of each frame as its
pacer does. Sound: Opus, 50 packets a second.
"""

import fractions
import math
import struct
from typing import NamedTuple

import av

WIDTH, HEIGHT, RATE = 640, 480, 30
CLIP_SECS = 8
BITRATE_BPS = 1_000_000
"""What the streams have; libvpx makes about twice of this pattern what it is asked for."""
PACKET_BYTES = 1200
# Chromium sends at most this many times the bitrate, in bursts of five milliseconds.
PACING = 2.5
BURST_SECS = 0.005


class Packet(NamedTuple):
    due_secs: float
    """From the clip's beginning."""
    audio: bool
    marker: bool
    timestamp: int
    payload: bytes


def make_dump() -> list[Packet]:
    """Return the packets of one clip in the order of their times."""
    return sorted([*_pictures(), *_sounds()], key=lambda packet: packet.due_secs)


def _pictures() -> list[Packet]:
    packets = []
    free_at = 0.0
    for number, frame in enumerate(_encode_video()):
        pieces = [frame[at : at + PACKET_BYTES] for at in range(0, len(frame), PACKET_BYTES)]
        for place, piece in enumerate(pieces):
            free_at = max(free_at, number / RATE)
            due_secs = free_at - free_at % BURST_SECS
            free_at += len(piece) * 8 / (PACING * BITRATE_BPS)
            first = 0x80 if place else 0x90
            descriptor = struct.pack("!BBH", first, 0x80, 0x8000 | number & 0x7FFF)
            last = place == len(pieces) - 1
            payload = descriptor + piece
            packets.append(Packet(due_secs, False, last, number * 90000 // RATE, payload))
    return packets


def _sounds() -> list[Packet]:
    return [
        Packet(number / 50, True, False, number * 960, data)
        for number, data in enumerate(_encode_audio())
    ]


def _encode_video() -> list[bytes]:
    """A moving pattern."""
    source = av.open(f"testsrc2=size={WIDTH}x{HEIGHT}:rate={RATE}", format="lavfi")
    encoder = av.CodecContext.create("libvpx", "w")
    encoder.width, encoder.height, encoder.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    encoder.bit_rate, encoder.gop_size = BITRATE_BPS // 2, 2 * RATE
    encoder.time_base = fractions.Fraction(1, RATE)
    encoder.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}
    packets = []
    for number, picture in zip(range(CLIP_SECS * RATE), source.decode(video=0), strict=False):
        frame = picture.reformat(format="yuv420p")
        frame.pts, frame.time_base = number, encoder.time_base
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    return [bytes(packet) for packet in packets]


def _encode_audio() -> list[bytes]:
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
    return data
