"""Somebody in front of a browser: signs in, books, joins, talks; and what their page measured."""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from tests.support.browser import let_go

PASSWORD = "parlour-demo"

# Keeps every connection that the page makes, so that a test can read its statistics, and watches
# those that receive nothing, the ones to the recorder: pictures sent, from when until when, and
# the encoded bytes of picture and sound, each counted once however often it was sent.
KEEP_CONNECTIONS = """
window.connections = [];
window.toRecorder = { frames: 0, bytes: 0, from: 0, until: 0 };
setInterval(async () => {
  for (const connection of window.connections) {
    const rows = [...(await connection.getStats()).values()];
    if (rows.some((row) => row.type === "inbound-rtp")) continue;
    const sent = rows.filter((row) => row.type === "outbound-rtp");
    const frames = sent.find((row) => row.kind === "video")?.framesSent ?? 0;
    if (frames <= window.toRecorder.frames) continue;
    const from = window.toRecorder.from || performance.now();
    const bytes = sent.reduce((sum, row) => sum + row.bytesSent - row.retransmittedBytesSent, 0);
    window.toRecorder = { frames, bytes, from, until: performance.now() };
  }
}, 100);
window.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(...args) { super(...args); window.connections.push(this); }
};
"""
# A camera and a microphone that flash and beep for a tenth of a second, together, every second.
FLASH_AND_BEEP = """
navigator.mediaDevices.getUserMedia = async () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 480 });
  const picture = canvas.getContext("2d");
  const audio = new AudioContext();
  await audio.resume();
  const tone = new OscillatorNode(audio, { frequency: 1000 });
  const level = new GainNode(audio, { gain: 0 });
  const out = new MediaStreamAudioDestinationNode(audio);
  tone.connect(level).connect(out);
  tone.start();
  const first = Math.ceil(audio.currentTime) + 1;
  for (let second = first; second < first + 240; second += 1) {
    level.gain.setValueAtTime(0.8, second);
    level.gain.setValueAtTime(0, second + 0.1);
  }
  setInterval(() => {
    const now = audio.currentTime;
    picture.fillStyle = now >= first && now % 1 < 0.1 ? "white" : "black";
    picture.fillRect(0, 0, 640, 480);
  }, 10);
  return new MediaStream([...out.stream.getTracks(), ...canvas.captureStream(30).getTracks()]);
};
"""
RECEIVED = """async () => {
  const sum = { videoFrames: 0, audioEnergy: 0 };
  for (const connection of window.connections) {
    for (const row of (await connection.getStats()).values()) {
      if (row.type === "inbound-rtp") {
        sum.videoFrames += row.framesDecoded ?? 0;
        sum.audioEnergy += row.totalAudioEnergy ?? 0;
      }
    }
  }
  return sum;
}"""


@dataclass(frozen=True)
class Sent:
    """Pictures, encoded bytes of picture and sound together, and for how many seconds."""

    frames: int
    encoded_bytes: int
    secs: float


class Someone:
    """One person with a browser of their own."""

    def __init__(
        self, browser: Browser, url: str, email: str, *, script: str = "", **context: Any
    ) -> None:
        self.context: BrowserContext = browser.new_context(base_url=url, **context)
        self.context.set_default_timeout(20_000)
        self.context.add_init_script(KEEP_CONNECTIONS + script)
        self.page: Page = self.context.new_page()
        self.faults: list[str] = []
        self.page.on("pageerror", lambda fault: self.faults.append(str(fault)))
        self.page.on(
            "response",
            lambda answer: self.faults.append(answer.url) if answer.status >= 500 else None,
        )
        self._sign_in(email)

    def _sign_in(self, email: str) -> None:
        self.page.goto("/account/login/")
        self.page.fill("input[name=login]", email)
        self.page.fill("input[name=password]", PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url("**/home/")

    def book(self, service: str, agent: str) -> str:
        """Book the first free time; returns the address of the appointment."""
        self.page.goto("/book/")
        self.page.get_by_role("link", name=service).click()
        self.page.get_by_role("link", name=agent).click()
        self.page.locator("a.slot").first.click()
        self.page.get_by_role("button", name="Book this visit").click()
        self.page.wait_for_url("**/appointments/*/")
        return self.page.url

    def join(self) -> None:
        """Pass the device check of the call page that is open."""
        self.until("callState", "lobby")
        self.press("join")

    def downloads(self) -> list[bytes]:
        """The files that the playback page on screen plays, in its order."""
        # The page's script gives each picture its address, which may be after it is there.
        videos = self.page.locator("video")
        videos.first.wait_for(state="attached")
        self.page.locator("video[src]").nth(videos.count() - 1).wait_for(state="attached")
        answers = [
            self.context.request.get(str(video.get_attribute("src"))) for video in videos.all()
        ]
        assert [answer.status for answer in answers] == [200] * len(answers)
        return [answer.body() for answer in answers]

    def press(self, action: str) -> None:
        self.page.locator(f'[data-action="{action}"]:visible').first.click()

    def until(self, key: str, value: str, *, secs: float = 20) -> None:
        """Wait for the page to say so: `callState`, `connection`, `recording`, `recorderLeg`."""
        name = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in key)
        self.page.wait_for_selector(
            f'html[data-{name}="{value}"]', state="attached", timeout=secs * 1000
        )

    def received(self) -> dict[str, float]:
        """What this page has decoded from others: `videoFrames`, `audioEnergy`."""
        measured: dict[str, float] = self.page.evaluate(RECEIVED)
        return measured

    def sent_to_recorder(self) -> Sent:
        """What this page has sent to the recorder so far."""
        sent = self.page.evaluate("() => window.toRecorder")
        secs = (sent["until"] - sent["from"]) / 1000
        return Sent(frames=int(sent["frames"]), encoded_bytes=int(sent["bytes"]), secs=secs)

    def close(self) -> None:
        let_go(self.context)
