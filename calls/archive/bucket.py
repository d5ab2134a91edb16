"""An S3 bucket as the storage of recordings: django-storages, and what processes need beside it.

Every thread has connections of its own, which a forked process never shares with its parent; a
name is a name, never a second one beside it; and a file is read in ranges. Only processes whose
settings name a bucket import this: the library costs each of them tens of megabytes.
"""

import io
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, BinaryIO, cast

import boto3
from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files import File
from storages.backends.s3 import S3Storage

from calls.archive.store import READ_AHEAD_BYTES, StorageAway, StoredFile

_ABSENT = ("404", "NoSuchKey", "NotFound")


class RecordingBucket(S3Storage):
    """Raises FileNotFoundError, and StorageAway whenever the service does not do as asked."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._making = threading.Lock()
        os.register_at_fork(after_in_child=self._begin_anew)

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name

    @property
    def connection(self) -> Any:
        # What makes a connection is not safe in threads, so a connection is of one thread.
        with self._making:
            return super().connection

    @property
    def bucket(self) -> Any:
        return self.connection.Bucket(self.bucket_name)

    def _create_session(self) -> boto3.Session:
        return _session(self.access_key, self.secret_key, os.getpid())

    def _begin_anew(self) -> None:
        self._making = threading.Lock()
        self._connections = threading.local()

    # --- What calls/archive/store.py asks for -----------------------------------------------------
    def put(self, name: str, file: BinaryIO) -> None:
        """Upload under exactly this name, in place of an old one; there whole or not at all."""
        with _reaching():
            self._save(name, File(file, name=name))

    def read(self, name: str) -> bytes:
        """The whole of it in one request."""
        with _reaching():
            return cast("bytes", self.bucket.Object(name).get()["Body"].read())

    def open_ranges(self, name: str) -> BinaryIO:
        """A seekable file that fetches what is read of it, a mebibyte ahead."""
        stored = self.bucket.Object(name)
        with _reaching():
            length = int(stored.content_length)
        return io.BufferedReader(_Ranges(stored, length), buffer_size=READ_AHEAD_BYTES)

    def exists(self, name: str) -> bool:
        with _reaching():
            return bool(super().exists(name))

    def size(self, name: str) -> int:
        with _reaching():
            return int(super().size(name))

    def delete(self, name: str) -> None:
        with _reaching():
            super().delete(name)

    def files(self, prefix: str) -> Iterator[StoredFile]:
        """Every file whose name begins so, a thousand a request."""
        with _reaching():
            for each in self.bucket.objects.filter(Prefix=prefix):
                yield StoredFile(each.key, each.size, each.last_modified)


@lru_cache(maxsize=4)
def _session(access_key: str | None, secret_key: str | None, _process: int) -> boto3.Session:
    """One for all threads of a process: what it reads from disk is read once."""
    return boto3.Session(aws_access_key_id=access_key, aws_secret_access_key=secret_key)


@contextmanager
def _reaching() -> Iterator[None]:
    """What the service's libraries raise, in the words of calls/archive/store.py."""
    try:
        yield
    except ClientError as exc:
        if exc.response.get("Error", {}).get("Code") in _ABSENT:
            raise FileNotFoundError(str(exc)) from exc
        raise StorageAway(str(exc)) from exc
    except (BotoCoreError, Boto3Error) as exc:
        raise StorageAway(str(exc)) from exc


class _Ranges(io.RawIOBase):
    """An object as a file: each read is one request for a range."""

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
        data = self._fetch(self._position + len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def readall(self) -> bytes:
        return self._fetch(self._length)

    def _fetch(self, stop: int) -> bytes:
        stop = min(stop, self._length)
        if stop <= self._position:
            return b""
        with _reaching():
            answer = self._stored.get(Range=f"bytes={self._position}-{stop - 1}")
            data = cast("bytes", answer["Body"].read())
        self._position += len(data)
        return data
