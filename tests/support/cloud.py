"""An S3 and a KMS on this machine: moto's server, which may be stopped and comes back as it was."""

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from pytest_django import Settings

from config.recordings import bucket_storage
from tests.support.servers import free_port

if TYPE_CHECKING:
    from moto.server import ThreadedMotoServer

ACCESS = ("an-access-key", "a-secret-key")
REGION = "us-east-1"


class Cloud:
    """Where the services answer, and while they do not."""

    def __init__(self) -> None:
        logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._server: ThreadedMotoServer | None = None
        self._clients: dict[str, Any] = {}

    def start(self) -> None:
        if self._server is None:
            # A second of loading, which tests without a cloud need not wait for.
            from moto.server import ThreadedMotoServer

            self._server = ThreadedMotoServer("127.0.0.1", self.port, verbose=False)
            self._server.start()

    def stop(self) -> None:
        """What it holds stays."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def client(self, service: str) -> Any:
        """One a service: making one takes a third of a second."""
        import boto3

        if service not in self._clients:
            self._clients[service] = boto3.client(  # type: ignore[call-overload]
                service, endpoint_url=self.url, region_name=REGION,
                aws_access_key_id=ACCESS[0], aws_secret_access_key=ACCESS[1],
            )  # fmt: skip
        return self._clients[service]


@pytest.fixture(scope="session")
def one_cloud() -> Iterator[Cloud]:
    cloud = Cloud()
    cloud.start()
    yield cloud
    cloud.stop()


@pytest.fixture
def cloud(one_cloud: Cloud) -> Iterator[Cloud]:
    one_cloud.start()
    yield one_cloud
    one_cloud.start()


@pytest.fixture
def bucket(cloud: Cloud, settings: Settings) -> str:
    """The name of an empty bucket that the recordings go to."""
    name = f"recordings-{uuid4().hex[:8]}"
    cloud.client("s3").create_bucket(Bucket=name)
    storage = bucket_storage(name, endpoint=cloud.url, region=REGION, access=ACCESS)
    settings.STORAGES = {**settings.STORAGES, settings.RECORDING_STORAGE: storage}
    return name
