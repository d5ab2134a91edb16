"""A visit in the laboratory: web process, relay and two browsers, each on a host of its own."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser, Playwright

from config.devgroup import environment
from tests.browser.seat import AGENT, PASSWORD, PATIENT, new_visit
from tests.support.browser import executable, flags
from tests.support.group import ROOT, ServerGroup
from tests.support.netlab import Host, Lab, laboratory
from tests.support.people import KEEP_CONNECTIONS
from tests.support.relay import SECRET, Relay, certificate
from tests.support.servers import wait_for

WEB_PORT = 8000
# When each kind of media last grew, by the clock that all hosts share.
WATCH_ARRIVALS = """
window.arrivals = { audio: [], video: [] };
const heard = new WeakMap();
setInterval(async () => {
  for (const connection of window.connections) {
    if (connection.connectionState === "closed") continue;
    const before = heard.get(connection) ?? { audio: 0, video: 0 };
    for (const row of (await connection.getStats()).values()) {
      if (row.type !== "inbound-rtp") continue;
      const now = row.kind === "audio" ? row.packetsReceived : row.framesDecoded ?? 0;
      if (now > before[row.kind]) window.arrivals[row.kind].push(Date.now());
      before[row.kind] = now;
    }
    heard.set(connection, before);
  }
}, 100);
"""
FIRST_AFTER = "([kind, at]) => window.arrivals[kind].find((moment) => moment > at) ?? null"
HEARD = """async () => {
  let energy = 0;
  for (const connection of window.connections)
    for (const row of (await connection.getStats()).values())
      if (row.type === "inbound-rtp") energy += row.totalAudioEnergy ?? 0;
  return energy;
}"""
ROUTES = """async () => {
  const routes = [];
  for (const connection of window.connections) {
    if (connection.connectionState !== "connected") continue;
    const rows = await connection.getStats();
    for (const row of rows.values()) {
      const pair = row.type === "transport" && rows.get(row.selectedCandidatePairId);
      if (!pair) continue;
      const [local, remote] = [rows.get(pair.localCandidateId), rows.get(pair.remoteCandidateId)];
      routes.push([local.candidateType, local.relayProtocol ?? "", remote.candidateType]);
    }
  }
  return routes;
}"""


class Caller:
    """One person's page on one host. `frames` are all texts of their sockets, both ways."""

    def __init__(self, host: Host, browser: Browser, origin: str, email: str) -> None:
        self.host = host
        self.context = browser.new_context(base_url=origin)
        self.context.set_default_timeout(30_000)
        self.context.add_init_script(KEEP_CONNECTIONS + WATCH_ARRIVALS)
        self.page = self.context.new_page()
        self.frames: list[str] = []
        # When each text of `frames` came by.
        self.moments: list[float] = []
        self.page.on("websocket", self._listen)
        self.page.goto("/account/login/")
        self.page.fill("[name=login]", email)
        self.page.fill("[name=password]", PASSWORD)
        self.page.press("[name=password]", "Enter")
        self.page.wait_for_url("**/home/")

    def _listen(self, socket: Any) -> None:
        socket.on("framesent", self._keep)
        socket.on("framereceived", self._keep)

    def _keep(self, text: str | bytes) -> None:
        self.frames.append(str(text))
        self.moments.append(time.time())

    def count(self, *words: str) -> int:
        """How many of the texts say all these words."""
        return sum(all(word in text for word in words) for text in self.frames)

    def told_after(self, moment: float, *words: str, secs: float = 30) -> float:
        """Seconds from `moment` until a text with all these words went by."""

        def since() -> list[float]:
            self.page.wait_for_timeout(20)  # lets Playwright hand over what it has
            kept = zip(self.frames, self.moments, strict=True)
            return [at for text, at in kept if at > moment and all(word in text for word in words)]

        wait_for(since, f"{' '.join(words)} at {self.host.name}", secs=secs)
        return since()[0] - moment

    def stay(self, secs: float) -> None:
        """Let so much of the visit go by."""
        self.page.wait_for_timeout(secs * 1000)

    def open(self, call: str) -> None:
        self.page.goto(f"/calls/{call}/")
        self.until("call-state", "lobby")
        self.press("join")

    def press(self, action: str) -> None:
        self.page.locator(f'[data-action="{action}"]:visible:enabled').first.click()

    def until(self, name: str, value: str, *, secs: float = 30) -> None:
        """Wait for the page to say so of itself (data-* of its root)."""
        selector = f'html[data-{name}="{value}"]'
        self.page.wait_for_selector(selector, state="attached", timeout=secs * 1000)

    def says(self, name: str) -> str:
        return self.page.locator("html").get_attribute(f"data-{name}") or ""

    def media_after(self, moment: float, kind: str = "video", *, secs: float = 30) -> float:
        """Seconds from `moment` (time.time) until media of that kind came in again."""
        found: list[float] = []

        def came() -> bool:
            arrival = self.page.evaluate(FIRST_AFTER, [kind, moment * 1000])
            if arrival is not None:
                found.append(arrival / 1000)
            return arrival is not None

        wait_for(came, f"{kind} at {self.host.name}", secs=secs)
        return found[0] - moment

    def heard(self) -> float:
        """The energy of the sound that has come in so far."""
        return float(self.page.evaluate(HEARD))

    def routes(self) -> list[list[str]]:
        """Local type, protocol to the relay, remote type of each connection that stands."""
        found: list[list[str]] = self.page.evaluate(ROUTES)
        return found


