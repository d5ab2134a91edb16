"""A real Redis for each test process, on a private Unix socket: the one that the settings name."""

import subprocess
from collections.abc import Iterator

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


def _answers(url: str) -> bool:
    try:
        with client.Redis.from_url(url) as connection:
            return bool(connection.ping())
    except client.ConnectionError:
        return False
