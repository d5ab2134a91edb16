"""A finished file as a decrypted stream, whole or a byte range of it.

Only the chunks that a range touches are read and opened; nothing decrypted touches the disk.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from calls.archive import store
from calls.archive.finished import context_of
from calls.archive.keys import recording_key
from calls.archive.sealedfile import SealedFile, stream
from calls.archive.vault import Altered
from calls.archive.verify import MISSING, Damage
from calls.models import Artifact

_RANGE = re.compile(r"bytes=(\d{0,19})-(\d{0,19})", re.ASCII)


class RangeNotSatisfiable(Exception):
    """The range lies outside the file (RFC 9110 section 15.5.17: answer 416)."""


@dataclass(frozen=True, slots=True)
class ByteRange:
    """From `start` to before `stop`."""

    start: int
    stop: int
    whole_bytes: int

    @property
    def size_bytes(self) -> int:
        return self.stop - self.start

    @property
    def content_range(self) -> str:
        """The value of the Content-Range header (RFC 9110 section 14.4)."""
        return f"bytes {self.start}-{self.stop - 1}/{self.whole_bytes}"


def parse_range(header: str | None, *, whole_bytes: int) -> ByteRange | None:
    """The one range that a Range header asks for (RFC 9110 section 14.2).

    None means that the whole file is due: no header, another unit, several ranges, or a form that
    makes no sense, all of which a server may ignore. Raises RangeNotSatisfiable.
    """
    match = _RANGE.fullmatch((header or "").replace(" ", ""))
    if match is None or match[0] == "bytes=-":
        return None
    first, last = match.groups()
    if not first:
        start, stop = max(0, whole_bytes - int(last)), whole_bytes
    else:
        start, stop = int(first), min(int(last) + 1, whole_bytes) if last else whole_bytes
        if last and int(last) < start:
            return None
    if start >= whole_bytes or stop <= start:
        raise RangeNotSatisfiable
    return ByteRange(start, stop, whole_bytes)


def open_artifact(artifact: Artifact) -> SealedFile:
    """The decrypted file, seekable; the caller closes it.

    Raises KeyUnavailable without its key, Altered if it was tampered with, FileNotFoundError,
    StorageAway.
    """
    key = recording_key(artifact.recording)
    return SealedFile.open(store.open_binary(artifact.name), key, context=context_of(artifact))


def read_artifact(artifact: Artifact, part: ByteRange | None = None) -> Iterator[bytes]:
    """The bytes of an artifact, or of a part of it, in pieces of at most 64 KiB.

    The file is opened before this returns, so its faults are raised here and not in mid-stream.
    """
    file = open_artifact(artifact)
    start, stop = (part.start, part.stop) if part else (0, file.size_bytes)
    return stream(file, start=start, stop=stop)


def check_artifact(artifact: Artifact) -> Damage | None:
    """Read an artifact from end to end; what is wrong with it, or None."""
    try:
        for _part in read_artifact(artifact):
            pass
        sha256 = store.sha256(artifact.name)
    except FileNotFoundError:
        return Damage(artifact.name, MISSING)
    except Altered as exc:
        return Damage(artifact.name, str(exc))
    if sha256 != artifact.sha256:
        return Damage(artifact.name, "The file is not the one that was made.")
    return None
