"""The archive holds what was shown and said over networks that lose packets, and that change."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Playwright

from tests.content.bounds import holds
from tests.content.visit import Talk, recorded
from tests.support.browser import executable, flags
from tests.support.group import ServerGroup
from tests.support.netlab import Lab, laboratory
from tests.support.registry import Registry, registry

pytestmark = [pytest.mark.lab, pytest.mark.timeout(900)]
SWITCHES = 3
# From the switch until media arrive again, at the most.
SWITCH_SECS = 5.0


@dataclass
class Field:
    """Mei on host `a`, Dr. Ada on host `b`, the whole group on `srv`."""

    lab: Lab
    group: ServerGroup
    browsers: tuple[Browser, Browser]
    archive: Registry


@pytest.fixture(scope="module")
def field(playwright_driver: Playwright) -> Iterator[Field]:
    with ExitStack() as stack:
        lab = stack.enter_context(laboratory("srv", "a", "b"))
        group = ServerGroup(JOIN_EARLY_MINUTES="1440", WEB_HOST="0.0.0.0")
        group.url = f"http://{lab['srv'].address}:{group.port}"
        group.env["PUBLIC_URL"] = group.url
        group.command = lab["srv"].command(*group.command)
        stack.callback(group.stop)
        group.start()
        found = []
        for name in ("a", "b"):
            browser = playwright_driver.chromium.launch(
                executable_path=lab[name].wrapper(executable()),
                args=[*flags(), f"--unsafely-treat-insecure-origin-as-secure={group.url}"],
            )
            stack.callback(browser.close)
            found.append(browser)
        archive = stack.enter_context(registry(group))
        yield Field(lab, group, (found[0], found[1]), archive)


@pytest.fixture(autouse=True)
def good_lines(field: Field) -> Iterator[None]:
    yield
    field.lab.clear()


def test_it_misses_little_at_five_percent_loss(field: Field) -> None:
    def lose(talk: Talk) -> None:
        field.lab.set_line("a", loss=0.05)
        talk.go_on(60)

    evidence = recorded(field.browsers, field.group, field.archive, lose)
    holds("5 % loss", evidence, share=0.95)


def test_it_goes_on_over_three_networks(field: Field) -> None:
    spans: list[tuple[float, float]] = []

    def wander(talk: Talk) -> None:
        talk.go_on(12)
        for _ in range(SWITCHES):
            with talk.span(spans):
                field.lab["a"].move()
                talk.go_on(SWITCH_SECS)
            talk.go_on(10)

    evidence = recorded(field.browsers, field.group, field.archive, wander)
    holds("three network switches", evidence, share=0.97, silent=spans, dark=spans)
    mei = evidence.people["patient"]
    for began, _ in spans:
        back = min(second for second in mei.beeps if second > began + 1) - began
        print(f"  switch: heard again within {back:.1f} s")
