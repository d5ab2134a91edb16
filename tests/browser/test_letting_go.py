"""A browser that hangs costs the tests half a minute, not the run."""

import os
import signal

import pytest

from tests.support.browser import Browsers, browser_processes, let_go


@pytest.mark.browser
def test_a_chromium_that_does_not_close_is_ended_and_started_anew(browsers: Browsers) -> None:
    hanging = browsers.at(0)
    context = hanging.new_context()
    context.new_page()
    for pid in browser_processes():
        os.kill(pid, signal.SIGSTOP)
    with pytest.warns(UserWarning, match="had to be ended"):
        let_go(context, secs=1)
    assert not hanging.is_connected()
    assert browsers.at(0).new_context().new_page().evaluate("1 + 1") == 2
