"""Each test begins in English, whatever page the one before it has asked for."""

from collections.abc import Iterator

import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    """Django leaves the language of a request to its thread, which in a test is the tests' own."""
    yield
    translation.deactivate()
