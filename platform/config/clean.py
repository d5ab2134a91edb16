"""`make clean`: empties the demo's data folder, unless the group is running on it."""

import fcntl
import os
import shutil
import sys
from pathlib import Path


def main() -> None:
    folder = Path(os.environ.get("DATA_DIR") or Path(__file__).resolve().parents[2] / "var")
    lock = folder / "run" / "supervisor.lock"
    if lock.exists():
        with lock.open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                sys.exit("Parlour is running; end it before you clean its data.")
    for entry in folder.iterdir() if folder.is_dir() else ():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


if __name__ == "__main__":
    main()
