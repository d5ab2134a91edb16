"""The real server group, as `make run` starts it, with a data folder and a port of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class ServerGroup:
    """Where the running group is: its address, its files and its Redis."""

    url: str
    data_dir: Path
    redis_url: str
    log_dir: Path


@pytest.fixture(scope="session")
def server_group() -> Iterator[ServerGroup]:
    raise NotImplementedError
    yield
