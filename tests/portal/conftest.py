"""The people and the service that the pages of the portal are tried with."""

import pytest

from accounts.models import User
from tests.booking import house
from tests.booking.conftest import ada, consultation
from tests.support.cast import Cast, make_cast

__all__ = ["ada", "consultation"]


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def mei(ada: User) -> User:
    """A patient who finds somebody to be booked."""
    return house.person("mei", zone="Europe/Berlin")
