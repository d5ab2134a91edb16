"""The few people and the service that booking is tried with; a file may have its own."""

import pytest

from accounts.models import User
from calls.models import Service
from tests.booking import house


@pytest.fixture
def consultation() -> Service:
    return house.service()


@pytest.fixture
def ada(consultation: Service) -> User:
    return house.agent(service=consultation)


@pytest.fixture
def mei() -> User:
    return house.person("mei", zone="Europe/Berlin")
