"""One frame of a person's picture as a JPEG: a rich one, and no black one if there is another."""

import io
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

import av
from av.packet import Packet

from calls.archive.segments import EncodedFrame

logger = logging.getLogger(__name__)

# Of the first minutes' keyframes: a browser's first is often small and coarse, or the camera dark.
POSTER_CHOICE = 40
_TRIED = 6
# Mean luma (16 is black in video range) below which a picture shows nothing.
_DARK = 28
_SAMPLED_EVERY = 61


@dataclass(frozen=True, slots=True)
class Poster:
    """`jpeg` is None where there is no picture at all; then width and height are 0."""

    jpeg: bytes | None = None
    width: int = 0
    height: int = 0


def make_poster(keyframes: Sequence[EncodedFrame]) -> Poster:
    """The richest in bytes of some keyframes, the brightest of those tried if all are dark."""
    richest = sorted(keyframes, key=lambda frame: len(frame.data), reverse=True)
    best: tuple[float, av.VideoFrame] | None = None
    tried = 0
    for frame in richest:
        for picture in _decode(frame)[:1]:
            tried += 1
            light = _light(picture)
            if best is None or light > best[0]:
                best = (light, picture)
        if tried >= _TRIED or (best is not None and best[0] >= _DARK):
            break
    return _jpeg(best[1]) if best else Poster()


def _decode(frame: EncodedFrame) -> list[av.VideoFrame]:
    """None of what somebody sent as a keyframe and is none."""
    decoder = cast("av.VideoCodecContext", av.CodecContext.create(frame.codec, "r"))
    try:
        return [*decoder.decode(Packet(frame.data)), *decoder.decode(None)]
    except av.FFmpegError as fault:
        logger.warning("A keyframe could not be decoded: %s.", fault)
        return []


def _light(picture: av.VideoFrame) -> float:
    luma = bytes(picture.reformat(format="gray").planes[0])[::_SAMPLED_EVERY]
    return sum(luma) / max(1, len(luma))


def _jpeg(picture: av.VideoFrame) -> Poster:
    encoder = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height = picture.width, picture.height
    encoder.pix_fmt = "yuvj420p"
    encoder.time_base = Fraction(1, 1000)
    jpeg = io.BytesIO()
    for packet in encoder.encode(picture.reformat(format="yuvj420p")) + encoder.encode(None):
        jpeg.write(bytes(packet))
    return Poster(jpeg.getvalue(), picture.width, picture.height)
