"""Fixtures of the tests of calls."""

import pytest

from accounts.models import Role, User
from tests.support.cast import Cast, person


@pytest.fixture
def ines(cast: Cast) -> User:
    return person("ines@example.com", "Ines Falk", Role.SUPERVISOR)
