"""Files that are on the disk whole or not at all, also after a power cut; for the owner only."""

import os
import threading
from contextlib import suppress
from pathlib import Path

# Being written: never read.
PART = ".part"


def write_whole(path: Path, data: bytes) -> None:
    """Write a file under a name of its own, bring it to the disk, then give it its name."""
    make_folder(path.parent)
    temporary = part_path(path)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb", buffering=0) as file:
            view = memoryview(data)
            while view:
                view = view[file.write(view) :]
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def part_path(path: Path) -> Path:
    """A name beside it that no other thread of this machine uses."""
    return path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}{PART}")


def make_folder(folder: Path) -> None:
    """Make a folder for the owner only, and bring its name to the disk."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True, mode=0o700)
    with suppress(PermissionError):  # a folder that may be entered and not be listed
        sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Bring a folder's list of names to the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
