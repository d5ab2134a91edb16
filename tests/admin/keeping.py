"""A recording that is kept, and two administrators, the first of them signed in."""

import pytest
from django.test.client import Client

from accounts.models import User
from tests.archive.kept import people, recording
from tests.support.cast import Cast, make_cast

__all__ = ["cast", "client", "people", "recording"]


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def client(people: tuple[User, User]) -> Client:
    client = Client()
    client.force_login(people[0], backend="django.contrib.auth.backends.ModelBackend")
    return client
