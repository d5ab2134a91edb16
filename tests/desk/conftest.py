"""Fixtures of the desk's tests."""

import pytest

from tests.desk.conversation import Conversation


@pytest.fixture
def talk(db: None) -> Conversation:
    return Conversation()
