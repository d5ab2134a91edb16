"""Where the archive's ciphertext lies: the spool of the machine that wrote it, then the storage.

The storage is a folder or an S3 bucket (settings: Recording). A name is written once and never
changed: what is cut gets a new name. So a copy in the spool and one in the storage are the same.
"""

import hashlib
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.files import File
from django.core.files.storage import FileSystemStorage, Storage, storages

READ_AHEAD_BYTES = 1024 * 1024
PART = ".part"

ReadBytes = Callable[[str], bytes]
"""Returns the bytes stored under a name; raises FileNotFoundError."""


class StorageAway(OSError):
    """The storage does not answer; what it holds is safe, and the same may be asked again."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file of the storage."""

    name: str
    size_bytes: int
    changed_at: datetime


def spool_root() -> Path:
    """The folder of this machine that recordings are written to first."""
    return Path(settings.RECORDING_SPOOL)


def spool_path(name: str) -> Path:
    """Where `name` lies in the spool, if it does."""
    return spool_root() / name


def folder_reader(root: Path) -> ReadBytes:
    """Reads from one folder alone."""
    return lambda name: (root / name).read_bytes()


def read_bytes(name: str) -> bytes:
    """The whole of a file. Raises FileNotFoundError, StorageAway."""
    with open_binary(name) as file:
        return file.read()


def open_binary(name: str) -> BinaryIO:
    """A seekable file to read; of a bucket only the ranges that are asked for are fetched.

    Raises FileNotFoundError, StorageAway.
    """
    with suppress(FileNotFoundError):
        return spool_path(name).open("rb", buffering=0)
    storage = _storage()
    with _reaching():
        if isinstance(storage, FileSystemStorage):
            return Path(storage.path(name)).open("rb", buffering=0)
        stored = cast("Any", storage.open(name, "rb"))
        ranges = _Ranges(stored.obj, int(stored.obj.content_length))
        return io.BufferedReader(ranges, buffer_size=READ_AHEAD_BYTES)


def sha256(name: str) -> str:
    """In hexadecimal, of the ciphertext. Raises FileNotFoundError, StorageAway."""
    digest = hashlib.sha256()
    with open_binary(name) as file:
        while chunk := file.read(READ_AHEAD_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def exists(name: str) -> bool:
    """Whether the spool of this machine or the storage holds it. Raises StorageAway."""
    return spool_path(name).exists() or is_stored(name)


def is_stored(name: str) -> bool:
    """Whether the storage itself holds it. Raises StorageAway."""
    with _reaching():
        return bool(_storage().exists(name))


def size_bytes(name: str) -> int:
    """Raises FileNotFoundError, StorageAway."""
    with suppress(FileNotFoundError):
        return spool_path(name).stat().st_size
    with _reaching():
        return int(_storage().size(name))


def delete(name: str) -> None:
    """Out of the spool and the storage; no error if it is in neither. Raises StorageAway."""
    spool_path(name).unlink(missing_ok=True)
    with _reaching(), suppress(FileNotFoundError):
        _storage().delete(name)


def put(name: str) -> None:
    """Copy a file of the spool to the storage, whole or not at all. Raises StorageAway.

    The copy in the spool stays where the storage is a bucket, and may be gone where it is a folder.
    Five times the same has one effect.
    """
    storage = _storage()
    source = spool_path(name)
    if isinstance(storage, FileSystemStorage):
        with _reaching():
            _move(source, Path(storage.path(name)))
        return
    with source.open("rb") as file, _reaching():
        kept = storage.save(name, File(file, name=name))
        if kept != name:
            raise StorageAway(f"The storage named {name} anew.")


def write(name: str, data: bytes) -> None:
    """Write a small file straight to the storage, in place of an old one. Raises StorageAway."""
    path = spool_path(name)
    _make_folder(path.parent)
    path.write_bytes(data)
    put(name)
    path.unlink(missing_ok=True)


def list_files(prefix: str = "") -> Iterator[StoredFile]:
    """What the storage holds below a folder, in no order. Raises StorageAway."""
    storage = _storage()
    with _reaching():
        if isinstance(storage, FileSystemStorage):
            yield from list_folder(Path(storage.location), prefix)
            return
        for each in cast("Any", storage).bucket.objects.filter(Prefix=prefix):
            yield StoredFile(each.key, each.size, each.last_modified)


def list_names(prefix: str = "") -> Iterator[str]:
    """The names alone. Raises StorageAway."""
    return (file.name for file in list_files(prefix))


def list_folder(root: Path, prefix: str = "") -> Iterator[StoredFile]:
    """The files below a folder of this machine, as of the storage; unfinished ones too."""
    for path in sorted((root / prefix).rglob("*")):
        with suppress(FileNotFoundError):  # another process moves files meanwhile
            if path.is_file():
                told = path.stat()
                changed_at = datetime.fromtimestamp(told.st_mtime, UTC)
                name = path.relative_to(root).as_posix()
                yield StoredFile(name, told.st_size, changed_at)


def _storage() -> Storage:
    return storages[settings.RECORDING_STORAGE]


def _move(source: Path, target: Path) -> None:
    """Into the storage's folder: a rename where both lie on one disk, else a copy."""
    if source == target:
        return
    _make_folder(target.parent)
    try:
        source.replace(target)
    except OSError as exc:
        if isinstance(exc, FileNotFoundError):
            raise
        part = target.with_name(target.name + PART)
        with source.open("rb") as read, part.open("wb") as written:
            part.chmod(0o600)
            while chunk := read.read(READ_AHEAD_BYTES):
                written.write(chunk)
            written.flush()
            os.fsync(written.fileno())
        part.replace(target)
    sync_folder(target.parent)


def _make_folder(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def sync_folder(folder: Path) -> None:
    """Bring a folder's list of names to the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _reaching() -> Iterator[None]:
    """What a storage raises, in the words of this module."""
    try:
        yield
    except (FileNotFoundError, StorageAway):
        raise
    except ClientError as exc:
        if exc.response.get("Error", {}).get("Code") in ("404", "NoSuchKey", "NotFound"):
            raise FileNotFoundError(str(exc)) from exc
        raise StorageAway(str(exc)) from exc
    except (BotoCoreError, OSError) as exc:
        raise StorageAway(str(exc)) from exc


class _Ranges(io.RawIOBase):
    """An S3 object as a file: each read is one request for a range."""

    def __init__(self, stored: Any, length: int) -> None:
        super().__init__()
        self._stored = stored
        self._length = length
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._length}[whence]
        self._position = max(0, start + offset)
        return self._position

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        stop = min(self._position + len(buffer), self._length)
        if stop <= self._position:
            return 0
        with _reaching():
            answer = self._stored.get(Range=f"bytes={self._position}-{stop - 1}")
            data = answer["Body"].read()
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)
