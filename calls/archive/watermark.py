"""Who took a copy of a file, and when: written into that copy as it is sent, and nowhere else.

Files are made with a blank line of fixed length in their metadata (a Matroska tag, an MP4
comment), which any player shows. A download has its mark in the place of the blank, so that sizes
and byte ranges are those of the stored file, and nothing is encoded again. A file that was made
without a blank gets the mark at its end, in an element that players skip.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from calls.archive.playback import ByteRange, read_artifact
from calls.archive.sealedfile import CHUNK_BYTES, SealedFile
from calls.models import Artifact

SIZE_BYTES = 320
BLANK = "parlour-mark:".ljust(SIZE_BYTES, ".")
# Name of the key in Artifact.details: where the blank lies in the decrypted file.
PLACE = "mark_at"
_EBML_VOID = b"\xec"


@dataclass(frozen=True, slots=True)
class Mark:
    """`data` is to stand at `at` of the file, behind its end if `at` is its size."""

    at: int
    data: bytes


def find_blank(file: SealedFile) -> int | None:
    """Where the blank lies, near the beginning or the end of a file; None if it has none."""
    for start in (0, max(0, file.size_bytes - CHUNK_BYTES)):
        file.seek(start)
        found = file.read(CHUNK_BYTES).find(BLANK.encode())
        if found >= 0:
            return start + found
    return None


def mark_text(*, recording: UUID, name: str, account: object, at: datetime, grant: object) -> str:
    """One line for people; `grant` is the number of the audit entry.

    The name comes last: a long one is cut where the room ends, and nothing else.
    """
    return (
        f"Parlour recording {recording}. Copy taken at {at:%Y-%m-%d %H:%M:%S} UTC"
        f" (account {account}, audit entry {grant}) by {name[:80]}"
    )


def mark_for(artifact: Artifact, text: str) -> Mark:
    """The mark of this file: in its blank, else behind its end."""
    line = text.encode()[:SIZE_BYTES].decode(errors="ignore").encode().ljust(SIZE_BYTES)
    place = artifact.details.get(PLACE)
    if isinstance(place, int):
        return Mark(place, line)
    return Mark(artifact.size_bytes, _skipped(artifact.content_type, line))


def marked_bytes(artifact: Artifact, mark: Mark) -> int:
    """The size of the marked copy."""
    return max(artifact.size_bytes, mark.at + len(mark.data))


def read_marked(artifact: Artifact, mark: Mark, part: ByteRange | None = None) -> Iterator[bytes]:
    """The bytes of the marked copy, or of a part of it.

    The file is opened before this returns; raises as read_artifact.
    """
    whole = marked_bytes(artifact, mark)
    start, stop = (part.start, part.stop) if part else (0, whole)
    end = min(stop, artifact.size_bytes)
    stored: Iterator[bytes] = iter(())
    if start < end:
        stored = read_artifact(artifact, ByteRange(start, end, artifact.size_bytes))
    return _marked(stored, mark, start=start, stop=stop, end=end)


def _marked(
    stored: Iterator[bytes], mark: Mark, *, start: int, stop: int, end: int
) -> Iterator[bytes]:
    position = start
    try:
        for chunk in stored:
            yield _over(chunk, position, mark)
            position += len(chunk)
    finally:
        close = getattr(stored, "close", None)
        if close is not None:
            close()
    behind = max(start, end)
    if stop > behind and mark.at >= end:
        yield mark.data[behind - mark.at : stop - mark.at]


def _over(chunk: bytes, position: int, mark: Mark) -> bytes:
    """The chunk that begins at `position`, with what of the mark falls into it."""
    first, last = max(position, mark.at), min(position + len(chunk), mark.at + len(mark.data))
    if first >= last:
        return chunk
    new = mark.data[first - mark.at : last - mark.at]
    return chunk[: first - position] + new + chunk[last - position :]


def _skipped(content_type: str, line: bytes) -> bytes:
    """RFC 8794 section 11.3.2 (EBML Void); ISO/IEC 14496-12 section 8.1.2 (free box)."""
    if content_type == "video/mp4":
        return (8 + len(line)).to_bytes(4, "big") + b"free" + line
    return _EBML_VOID + (0x4000 | len(line)).to_bytes(2, "big") + line
