"""Fixtures of the desk's tests: its people, one queue, and a talk."""

import pytest

from accounts.models import Role, User
from calls.models import Queue
from tests.desk import house
from tests.desk.conversation import Conversation


@pytest.fixture
def ada(db: None) -> User:
    return house.person("Ada Brandt")


@pytest.fixture
def tomas(db: None) -> User:
    return house.person("Tomas Ruiz")


@pytest.fixture
def ines(db: None) -> User:
    return house.person("Ines Falk", Role.SUPERVISOR)


@pytest.fixture
def mei(db: None) -> User:
    return house.person("Mei Lin", Role.PATIENT)


@pytest.fixture
def billing(ada: User) -> Queue:
    """Ada answers it; she is not at the desk yet."""
    return house.queue(ada)


@pytest.fixture
def talk(db: None) -> Conversation:
    return Conversation()