class Web:
    """One more web process for the data of a server group, in the laboratory."""

    def __init__(self, host: Host, group: ServerGroup, extra: dict[str, str]) -> None:
        self.origin = f"http://{host.address}:{WEB_PORT}"
        self._env = environment(data_dir=group.data_dir, port=WEB_PORT, given=group.env) | {
            "PUBLIC_URL": self.origin,
            "WEB_HOST": host.address,
            **extra,
        }
        self._host = host
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = self._host.command(sys.executable, "-m", "config.web")
        self._process = subprocess.Popen(command, cwd=ROOT, env=self._env, stdin=subprocess.DEVNULL)

    def wait(self) -> float:
        """Returns when it listens: the moment, by time.time."""
        wait_for(self._listens, "the web process listens", secs=90)
        return time.time()

    def _listens(self) -> bool:
        """Whether a socket of its namespace is in LISTEN (0A) at its address."""
        if self._process is None or self._process.poll() is not None:
            raise RuntimeError("the web process ended")
        rows = Path(f"/proc/{self._process.pid}/net/tcp").read_text().splitlines()[1:]
        words = [row.split() for row in rows]
        octets = bytes(map(int, self._host.address.split(".")))
        local = f"{octets[::-1].hex().upper()}:{WEB_PORT:04X}"
        return any(row[1] == local and row[3] == "0A" for row in words)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=10)
            self._process = None


class Stage:
    """Everything of one trial: Mei is on host `a`, Dr. Ada on host `b`."""

    def __init__(
        self, lab: Lab, web: Web, relay: Relay, call: str, mei: Caller, ada: Caller
    ) -> None:
        self.lab, self.web, self.relay, self.call = lab, web, relay, call
        self.mei, self.ada = mei, ada

    def both(self) -> tuple[Caller, Caller]:
        return self.mei, self.ada

    def meet(self) -> float:
        """Go through the visit's doors; returns the seconds from Admit to both seeing the other."""
        self.mei.open(self.call)
        self.mei.until("call-state", "waiting")
        self.ada.open(self.call)
        self.ada.until("call-state", "live")
        at = time.time()
        self.ada.press("admit")
        self.mei.until("call-state", "live")
        return max(person.media_after(at) for person in self.both())

    def back_after(self, moment: float, *, secs: float = 30, settle: float = 0.5) -> float:
        """Seconds from `moment` until both see the other again.

        What comes within `settle` may have been on its way before.
        """
        since = moment + settle
        return settle + max(one.media_after(since, secs=secs) for one in self.both())


@contextmanager
def stage(group: ServerGroup, driver: Playwright, **extra: str) -> Iterator[Stage]:
    """A visit that can begin; `extra` are settings of the web process."""
    with ExitStack() as stack:
        lab = stack.enter_context(laboratory("srv", "turn", "a", "b"))
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="parlour-stage-")))
        relay = _relay(lab["turn"], folder)
        stack.callback(relay.stop)
        relay.start()
        web = Web(lab["srv"], group, {**_relay_settings(lab["turn"].address), **extra})
        stack.callback(web.kill)
        web.start()
        web.wait()
        callers = []
        for name, email in (("a", PATIENT), ("b", AGENT)):
            browser = driver.chromium.launch(
                executable_path=lab[name].wrapper(executable()),
                args=[*flags(), "--ignore-certificate-errors",
                      f"--unsafely-treat-insecure-origin-as-secure={web.origin}"],
            )  # fmt: skip
            stack.callback(browser.close)
            callers.append(Caller(lab[name], browser, web.origin, email))
        yield Stage(lab, web, relay, new_visit(group), *callers)


def _relay(host: Host, folder: Path) -> Relay:
    home = folder / "relay"
    home.mkdir()
    options = [f"--listening-ip={host.address}", f"--relay-ip={host.address}",
               "--tls-listening-port=443", *certificate(home, host.address)]  # fmt: skip
    return Relay(home, options, within=host.command())


def _relay_settings(address: str) -> dict[str, str]:
    return {
        "STUN_URLS": f"stun:{address}:3478",
        "TURN_URLS": f"turn:{address}:3478?transport=udp,turn:{address}:3478?transport=tcp,"
        f"turns:{address}:443?transport=tcp",
        "TURN_SECRET": SECRET,
    }
