"""The people and the service that the pages of the portal are tried with."""

import pytest

from accounts.models import User
from calls.models import Service
from tests.booking import house
from tests.support.cast import Cast, make_cast


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def consultation() -> Service:
    return house.service()


@pytest.fixture
def ada(consultation: Service) -> User:
    return house.agent(service=consultation)


@pytest.fixture
def mei(ada: User) -> User:
    return house.person("mei", zone="Europe/Berlin")
