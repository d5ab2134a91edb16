"""How much a real Chromium sends to our recorder, beside what it sends to another Chromium.

The same fake camera and microphone, the same cap, one after the other in the same browser; counted
are the bytes that the sender says have gone out, on loopback, where none is lost.
"""

import asyncio
from typing import Any

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from playwright.async_api import Page, async_playwright

from bench.report import Row
from calls.archive.segments import EncodedFrame, Record
from calls.recorder.tap import EncodedTap
from tests.support.browser import executable, flags

CAP_BPS = 600_000
SOUND_BPS = 128_000
EARLY_SECS, ALL_SECS = 10, 27
_PAGE = "http://localhost/bench"
GOAL = "ratio >= 0.95"
# The page's side: an offer that sends only, with all its candidates in it.
_SCRIPT = """
window.begin = async (cap) => {
  const stream = await navigator.mediaDevices.getUserMedia(
    { audio: true, video: { width: 640, height: 480, frameRate: 30 } });
  const sender = window.sender = new RTCPeerConnection();
  for (const track of stream.getTracks()) {
    const encodings = track.kind === 'video' ? [{ maxBitrate: cap }] : [{}];
    sender.addTransceiver(track, { direction: 'sendonly', sendEncodings: encodings });
  }
  await sender.setLocalDescription();
  await new Promise((done) => {
    sender.onicegatheringstatechange = () => sender.iceGatheringState === 'complete' && done();
  });
  return sender.localDescription.sdp;
};
window.accept = async (sdp) => {
  const connected = new Promise((done) => {
    window.sender.onconnectionstatechange = () =>
      window.sender.connectionState === 'connected' && done();
  });
  await window.sender.setRemoteDescription({ type: 'answer', sdp });
  await connected;
};
window.meet = async (sdp) => {
  const receiver = window.receiver = new RTCPeerConnection();
  await receiver.setRemoteDescription({ type: 'offer', sdp });
  await receiver.setLocalDescription();
  await new Promise((done) => {
    receiver.onicegatheringstatechange = () => receiver.iceGatheringState === 'complete' && done();
  });
  return receiver.localDescription.sdp;
};
window.sent = async () => {
  let bytes = 0;
  let size = '';
  for (const report of (await window.sender.getStats()).values()) {
    if (report.type === 'outbound-rtp') {
      bytes += report.bytesSent;
      size = report.frameWidth ? `${report.frameWidth}x${report.frameHeight}` : size;
    }
  }
  return [bytes, size];
};
window.end = () => { window.sender.close(); window.receiver?.close(); };
undefined;
"""


def run() -> list[Row]:
    return asyncio.run(_run())


async def _run() -> list[Row]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable(), args=flags())
        page = await browser.new_page()
        # A page may use the camera on localhost; this one comes from nowhere.
        await page.route(_PAGE, lambda route: route.fulfill(content_type="text/html", body=""))
        await page.goto(_PAGE)
        await page.evaluate(_SCRIPT)
        theirs = await _to_chromium(page)
        ours = await _to_recorder(page)
        await browser.close()
    return [
        Row(
            what=f"sent by a Chromium in the first {secs} s",
            unit="kilobytes, under the same cap",
            ours=round(ours[number] / 1000, 1),
            peer=round(theirs[number] / 1000, 1),
            peer_name="another Chromium",
            ratio=round(ours[number] / theirs[number], 3),
            goal=GOAL,
            holds=ours[number] >= 0.95 * theirs[number],
        )
        for number, secs in enumerate((EARLY_SECS, ALL_SECS))
    ]


async def _to_chromium(page: Page) -> list[int]:
    offer = await page.evaluate("begin", CAP_BPS)
    await page.evaluate("accept", await page.evaluate("meet", offer))
    return await _count(page, "another Chromium")


async def _to_recorder(page: Page) -> list[int]:
    taken = 0

    def take(record: Record) -> None:
        nonlocal taken
        taken += len(record.data) if isinstance(record, EncodedFrame) else 0

    offer = await page.evaluate("begin", CAP_BPS)
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    tap = EncodedTap(peer, take, max_bitrate_bps=CAP_BPS + SOUND_BPS)
    await peer.setRemoteDescription(RTCSessionDescription(offer, "offer"))
    tap.attach()
    await peer.setLocalDescription(await peer.createAnswer())
    await page.evaluate("accept", peer.localDescription.sdp)
    counts = await _count(page, "our recorder")
    print(f"  kept: {taken} bytes of frames, {tap.counters}")
    await tap.close()
    await peer.close()
    return counts


async def _count(page: Page, name: str) -> list[int]:
    counts: list[int] = []
    for wait_secs in (EARLY_SECS, ALL_SECS - EARLY_SECS):
        await asyncio.sleep(wait_secs)
        sent: list[Any] = await page.evaluate("sent()")
        counts.append(int(sent[0]))
        print(f"  to {name}: {sent[0]} bytes, {sent[1]}", flush=True)
    await page.evaluate("end()")
    return counts
