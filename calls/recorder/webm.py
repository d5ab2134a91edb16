"""One person's segments made one seekable file: the frames as they were sent, at their true times.

VP8 and Opus go into WebM. WebM allows no H.264, so a person whose browser sent it gets a Matroska
file, which is the same container under its own name. Nothing is encoded; one keyframe is decoded,
for the poster.
"""

import io
import itertools
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import cast

import av
from av.container import OutputContainer
from av.packet import Packet
from av.stream import Stream

from calls.archive.media import Muxed, NothingRecorded, TrackReader
from calls.archive.sealedfile import SealedFile
from calls.archive.segments import Codec, EncodedFrame, unpack
from calls.recorder.timeline import ClockLine, TrackClock

logger = logging.getLogger(__name__)

_MILLISECONDS = Fraction(1, 1000)
_OPUS_FRAME_SECS = 0.02
_POSTER_CHOICE = 5
_BUFFER_BYTES = 64 * 1024


@dataclass(slots=True)
class _Survey:
    """What a first reading of one track learned."""

    reader: TrackReader
    lines: dict[int, ClockLine]
    codecs: set[Codec]
    keyframes: list[EncodedFrame]
    start: float = 0.0
    end: float = float("inf")


@dataclass(slots=True)
class _Writing:
    """The state of the output while frames go into it."""

    container: OutputContainer
    streams: dict[Codec, Stream]
    origin: float
    last_ms: dict[Codec, int] = field(default_factory=dict)
    audio_frames: int = 0
    video_frames: int = 0
    dropped_frames: int = 0


def mux_person(readers: Sequence[TrackReader], output: SealedFile) -> Muxed:
    """Write the tracks of one person into output.

    1. Read everything once for clocks, codecs and the first picture.
    2. Order the tracks; where two overlap (a reload), the newer one wins.
    3. Read again and write each frame at its wall-clock time; a gap between tracks stays a gap.
    """
    surveys = [survey for reader in readers if (survey := _survey(reader)) is not None]
    if not surveys:
        raise NothingRecorded("There is no frame that could be played.")
    surveys.sort(key=lambda survey: survey.start)
    for survey, following in itertools.pairwise(surveys):
        survey.end = following.start
    sent: set[Codec] = set().union(*(survey.codecs for survey in surveys))
    codecs = tuple(sorted(sent, key=lambda codec: (codec == "opus", codec)))
    form = "matroska" if "h264" in codecs else "webm"
    poster, width, height = _poster([key for survey in surveys for key in survey.keyframes])
    with av.open(output, "w", format=form, buffer_size=_BUFFER_BYTES) as container:
        writing = _Writing(
            container=container,
            streams={codec: _add_stream(container, codec, width, height) for codec in codecs},
            origin=surveys[0].start,
        )
        for survey in surveys:
            _write_track(writing, survey)
    return Muxed(
        content_type="video/x-matroska" if form == "matroska" else "video/webm",
        started_at=writing.origin,
        duration_secs=_duration_secs(writing),
        codecs=codecs,
        audio_frames=writing.audio_frames,
        video_frames=writing.video_frames,
        dropped_frames=writing.dropped_frames,
        width=width,
        height=height,
        poster=poster,
    )


def _survey(reader: TrackReader) -> _Survey | None:
    clock = TrackClock()
    codecs: set[Codec] = set()
    keyframes: list[EncodedFrame] = []
    firsts: list[EncodedFrame] = []
    for plaintext in reader.segments():
        if plaintext is None:
            continue
        records = list(unpack(plaintext))
        clock.learn(records)
        for frame in records:
            if not isinstance(frame, EncodedFrame) or not frame.keyframe:
                continue
            if frame.codec not in codecs:
                codecs.add(frame.codec)
                firsts.append(frame)
            if frame.kind == "video" and len(keyframes) < _POSTER_CHOICE:
                keyframes.append(frame)
    if not firsts:
        return None
    lines = clock.lines()
    start = min(lines[frame.source].at(frame.rtp_time) for frame in firsts)
    return _Survey(reader=reader, lines=lines, codecs=codecs, keyframes=keyframes, start=start)


def _write_track(writing: _Writing, survey: _Survey) -> None:
    for at, frame in _playable(writing, survey):
        if at >= survey.end:
            continue
        stamp_ms = round((at - writing.origin) * 1000)
        stamp_ms = max(stamp_ms, writing.last_ms.get(frame.codec, -1) + 1)
        writing.last_ms[frame.codec] = stamp_ms
        packet = Packet(frame.data)
        packet.stream = writing.streams[frame.codec]
        packet.time_base = _MILLISECONDS
        packet.pts = packet.dts = stamp_ms
        packet.is_keyframe = frame.keyframe
        writing.container.mux_one(packet)
        if frame.kind == "video":
            writing.video_frames += 1
        else:
            writing.audio_frames += 1


def _playable(writing: _Writing, survey: _Survey) -> Iterator[tuple[float, EncodedFrame]]:
    """Each frame with its time; after a hole, video waits for its next keyframe."""
    awaits_keyframe = True
    for plaintext in survey.reader.segments():
        if plaintext is None:
            awaits_keyframe = True
            continue
        frames = [
            (survey.lines[record.source].at(record.rtp_time), record)
            for record in unpack(plaintext)
            if isinstance(record, EncodedFrame)
        ]
        frames.sort(key=lambda entry: entry[0])
        for at, frame in frames:
            if frame.kind == "video":
                awaits_keyframe = awaits_keyframe and not frame.keyframe
                if awaits_keyframe:
                    writing.dropped_frames += 1
                    continue
            yield at, frame


def _add_stream(container: OutputContainer, codec: Codec, width: int, height: int) -> Stream:
    if codec == "opus":
        # The encoder is opened for its header (RFC 7845, OpusHead) and never fed.
        return container.add_stream("libopus", rate=48000, layout="stereo")
    return container.add_mux_stream(codec, width=width, height=height)


def _duration_secs(writing: _Writing) -> float:
    ends = [
        last / 1000 + (_OPUS_FRAME_SECS if codec == "opus" else 0.0)
        for codec, last in writing.last_ms.items()
    ]
    return max(ends, default=0.0)


def _poster(keyframes: Sequence[EncodedFrame]) -> tuple[bytes | None, int, int]:
    """JPEG, width and height of the richest of the first keyframes; (None, 0, 0) for no picture.

    A browser's first keyframe is often small and coarse, so the largest in bytes is taken.
    """
    if not keyframes:
        return None, 0, 0
    best = max(keyframes[:_POSTER_CHOICE], key=lambda frame: len(frame.data))
    try:
        pictures = _decode(best)
        if not pictures:
            return None, 0, 0
        picture = pictures[0]
        encoder = av.CodecContext.create("mjpeg", "w")
        encoder.width, encoder.height = picture.width, picture.height
        encoder.pix_fmt = "yuvj420p"
        encoder.time_base = _MILLISECONDS
        jpeg = io.BytesIO()
        for packet in encoder.encode(picture.reformat(format="yuvj420p")) + encoder.encode(None):
            jpeg.write(bytes(packet))
        return jpeg.getvalue(), picture.width, picture.height
    except av.FFmpegError:
        logger.exception("The poster frame could not be decoded.")
        return None, 0, 0


def _decode(frame: EncodedFrame) -> list[av.VideoFrame]:
    decoder = cast("av.VideoCodecContext", av.CodecContext.create(frame.codec, "r"))
    return [*decoder.decode(Packet(frame.data)), *decoder.decode(None)]
