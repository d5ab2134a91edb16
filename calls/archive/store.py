"""Where the archive's ciphertext lies: the spool of the machine that wrote it, then the storage.

The storage is a folder or an S3 bucket (settings: Recording). A name is written once and never
changed: what is cut gets a new name. So a copy in the spool and one in the storage are the same.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast
from uuid import UUID

from django.conf import settings
from django.core.files.storage import FileSystemStorage, storages

from calls.archive.durable import make_folder, part_path, sync_folder, write_whole

if TYPE_CHECKING:
    from calls.archive.bucket import RecordingBucket

READ_AHEAD_BYTES = 1024 * 1024
# In the spool: what a bucket has already, and a finaliser of this machine is about to read.
KEPT = ".kept"

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


def kept_path(name: str) -> Path:
    """Where a copy of `name` is kept while its recording is not finished, if it is."""
    return spool_root() / KEPT / name


def is_bucket() -> bool:
    """Whether the storage is a bucket: far away, and asked by the file."""
    return not isinstance(_storage(), FileSystemStorage)


def read_bytes(name: str) -> bytes:
    """The whole of a file. Raises FileNotFoundError, StorageAway."""
    for path in (spool_path(name), kept_path(name)):
        with suppress(FileNotFoundError):
            return path.read_bytes()
    storage = _storage()
    if not isinstance(storage, FileSystemStorage):
        return storage.read(name)
    with _reaching():
        return Path(storage.path(name)).read_bytes()


def open_binary(name: str) -> BinaryIO:
    """A seekable file to read; of a bucket only the ranges that are asked for are fetched.

    Raises FileNotFoundError, StorageAway.
    """
    for path in (spool_path(name), kept_path(name)):
        with suppress(FileNotFoundError):
            return path.open("rb", buffering=0)
    storage = _storage()
    if not isinstance(storage, FileSystemStorage):
        return storage.open_ranges(name)
    with _reaching():
        return Path(storage.path(name)).open("rb", buffering=0)


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


def delete(name: str) -> None:
    """Out of the spool and the storage; no error if it is in neither. Raises StorageAway."""
    spool_path(name).unlink(missing_ok=True)
    kept_path(name).unlink(missing_ok=True)
    with _reaching(), suppress(FileNotFoundError):
        _storage().delete(name)


def put(name: str) -> None:
    """Copy a file of the spool to the storage, whole or not at all; the one in the spool stays.

    Five times the same has one effect. Raises FileNotFoundError, StorageAway.
    """
    _put(spool_path(name), name)


def write(name: str, data: bytes) -> None:
    """Write a small file straight to the storage, in place of an old one. Raises StorageAway."""
    path = part_path(spool_path(name))
    try:
        with _reaching():
            write_whole(path, data)
            _put(path, name)
    finally:
        path.unlink(missing_ok=True)


def list_files(prefix: str = "") -> Iterator[StoredFile]:
    """What the storage holds below a folder, in no order. Raises StorageAway."""
    storage = _storage()
    if not isinstance(storage, FileSystemStorage):
        yield from storage.files(prefix)
        return
    with _reaching():
        yield from list_folder(Path(storage.location), prefix)


def list_names(prefix: str = "") -> Iterator[str]:
    """The names alone. Raises StorageAway."""
    return (file.name for file in list_files(prefix))


def list_folder(root: Path, prefix: str = "") -> Iterator[StoredFile]:
    """The files below a folder of this machine, as of the storage; unfinished ones too.

    What is kept beside is not among them.
    """
    for folder, folders, files in os.walk(root / prefix):
        folders[:] = sorted(name for name in folders if name != KEPT)
        for path in (Path(folder) / file for file in sorted(files)):
            with suppress(FileNotFoundError):  # another process moves files meanwhile
                told = path.stat()
                changed_at = datetime.fromtimestamp(told.st_mtime, UTC)
                yield StoredFile(path.relative_to(root).as_posix(), told.st_size, changed_at)


def _storage() -> "FileSystemStorage | RecordingBucket":
    """One of the two: platform/config/settings.py names no other."""
    return cast("FileSystemStorage | RecordingBucket", storages[settings.RECORDING_STORAGE])


def _put(source: Path, name: str) -> None:
    storage = _storage()
    if not isinstance(storage, FileSystemStorage):
        with source.open("rb") as file:
            storage.put(name, file)
        return
    with _reaching():
        _place(source, Path(storage.path(name)))


def _place(source: Path, target: Path) -> None:
    """Into the storage's folder: one more name where both lie on one disk, else a copy.

    So a process that is killed here has lost nothing: the name in the spool is still to be done.
    """
    make_folder(target.parent)
    if source.parent.samefile(target.parent):
        raise StorageAway("The spool and the storage are one folder.")
    part = part_path(target)
    part.unlink(missing_ok=True)
    try:
        try:
            part.hardlink_to(source)
        except FileNotFoundError:
            raise
        except OSError:
            _copy(source, part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    sync_folder(target.parent)


def _copy(source: Path, target: Path) -> None:
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with source.open("rb") as read, os.fdopen(handle, "wb") as written:
        while chunk := read.read(READ_AHEAD_BYTES):
            written.write(chunk)
        written.flush()
        os.fsync(written.fileno())


def as_id(text: str) -> UUID | None:
    """The recording whose folder has this name; None if it is none's."""
    try:
        found = UUID(text)
    except ValueError:
        return None
    return found if str(found) == text else None


@contextmanager
def _reaching() -> Iterator[None]:
    """What a folder raises, in the words of this module."""
    try:
        yield
    except (FileNotFoundError, StorageAway):
        raise
    except OSError as exc:
        raise StorageAway(str(exc)) from exc
