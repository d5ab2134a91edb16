"""A visit of two browsers with clappers, recorded for as long as a test has something to do."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser

from tests.browser.seat import AGENT, PATIENT, Seat, meet, new_visit
from tests.content.clapper import ADA_HERTZ, MEI_HERTZ, clapper
from tests.content.figures import Evidence, gather
from tests.support.group import ServerGroup
from tests.support.registry import Registry

FINALISED_SECS = 90.0


class Talk:
    """Mei and Dr. Ada while they are recorded."""

    def __init__(self, mei: Seat, ada: Seat) -> None:
        self.mei, self.ada = mei, ada

    def go_on(self, secs: float) -> None:
        """Let so much of the visit go by."""
        self.ada.page.wait_for_timeout(secs * 1000)

    @contextmanager
    def span(self, spans: list[tuple[float, float]]) -> Iterator[None]:
        """Note when what happens inside began and ended, on the wall clock."""
        began = time.time()
        yield
        spans.append((began, time.time()))


def recorded(
    browsers: tuple[Browser, Browser],
    group: ServerGroup,
    registry: Registry,
    during: Callable[[Talk], None],
) -> Evidence:
    """Both agree, `during` happens, the visit ends; returns what its archive holds."""
    call = new_visit(group)
    mei = Seat.sign_in(browsers[0], group, PATIENT, script=clapper(MEI_HERTZ))
    ada = Seat.sign_in(browsers[1], group, AGENT, script=clapper(ADA_HERTZ))
    try:
        meet(call, mei, ada)
        ada.does("record")
        ada.does("confirm-record")
        mei.does("agree")
        for seat in (mei, ada):
            seat.sees("recording", "on")
            seat.sees("recorderLeg", "on")
        during(Talk(mei, ada))
        ada.does("end")
        ada.does("confirm-end")
        for seat in (mei, ada):
            seat.sees("callState", "ended")
    finally:
        mei.close()
        ada.close()
    row = registry.when_over(call, secs=FINALISED_SECS)
    assert row["state"] == "ready", row
    return gather(registry.archive(row["id"]))
