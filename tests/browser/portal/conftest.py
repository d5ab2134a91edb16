"""The people in front of the portal, once at a phone and once at a desk."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.support.axe import STILL
from tests.support.group import ServerGroup
from tests.support.people import Someone

PHONE = {"viewport": {"width": 390, "height": 844}, **STILL}
DESK = {"viewport": {"width": 1280, "height": 800}, **STILL}


@pytest.fixture(params=[PHONE, DESK], ids=["phone", "desk"])
def screen(request: pytest.FixtureRequest) -> dict[str, Any]:
    return dict(request.param)


@pytest.fixture
def mei(chromium: Browser, server_group: ServerGroup, screen: dict[str, Any]) -> Iterator[Someone]:
    yield from somebody(chromium, server_group, "patient@example.com", screen)


@pytest.fixture
def sam(chromium: Browser, server_group: ServerGroup, screen: dict[str, Any]) -> Iterator[Someone]:
    yield from somebody(chromium, server_group, "patient2@example.com", screen)


@pytest.fixture
def ada(chromium: Browser, server_group: ServerGroup, screen: dict[str, Any]) -> Iterator[Someone]:
    yield from somebody(chromium, server_group, "agent@example.com", screen)


def somebody(
    browser: Browser, group: ServerGroup, email: str, screen: dict[str, Any]
) -> Iterator[Someone]:
    """Signed in, at a device in the zone of their account; no fault may be seen on their pages."""
    zones = {"patient2@example.com": "Europe/London"}
    zone = zones.get(email, "Europe/Berlin")
    someone = Someone(browser, group.url, email, timezone_id=zone, **screen)
    yield someone
    assert someone.faults == []
    someone.close()
