"""Plaintext that must be found nowhere, and those who look for it while a recording is made."""

import base64
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import redis

EVERY_SECS = 0.1
# A file that is larger is read once it has stopped growing, at the end.
MOST_BYTES = 32 * 1024 * 1024
_ESCAPED = re.compile(rb"\\x([0-9a-f]{2})")
_BASE64 = re.compile(rb"[A-Za-z0-9+/]{24,}={0,2}")


def disguises(secret: bytes) -> set[bytes]:
    """The forms in which somebody may have written it down."""
    plain = base64.b64encode(secret), base64.urlsafe_b64encode(secret)
    texts = {secret.hex().encode(), secret.hex().upper().encode()}
    return {secret, *texts, *(form.rstrip(b"=") for form in plain)}


class Canaries:
    """Each by its name, with all its forms; `seen` has where each was found."""

    def __init__(self, secrets: Mapping[str, Iterable[bytes]]) -> None:
        self._secrets = {name: set(forms) for name, forms in secrets.items()}
        self.seen: set[tuple[str, str]] = set()

    def add(self, name: str, forms: Iterable[bytes]) -> None:
        self._secrets[name] = set(forms)

    def look(self, content: bytes, where: str) -> None:
        for name, forms in self._secrets.items():
            if any(form in content for form in forms):
                self.seen.add((name, where))

    def look_encoded(self, content: bytes, where: str) -> None:
        """Also within escapes, and within what is base64."""
        plain = _ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode()), content)
        self.look(plain, where)
        for found in _BASE64.finditer(plain):
            with suppress(ValueError):
                self.look(base64.b64decode(found[0] + b"=" * (-len(found[0]) % 4)), where)


class Watcher:
    """Reads every file below some folders again and again while they come and go."""

    def __init__(
        self, canaries: Canaries, folders: Mapping[str, Path], processes: Callable[[], set[int]]
    ) -> None:
        self._canaries = canaries
        self._folders = folders
        self._processes = processes
        self._known: dict[Path, tuple[int, int]] = {}
        self.files = 0  # how many states of files were read

    def look(self) -> None:
        for where, folder in self._folders.items():
            for path in folder.rglob("*"):
                self._read(path, where)
        for pid in self._processes():
            for handle in Path(f"/proc/{pid}/fd").glob("*"):
                with suppress(OSError):
                    target = str(handle.readlink())
                    if target.startswith("/") and target.endswith(" (deleted)"):
                        self._read(handle, "a file without a name")

    def _read(self, path: Path, where: str) -> None:
        with suppress(OSError):
            told = path.stat()
            state = (told.st_size, told.st_mtime_ns)
            if not path.is_file() or self._known.get(path) == state or state[0] > MOST_BYTES:
                return
            self._known[path] = state
            self._canaries.look(path.read_bytes(), f"{where}: {path.name}")
            self.files += 1


@contextmanager
def watching(watcher: Watcher) -> Iterator[None]:
    done = threading.Event()

    def run() -> None:
        while not done.wait(EVERY_SECS):
            watcher.look()

    thread = threading.Thread(target=run, name="canaries")
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        watcher.look()


@contextmanager
def overheard(url: str) -> Iterator[list[bytes]]:
    """Every command that Redis is given meanwhile (MONITOR)."""
    heard: list[bytes] = []
    with redis.Redis.from_url(url) as client, client.monitor() as monitor:

        def run() -> None:
            with suppress(redis.ConnectionError, ValueError, OSError, AttributeError):
                while True:
                    response = monitor.connection.read_response(disable_decoding=True)
                    heard.append(bytes(response))

        thread = threading.Thread(target=run, name="monitor", daemon=True)
        thread.start()
        yield heard
