"""A file of any size that is only ever ciphertext on disk, read and written at any place.

Layout: a header (magic, chunk size, the sealed length), then chunks of fixed plaintext size,
each sealed by itself with a fresh nonce at every write and its number as associated data. A
muxer that seeks back to patch its header rewrites one chunk; a Range request opens only the
chunks that it touches. The length is sealed when the file is finished, so a truncated or
unfinished file is refused.
"""

import io
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from calls.archive.durable import make_folder, sync_folder
from calls.archive.vault import SEAL_OVERHEAD_BYTES, Altered, DataKey

CHUNK_BYTES = 64 * 1024
_MAGIC = b"PARLOUR1"
_CHUNK_SIZE = struct.Struct("!I")
_LENGTH = struct.Struct("!Q")
_SEALED_LENGTH_BYTES = _LENGTH.size + SEAL_OVERHEAD_BYTES
_HEADER_BYTES = len(_MAGIC) + _CHUNK_SIZE.size + _SEALED_LENGTH_BYTES


class SealedFile(io.RawIOBase):
    """A seekable binary file object; create() gives one to write, open() one to read."""

    def __init__(
        self, file: BinaryIO, key: DataKey, *, context: bytes, chunk_bytes: int, length: int | None
    ) -> None:
        super().__init__()
        self._file = file
        self._key = key
        self._context = context
        self._chunk_bytes = chunk_bytes
        self._writing = length is None
        self._length = length or 0
        self._position = 0
        self._number = -1
        self._chunk = bytearray()
        self._dirty = False

    @classmethod
    def create(
        cls, path: Path, key: DataKey, *, context: bytes, chunk_bytes: int = CHUNK_BYTES
    ) -> "SealedFile":
        """Start a new file (mode 0600, an old one is emptied); finished by close()."""
        make_folder(path.parent)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        file = os.fdopen(handle, "r+b", buffering=0)
        sync_folder(path.parent)
        file.write(_MAGIC + _CHUNK_SIZE.pack(chunk_bytes) + bytes(_SEALED_LENGTH_BYTES))
        return cls(file, key, context=context, chunk_bytes=chunk_bytes, length=None)

    @classmethod
    def open(cls, source: Path | BinaryIO, key: DataKey, *, context: bytes) -> "SealedFile":
        """Open a finished file to read, and close it at the end.

        Raises Altered if it is not one of this key and name.
        """
        file = source.open("rb", buffering=0) if isinstance(source, Path) else source
        try:
            header = file.read(_HEADER_BYTES)
            if len(header) != _HEADER_BYTES or not header.startswith(_MAGIC):
                raise Altered("This is no sealed file.")
            head, sealed = header[:-_SEALED_LENGTH_BYTES], header[-_SEALED_LENGTH_BYTES:]
            length = _LENGTH.unpack(key.open(sealed, context=_length_context(context, head)))[0]
            chunk_bytes = _CHUNK_SIZE.unpack_from(head, len(_MAGIC))[0]
        except BaseException:
            file.close()
            raise
        return cls(file, key, context=context, chunk_bytes=chunk_bytes, length=length)

    @property
    def size_bytes(self) -> int:
        """The plaintext's length."""
        return self._length

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return self._writing

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._length}[whence]
        if start + offset < 0:
            raise ValueError("negative seek position")
        self._position = start + offset
        return self._position

    def read(self, size: int = -1) -> bytes:
        end = self._length if size < 0 else min(self._length, self._position + size)
        parts = []
        while self._position < end:
            number, start = divmod(self._position, self._chunk_bytes)
            self._load(number)
            part = bytes(self._chunk[start : start + end - self._position])
            parts.append(part)
            self._position += len(part)
        return b"".join(parts)

    def readall(self) -> bytes:
        return self.read()

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def write(self, data: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]
        if not self._writing:
            raise io.UnsupportedOperation("this sealed file is open for reading")
        view = memoryview(data).cast("B")
        if len(view) and self._position > self._length:
            self._fill(self._position)
        done = 0
        while done < len(view):
            number, start = divmod(self._position, self._chunk_bytes)
            self._load(number)
            part = view[done : done + self._chunk_bytes - start]
            self._chunk[start : start + len(part)] = part
            self._dirty = True
            done += len(part)
            self._position += len(part)
            self._length = max(self._length, self._position)
        return done

    def close(self) -> None:
        """Finish: seal the last chunk and the length, and bring both to the disk."""
        if self.closed:
            return
        try:
            if self._writing:
                self._flush_chunk()
                head = _MAGIC + _CHUNK_SIZE.pack(self._chunk_bytes)
                sealed = self._key.seal(
                    _LENGTH.pack(self._length), context=_length_context(self._context, head)
                )
                self._file.seek(len(head))
                self._file.write(sealed)
                os.fsync(self._file.fileno())
        finally:
            self._file.close()
            super().close()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # A half-written file must not be finished because its writer failed.
        if kind is not None:
            self.abandon()
        self.close()

    def abandon(self) -> None:
        """Close without finishing: what is on disk can never be opened."""
        self._writing = False
        self.close()

    def restart(self) -> None:
        """Forget all that was written, and begin again with an empty file."""
        self._file.truncate(_HEADER_BYTES)
        self._length = self._position = 0
        self._number, self._chunk, self._dirty = -1, bytearray(), False

    def _fill(self, end: int) -> None:
        position, self._position = end, self._length
        while self._position < position:
            self.write(bytes(min(self._chunk_bytes, position - self._position)))

    def _load(self, number: int) -> None:
        if number == self._number:
            return
        self._flush_chunk()
        first = number * self._chunk_bytes
        if first >= self._length:
            self._chunk = bytearray()
        else:
            plain_bytes = min(self._chunk_bytes, self._length - first)
            self._file.seek(self._offset(number))
            sealed = self._file.read(plain_bytes + SEAL_OVERHEAD_BYTES)
            self._chunk = bytearray(self._key.open(sealed, context=self._chunk_context(number)))
        self._number = number

    def _flush_chunk(self) -> None:
        if not self._dirty:
            return
        sealed = self._key.seal(bytes(self._chunk), context=self._chunk_context(self._number))
        self._file.seek(self._offset(self._number))
        if self._file.write(sealed) != len(sealed):
            raise OSError("short write")
        self._dirty = False

    def _offset(self, number: int) -> int:
        return _HEADER_BYTES + number * (self._chunk_bytes + SEAL_OVERHEAD_BYTES)

    def _chunk_context(self, number: int) -> bytes:
        return self._context + b"|chunk|" + str(number).encode()


def stream(file: SealedFile, *, start: int, stop: int) -> Iterator[bytes]:
    """Yield the bytes from start to before stop, a chunk at a time, and close the file."""
    with file:
        file.seek(start)
        while file.tell() < stop:
            part = file.read(min(CHUNK_BYTES, stop - file.tell()))
            if not part:
                raise Altered("The file is shorter than it was.")
            yield part


def _length_context(context: bytes, head: bytes) -> bytes:
    return context + b"|length|" + head
