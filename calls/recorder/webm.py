"""One person's segments made one seekable file: the frames as they were sent, at their true times.

VP8 and Opus go into WebM. WebM allows no H.264, so a person whose browser sent it gets a Matroska
file, which is the same container under its own name. Nothing is encoded; some keyframes are decoded
for the poster, and some sound to know how loud it is.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import av
from av.container import OutputContainer
from av.packet import Packet
from av.stream import Stream

from calls.archive.media import Muxed, NothingRecorded, TrackReader
from calls.archive.sealedfile import SealedFile
from calls.archive.segments import Codec, EncodedFrame, unpack
from calls.archive.watermark import BLANK, find_blank
from calls.recorder.loudness import LoudnessMeter, measured_of
from calls.recorder.poster import POSTER_CHOICE, make_poster
from calls.recorder.survey import Survey, Unforeseen, survey

_OPUS_FRAME_SECS = 0.02
_ANY_SIZE = (640, 480)
_BUFFER_BYTES = 64 * 1024
_OPTIONS = {
    # A copy's mark is written over a tag (calls/archive/watermark.py), which a checksum forbids.
    "write_crc": "0",
}


@dataclass(slots=True)
class _Writing:
    """The state of the output while frames go into it."""

    container: OutputContainer
    streams: dict[Codec, Stream]
    origin: float
    meter: LoudnessMeter
    measure_every: int
    segments: int = 0
    last_ms: dict[Codec, int] = field(default_factory=dict)
    audio_frames: int = 0
    video_frames: int = 0
    dropped_frames: int = 0


def mux_person(readers: Sequence[TrackReader], output: SealedFile) -> Muxed:
    """Write the tracks of one person into output.

    1. Read what tells of clocks, codecs and the first picture.
    2. Order the tracks; where two overlap (a reload), the newer one wins.
    3. Read all and write each frame at its wall-clock time; a gap between tracks stays a gap.
    """
    try:
        return _mux(_surveyed(readers, thorough=False), output)
    except Unforeseen:
        output.restart()
        return _mux(_surveyed(readers, thorough=True), output)


def _surveyed(readers: Sequence[TrackReader], *, thorough: bool) -> list[Survey]:
    read = (survey(each, thorough=thorough) or survey(each, thorough=True) for each in readers)
    surveys = sorted((each for each in read if each is not None), key=lambda each: each.start)
    for each, following in itertools.pairwise(surveys):
        each.end = following.start
    return surveys


def _mux(surveys: Sequence[Survey], output: SealedFile) -> Muxed:
    if not surveys:
        raise NothingRecorded("There is no frame that could be played.")
    sent: set[Codec] = set().union(*(each.codecs for each in surveys))
    codecs = tuple(sorted(sent, key=lambda codec: (codec == "opus", codec)))
    form = "matroska" if "h264" in codecs else "webm"
    poster = make_poster([key for each in surveys for key in each.keyframes][:POSTER_CHOICE])
    # A muxer takes no picture without a size; a player goes by what the frames say.
    size = (poster.width, poster.height) if poster.jpeg else _ANY_SIZE
    with av.open(
        output, "w", format=form, buffer_size=_BUFFER_BYTES, container_options=_OPTIONS
    ) as container:
        container.metadata["COMMENT"] = BLANK
        writing = _Writing(
            container=container,
            streams={codec: _add_stream(container, codec, *size) for codec in codecs},
            origin=surveys[0].start,
            meter=LoudnessMeter(),
            measure_every=measured_of(sum(each.reader.count for each in surveys)),
        )
        for each in surveys:
            _write_track(writing, each)
    return Muxed(
        content_type="video/x-matroska" if form == "matroska" else "video/webm",
        started_at=writing.origin,
        duration_secs=_duration_secs(writing),
        codecs=codecs,
        audio_frames=writing.audio_frames,
        video_frames=writing.video_frames,
        dropped_frames=writing.dropped_frames,
        width=poster.width,
        height=poster.height,
        poster=poster.jpeg,
        loudness_lufs=writing.meter.lufs,
        mark_at=find_blank(output),
    )


def _write_track(writing: _Writing, track: Survey) -> None:
    for at, frame in _playable(writing, track):
        if at >= track.end:
            continue
        stamp_ms = round((at - writing.origin) * 1000)
        stamp_ms = max(stamp_ms, writing.last_ms.get(frame.codec, -1) + 1)
        writing.last_ms[frame.codec] = stamp_ms
        packet = Packet(frame.data)
        packet.stream = writing.streams[frame.codec]
        # Without a time base of its own it is in the container's, which is a millisecond.
        packet.pts = packet.dts = stamp_ms
        packet.is_keyframe = frame.keyframe
        try:
            writing.container.mux_one(packet)
        except av.error.InvalidDataError:  # what a muxer cannot read no player could
            writing.dropped_frames += 1
            continue
        if frame.kind == "video":
            writing.video_frames += 1
            continue
        writing.audio_frames += 1
        if writing.segments % writing.measure_every == 0:
            writing.meter.measure(frame.data)


def _playable(writing: _Writing, track: Survey) -> Iterator[tuple[float, EncodedFrame]]:
    """Each frame with its time; after a hole, each source's video waits for its next keyframe."""
    begun: set[int] = set()
    for plaintext in track.reader.segments():
        writing.segments += 1
        if plaintext is None:
            begun.clear()
            continue
        frames = []
        for frame in unpack(plaintext):
            if not isinstance(frame, EncodedFrame):
                continue
            if frame.kind == "video":
                if frame.keyframe:
                    begun.add(frame.source)
                elif frame.source not in begun:
                    writing.dropped_frames += 1
                    continue
            frames.append((track.time_of(frame), frame))
        frames.sort(key=lambda entry: entry[0])
        yield from frames


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
