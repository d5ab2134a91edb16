"""One short private folder for each test process: Unix socket paths end at 108 bytes."""

import os
import shutil
import tempfile
from pathlib import Path


def scratch_folder() -> Path:
    """Where this process keeps its database, its Redis socket and its files."""
    return Path(tempfile.gettempdir()) / f"parlour-test-{os.getuid()}-{os.getpid()}"


def make_scratch_folder() -> None:
    """Make the folder anew, for its owner only; raises FileExistsError if it is somebody else's."""
    folder = scratch_folder()
    if folder.exists() and folder.stat().st_uid == os.getuid():
        shutil.rmtree(folder)
    folder.mkdir(mode=0o700)
    (folder / "static").mkdir()  # WhiteNoise looks for it at every start


def remove_scratch_folder() -> None:
    shutil.rmtree(scratch_folder(), ignore_errors=True)
