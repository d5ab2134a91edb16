"""How loud a person's sound is as people hear it: EBU R128, integrated, in LUFS.

Decoding is what costs, so of a long recording only every so many segments are measured: the gates
of ITU-R BS.1770 leave out silence, and a minute or two of somebody's speech says how loud they are.
"""

import math

import av
from av import AudioFrame, Packet
from av.filter import Graph

MOST_SEGMENTS = 40
# What the meter says when all was below its gate: nothing was said.
_SILENCE_LUFS = -69.0
_METER = "ebur128"
_INTEGRATED = "lavfi.r128.I"


def measured_of(segments: int) -> int:
    """Every how many segments one is measured, so that MOST_SEGMENTS are not exceeded."""
    return max(1, math.ceil(segments / MOST_SEGMENTS))


class LoudnessMeter:
    """Takes Opus packets of one person in order; says at the end how loud they were."""

    def __init__(self) -> None:
        self._decoder = av.CodecContext.create("opus", "r")
        self._graph: Graph | None = None
        self._integrated: float | None = None

    @property
    def lufs(self) -> float | None:
        """Loudness in LUFS (about -23 for broadcast speech); None if there was only silence."""
        heard = self._integrated is not None and self._integrated > _SILENCE_LUFS
        return self._integrated if heard else None

    def measure(self, opus: bytes) -> None:
        """What cannot be decoded is left out."""
        try:
            for frame in self._decoder.decode(Packet(opus)):
                assert isinstance(frame, AudioFrame)
                self._push(frame)
        except av.FFmpegError:
            return

    def _push(self, frame: AudioFrame) -> None:
        graph = self._graph = self._graph or _metering(frame)
        frame.pts = None
        graph.push(frame)
        while True:
            try:
                out = graph.pull()
            except (av.BlockingIOError, av.EOFError):
                return
            said = out.metadata.get(_INTEGRATED)
            if said is not None and math.isfinite(float(said)):
                self._integrated = float(said)


def _metering(like: AudioFrame) -> Graph:
    graph = Graph()
    source = graph.add_abuffer(
        sample_rate=like.sample_rate,
        format=like.format.name,
        layout=like.layout.name,
        time_base=like.time_base,
    )
    meter = graph.add(_METER, "metadata=1:framelog=quiet")
    sink = graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    return graph
