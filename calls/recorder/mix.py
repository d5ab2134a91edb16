"""Everybody in one file: pictures side by side, sound mixed, along the recording's timeline.

MP4 with H.264 and AAC, which everything plays, or WebM with VP8 and Opus. It is written straight
into a sealed file; nothing decrypted touches a disk.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from fractions import Fraction
from typing import Any

import av
from av import AudioFrame, AudioStream, VideoStream
from av.filter import Graph
from av.filter.context import FilterContext

from calls.archive.mixing import GoOn, Mixed, MixSource
from calls.archive.sealedfile import SealedFile
from calls.archive.watermark import BLANK, find_blank
from calls.recorder.mix_picture import Canvas, Label
from calls.recorder.mix_reader import RATE, MixReader

PICTURES_PER_SEC = 25
_SAMPLES = RATE // PICTURES_PER_SEC
_BUFFER_BYTES = 64 * 1024
_THREADS = 2
_CODECS: dict[str, dict[str, Any]] = {
    "mp4": {
        "video": ("libx264", {"preset": "veryfast", "crf": "25", "g": "100"}),
        "audio": "aac",
        "content_type": "video/mp4",
        "comment": "comment",
        "options": {},
    },
    "webm": {
        "video": ("libvpx", {"deadline": "realtime", "cpu-used": "6", "g": "100"}),
        "audio": "libopus",
        "content_type": "video/webm",
        "comment": "COMMENT",
        # As for a person's file (calls/recorder/webm.py).
        "options": {"write_crc": "0"},
    },
}
_VIDEO_BITS = 700_000
_AUDIO_BITS = 96_000


def mix(
    sources: Sequence[MixSource],
    output: SealedFile,
    *,
    form: str,
    duration_secs: float,
    go_on: GoOn,
) -> Mixed:
    """Write the file; `go_on` hears the percentage and may raise to have it dropped."""
    codecs = _CODECS[form]
    ticks = max(1, round(duration_secs * PICTURES_PER_SEC))
    with ExitStack() as stack:
        readers = [MixReader(source) for source in sources]
        for reader in readers:
            stack.callback(reader.close)
        canvas = Canvas([Label(source.initials, source.role) for source in sources])
        container = stack.enter_context(_container(output, form, codecs))
        film = _Film(container, codecs, canvas)
        sound = _Sound(container, codecs, [source.gain_db for source in sources])
        percent = -1
        for tick in range(ticks):
            film.add(tick, readers)
            sound.add(tick, readers)
            if (now := tick * 100 // ticks) > percent:
                percent = now
                go_on(percent)
        film.finish()
        sound.finish()
    return Mixed(
        content_type=codecs["content_type"],
        duration_secs=ticks / PICTURES_PER_SEC,
        width=canvas.width,
        height=canvas.height,
        mark_at=find_blank(output),
        damaged=[index for index, reader in enumerate(readers) if reader.damaged],
    )


def _container(
    output: SealedFile, form: str, codecs: dict[str, Any]
) -> av.container.OutputContainer:
    """With room for the mark of a copy."""
    container = av.open(
        output, "w", format=form, buffer_size=_BUFFER_BYTES, container_options=codecs["options"]
    )
    container.metadata[codecs["comment"]] = BLANK
    return container


class _Film:
    """The picture's way into the file."""

    def __init__(
        self, container: av.container.OutputContainer, codecs: dict[str, Any], canvas: Canvas
    ) -> None:
        name, options = codecs["video"]
        self._container = container
        self._canvas = canvas
        stream = container.add_stream(name, rate=PICTURES_PER_SEC, options=options)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = canvas.width, canvas.height, "yuv420p"
        stream.codec_context.thread_count = _THREADS
        if name == "libvpx":
            stream.bit_rate = _VIDEO_BITS
        self._stream = stream

    def add(self, tick: int, readers: Sequence[MixReader]) -> None:
        at = tick / PICTURES_PER_SEC
        for number, reader in enumerate(readers):
            picture = reader.picture(at)
            if picture is not None:
                self._canvas.show(number, picture)
            elif not reader.has_picture(at):
                self._canvas.hide(number)
        frame = self._canvas.frame()
        frame.pts, frame.time_base = tick, Fraction(1, PICTURES_PER_SEC)
        self._container.mux(self._stream.encode(frame))

    def finish(self) -> None:
        self._container.mux(self._stream.encode(None))


class _Sound:
    """The sound's way into the file: everybody's, each as loud as the others."""

    def __init__(
        self,
        container: av.container.OutputContainer,
        codecs: dict[str, Any],
        gains_db: Sequence[float],
    ) -> None:
        self._container = container
        stream = container.add_stream(codecs["audio"], rate=RATE, layout="mono")
        assert isinstance(stream, AudioStream)
        stream.bit_rate = _AUDIO_BITS
        self._stream = stream
        self._graph, self._inlets = _mixing(gains_db)

    def add(self, tick: int, readers: Sequence[MixReader]) -> None:
        start = tick * _SAMPLES
        for inlet, reader in zip(self._inlets, readers, strict=True):
            frame = AudioFrame(format="s16", layout="mono", samples=_SAMPLES)
            frame.sample_rate, frame.time_base, frame.pts = RATE, Fraction(1, RATE), start
            plane = frame.planes[0]
            data = reader.sound(start, _SAMPLES)
            plane.update(data.ljust(plane.buffer_size, b"\0")[: plane.buffer_size])
            inlet.push(frame)
        self._drain()

    def finish(self) -> None:
        for inlet in self._inlets:
            inlet.push(None)
        self._drain()
        self._container.mux(self._stream.encode(None))

    def _drain(self) -> None:
        while True:
            try:
                mixed = self._graph.pull()
            except (av.BlockingIOError, av.EOFError):
                return
            assert isinstance(mixed, AudioFrame)
            self._container.mux(self._stream.encode(mixed))


def _mixing(gains_db: Sequence[float]) -> tuple[Graph, list[FilterContext]]:
    """Each one's gain, the sum of all, and a limiter against what is too much together."""
    graph = Graph()
    total = graph.add("amix", f"inputs={len(gains_db)}:normalize=0")
    limiter = graph.add("alimiter", "limit=0.95:level=0")
    sink = graph.add("abuffersink")
    inlets = []
    for number, gain in enumerate(gains_db):
        inlet = graph.add_abuffer(
            sample_rate=RATE, format="s16", layout="mono", time_base=Fraction(1, RATE)
        )
        volume = graph.add("volume", f"{gain:.1f}dB")
        inlet.link_to(volume)
        volume.link_to(total, 0, number)
        inlets.append(inlet)
    total.link_to(limiter)
    limiter.link_to(sink)
    graph.configure()
    return graph, inlets
