"""A real Redis for each test process, on a private Unix socket: the one that the settings name."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis as client

from config.devredis import redis_command
from tests.support.scratch import scratch_folder
from tests.support.servers import missing, wait_for


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """This process's own Redis for the whole session: the address is `settings.REDIS_URL`."""
    socket_path = scratch_folder() / "redis.sock"
    command = redis_command(socket_path)
    if command is None:
        missing("redis-server")
    url = f"unix://{socket_path}?db=0"
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        wait_for(lambda: _answers(url), "Redis answers")
        yield url
    finally:
        server.terminate()
        server.wait(timeout=10)


@pytest.fixture
def fresh_redis(redis_url: str) -> str:
    """The same Redis, emptied before the test."""
    with client.Redis.from_url(redis_url) as connection:
        connection.flushall()
    return redis_url


class MortalRedis:
    """A Redis of one's own that dies and comes back empty."""

    def __init__(self, folder: Path) -> None:
        command = redis_command(folder / "redis.sock")
        if command is None:
            missing("redis-server")
        self.url = f"unix://{folder / 'redis.sock'}?db=0"
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        wait_for(lambda: _answers(self.url), "Redis answers")

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=10)

    def forget(self) -> None:
        with client.Redis.from_url(self.url) as connection:
            connection.flushall()


def _answers(url: str) -> bool:
    try:
        with client.Redis.from_url(url) as connection:
            return bool(connection.ping())
    except client.ConnectionError:
        return False
