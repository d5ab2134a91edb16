"""From the click on *Admit* to the first remote picture, with the warm room and without.

Two real pages in one Chromium, the real server group. The usual order, to connect only after
admission, is the same pages with warm peers hidden from them; the two take turns.
"""

import time

from playwright.sync_api import sync_playwright

from bench.report import Row, less_is_better
from tests.browser.seat import AGENT, PATIENT, Seat, new_visit
from tests.support.browser import FLAGS
from tests.support.group import ServerGroup
from tests.support.servers import program

ROUNDS = 5
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
    took: dict[str, dict[str, list[float]]] = {
        order: {"patient": [], "agent": []} for order in ("warm", "usual")
    }
    try:
        group.start()
        with sync_playwright() as playwright:
            executable = program("chromium", "chromium-browser", "google-chrome")
            browser = playwright.chromium.launch(
                executable_path=executable, args=[*FLAGS, "--no-sandbox"]
            )
            for number in range(1, ROUNDS + 1):
                for order, sides in took.items():
                    script = FIRST_PICTURE + (WITHOUT_WARM if order == "usual" else "")
                    seats = [
                        Seat.sign_in(browser, group, who, script=script) for who in (PATIENT, AGENT)
                    ]
                    figures = _admit(new_visit(group), *seats, warm=order == "warm")
                    for side, ms in zip(sides.values(), figures, strict=True):
                        side.append(ms)
                    print(f"round {number}, {order}: {figures[0]:.0f} and {figures[1]:.0f} ms")
                    for seat in seats:
                        seat.page.context.close()
            browser.close()
    finally:
        group.stop()
    return [
        less_is_better(
            f"Admit to the first picture that the {side} sees",
            "milliseconds",
            ours=took["warm"][side],
            peer=took["usual"][side],
            peer_name="connecting after admission",
            goal="ours <= 150",
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
