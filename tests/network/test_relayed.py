"""Calls that find a way only through the relay, and calls that may take no other."""

import re
import time

import pytest
from playwright.sync_api import Playwright

from tests.network.stage import stage
from tests.support.group import ServerGroup

pytestmark = pytest.mark.browser


def test_it_connects_through_tcp_and_then_tls_where_udp_is_blocked(
    server_group: ServerGroup, playwright_driver: Playwright
) -> None:
    with stage(server_group, playwright_driver) as visit:
        visit.lab.block("a", "udp")
        secs = visit.meet()
        print(f"UDP blocked: media {secs:.1f} s after Admit, {visit.mei.routes()}")
        assert secs <= 10
        assert [route[:2] for route in visit.mei.routes()] == [["relay", "tcp"]]
        at = time.time()
        visit.lab.block("a", "tcp", 3478)
        secs = visit.back_after(at, settle=1)
        print(f"then TCP 3478 too: media back after {secs:.1f} s, {visit.mei.routes()}")
        assert [route[:2] for route in visit.mei.routes()] == [["relay", "tls"]]


def test_it_shows_nobody_an_address_under_relay_only(
    server_group: ServerGroup, playwright_driver: Playwright
) -> None:
    with stage(server_group, playwright_driver, RELAY_ONLY="true") as visit:
        secs = visit.meet()
        print(f"relay only: media {secs:.1f} s after Admit, {visit.mei.routes()}")
        for person in visit.both():
            assert {tuple(route[::2]) for route in person.routes()} == {("relay", "relay")}
            text = "\n".join(person.frames)
            kinds = set(re.findall(r"candidate:[^\"\\]+? typ (\w+)", text))
            assert kinds == {"relay"}
            for hidden in visit.both():
                assert hidden.host.address not in text
