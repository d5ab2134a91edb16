"""From the click on *Admit* to the first remote picture, with the warm room and without.

Two real pages, the real server group. The usual order, to connect only after admission, is the same
pages with warm peers hidden from them; the two take turns. Each page has a Chromium of its own: in
one, both share one fake camera, which stands still for seconds while one of them begins to use it.
"""

import time
from collections.abc import Sequence

from playwright.sync_api import Browser, Playwright, sync_playwright

from bench.report import Row, less_is_better
from tests.browser.seat import AGENT, PATIENT, Seat, new_visit
from tests.network.stage import stage
from tests.support.browser import executable, flags
from tests.support.group import ServerGroup

Took = dict[str, dict[str, list[float]]]  # order -> side -> milliseconds

ROUNDS = 7
# When the first picture of each connection was there to be shown, in ms since 1970.
FIRST_PICTURE = """
window.firstPicture = 0;
const Connection = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Connection {
    constructor(...args) {
        super(...args);
        this.addEventListener("track", ({ track }) => {
            if (track.kind !== "video") return;
            const video = document.createElement("video");
            Object.assign(video, { muted: true, srcObject: new MediaStream([track]) });
            video.requestVideoFrameCallback((now) => {
                window.firstPicture ||= performance.timeOrigin + now;
            });
            video.play().catch(() => undefined);
        });
    }
};
"""
WITHOUT_WARM = """
const Socket = window.WebSocket;
window.WebSocket = class extends Socket {
    set onmessage(take) {
        super.onmessage = take && ((event) => {
            const message = JSON.parse(event.data);
            if (message.t === "peers") message.peers = message.peers.filter(({ warm }) => !warm);
            take({ data: JSON.stringify(message) });
        });
    }
};
"""
IS_WARM = "() => window.connections.some((one) => one.connectionState === 'connected')"
ADMIT = """() => {
    const [button] = [...document.querySelectorAll('[data-action="admit"]')].filter(
        (one) => one.checkVisibility());
    const at = performance.timeOrigin + performance.now();
    button.click();
    return at;
}"""


def run() -> list[Row]:
    group = ServerGroup(JOIN_EARLY_MINUTES="1440")
    try:
        group.start()
        with sync_playwright() as driver:
            return [
                *_rows(_near(driver, group), "", goal="ours <= 150"),
                *_rows(_far(driver, group), ", 100 ms round trip", goal="ratio >= 2"),
            ]
    finally:
        group.stop()


def _near(driver: Playwright, group: ServerGroup) -> Took:
    """Both on this machine, with nothing between them."""
    browsers = [
        driver.chromium.launch(executable_path=executable(), args=flags()) for _ in range(2)
    ]
    took = _take_turns(group, browsers, group.url)
    for browser in browsers:
        browser.close()
    return took


def _far(driver: Playwright, group: ServerGroup) -> Took:
    """In network namespaces: 100 ms there and back between the two, 50 to the server."""
    with stage(group, driver) as visit:
        for host in "ab":
            visit.lab.set_line(host, delay=0.025)
        browsers = [caller.context.browser for caller in visit.both()]
        return _take_turns(group, [one for one in browsers if one], visit.web.origin)


def _take_turns(group: ServerGroup, browsers: Sequence[Browser], origin: str) -> Took:
    took: Took = {order: {"patient": [], "agent": []} for order in ("warm", "usual")}
    for number in range(1, ROUNDS + 1):
        for order, sides in took.items():
            script = FIRST_PICTURE + (WITHOUT_WARM if order == "usual" else "")
            seats = [
                Seat.sign_in(browser, group, who, script=script, origin=origin)
                for who, browser in zip((PATIENT, AGENT), browsers, strict=True)
            ]
            figures = _admit(new_visit(group), *seats, warm=order == "warm")
            for side, ms in zip(sides.values(), figures, strict=True):
                side.append(ms)
            print(f"round {number}, {order}: {figures[0]:.0f} and {figures[1]:.0f} ms")
            for seat in seats:
                seat.close()
    return took


def _rows(took: Took, where: str, *, goal: str) -> list[Row]:
    return [
        less_is_better(
            f"Admit to the first picture that the {side} sees{where}",
            "milliseconds",
            ours=took["warm"][side],
            peer=took["usual"][side],
            peer_name="connecting after admission",
            goal=goal,
        )
        for side in ("patient", "agent")
    ]


def _admit(call: str, patient: Seat, agent: Seat, *, warm: bool) -> tuple[float, float]:
    """How long after the click the patient and the agent each had a picture, in ms."""
    for seat in (patient, agent):
        seat.open(call)
    patient.join()
    patient.sees("callState", "waiting")
    agent.join()
    agent.sees("callState", "live")
    agent.page.locator('[data-action="admit"]:visible').first.wait_for()
    for seat in (patient, agent) if warm else ():
        seat.page.wait_for_function(IS_WARM)
    time.sleep(1)  # whoever admits has looked first; both pages are at rest
    clicked = agent.page.evaluate(ADMIT)
    for seat in (patient, agent):
        seat.page.wait_for_function("() => window.firstPicture > 0")
    first, second = (seat.page.evaluate("() => window.firstPicture") for seat in (patient, agent))
    return first - clicked, second - clicked
