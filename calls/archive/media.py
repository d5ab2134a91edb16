"""What goes between the archive and the muxer, which is the only one of both that knows PyAV."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from calls.archive.sealedfile import SealedFile


class TrackReader(Protocol):
    """One track's segments in order; may be read more than once."""

    @property
    def count(self) -> int:
        """How many segments there are."""

    def segments(self, wanted: Callable[[int], bool] = ...) -> Iterator[bytes | None]:
        """Yield each segment's plaintext, None in the place of one that cannot be used.

        `wanted` says by its place in the track whether one is to be read at all; all are without.
        """


@dataclass(frozen=True, slots=True)
class Muxed:
    """What a finished file holds."""

    content_type: str
    started_at: float
    """Unix seconds at which the file's own time begins."""
    duration_secs: float
    codecs: tuple[str, ...]
    audio_frames: int
    video_frames: int
    dropped_frames: int
    """Video frames left out because what they refer to was lost."""
    width: int
    height: int
    poster: bytes | None
    """A JPEG of one frame, None if there is no picture."""
    loudness_lufs: float | None = None
    """Integrated loudness (EBU R128); None if nothing was said, or nobody measured."""
    mark_at: int | None = None
    """Where the blank for a copy's mark lies (calls/archive/watermark.py)."""


class NothingRecorded(Exception):
    """The segments hold no frame that could be played."""


Mux = Callable[[Sequence[TrackReader], SealedFile], Muxed]
"""Writes one person's tracks into the file as they are; raises NothingRecorded."""
