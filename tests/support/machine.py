"""Installs the programs that tests need, or names what is missing. Standard library only.

`machine.py` takes care of all of them, `machine.py npm` of those named. On Debian and Ubuntu it
calls apt-get when it is root or sudo asks for no password; elsewhere, or without those rights, it
says what to install and ends with status 1.
"""

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path

# program or library: (its Debian package, what it is for)
PROGRAMS = {
    "redis-server": ("redis-server", "Redis"),
    "initdb": ("postgresql", "PostgreSQL"),
    "chromium": ("chromium", "the browser tests"),
    "firefox-esr": ("firefox-esr", "the browser tests"),
    "turnserver": ("coturn", "the relay"),
    "ffmpeg": ("ffmpeg", "measuring recordings"),
    "node": ("nodejs", "npm"),
    "npm": ("npm", "the JavaScript tools"),
    "libatomic.so.1": ("libatomic1", "Playwright's Node"),
    "ip": ("iproute2", "the network tests"),
    "sysctl": ("procps", "the network tests"),
    "xgettext": ("gettext", "the catalogues"),
}
ALSO_FINE = {"chromium": ("chromium-browser", "google-chrome"), "firefox-esr": ("firefox",)}
BESIDE_PATH = {"initdb": "/usr/lib/postgresql/*/bin"}


def main(wanted: list[str]) -> int:
    missing = [name for name in wanted or PROGRAMS if not found(name)]
    if not missing:
        return 0
    packages = [PROGRAMS[name][0] for name in missing]
    privilege = apt_prefix()
    if privilege is None:
        for name in missing:
            package, purpose = PROGRAMS[name]
            print(f"Missing: {name} (Debian package {package}), for {purpose}.", file=sys.stderr)
        return 1
    print(f"==> Installing {' '.join(packages)}", flush=True)
    # RUNLEVEL=1: the packages' own services are not wanted, tests start private ones.
    install = [*privilege, "env", "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1", "apt-get"]
    subprocess.run([*install, "update", "-qq"], check=True)
    subprocess.run(
        [*install, "install", "-qq", "-y", "--no-install-recommends", *packages],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return 0


def found(name: str) -> bool:
    if ".so." in name:
        return is_loadable(name)
    if any(shutil.which(candidate) for candidate in (name, *ALSO_FINE.get(name, ()))):
        return True
    pattern = BESIDE_PATH.get(name)
    folders = Path("/").glob(pattern[1:]) if pattern else ()
    return any((folder / name).exists() for folder in folders)


def is_loadable(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def apt_prefix() -> list[str] | None:
    """What to write before apt-get; None where it is not there or not allowed."""
    if not shutil.which("apt-get"):
        return None
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if (
        sudo
        and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0
    ):
        return [sudo, "-n"]
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
