"""The whole visit, from booking to playback, by two people in two browsers, and then measured."""

import statistics
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from playwright.sync_api import Browser

from tests.support.axe import STILL, faults
from tests.support.film import Film, develop
from tests.support.group import ServerGroup
from tests.support.people import FLASH_AND_BEEP, Sent, Someone
from tests.support.servers import wait_for

TALK_SECS = 12
# How a readable WebM file, its codecs or an Ogg stream would show in a file; each too long to be
# there by chance in some megabytes of ciphertext.
MARKS = (b"\x42\x82\x84webm", b"OpusHead", b"A_OPUS", b"\x86\x85V_VP8", b"OggS\x00\x02\x00\x00")
# By more than this no ciphertext of any size can be packed; the length of a file that is still
# being made, 36 zero bytes, can.
PACKED_BYTES = 256


@contextmanager
def two_people(browser: Browser, url: str) -> Iterator[tuple[Someone, Someone]]:
    """Mei at a phone with a flashing camera, Dr. Ada at a desk."""
    mei = Someone(browser, url, "patient@example.com", script=FLASH_AND_BEEP)
    ada = Someone(
        browser, url, "agent@example.com", viewport={"width": 1280, "height": 800}, **STILL
    )
    try:
        yield mei, ada
    finally:
        mei.close()
        ada.close()


def test_it_takes_a_visit_from_booking_to_playback(
    chromium: Browser, server_group: ServerGroup
) -> None:
    with two_people(chromium, server_group.url) as (mei, ada):
        enter_the_visit(mei, ada)
        sent = be_recorded(mei, ada)
        check_files(server_group.data_dir)
        films = watch_the_recording(ada)
        check_files(server_group.data_dir)
        assert faults(ada.page) == []
        assert [*mei.faults, *ada.faults] == []
    for film, measured in zip(films, sent, strict=True):
        check_film(film, measured)
    lags = films[0].lags()
    assert len(lags) >= TALK_SECS - 3
    # A machine that stalls here loses samples before any encoder; tests/content measures how exact.
    assert abs(statistics.median(lags)) <= 0.1


def enter_the_visit(mei: Someone, ada: Someone) -> None:
    mei.book("General consultation", "Dr. Ada Brandt")
    mei.page.locator('a[href*="/calls/"]').first.click()
    ada.page.goto(mei.page.url)
    mei.join()
    mei.until("callState", "waiting")
    ada.join()
    ada.page.get_by_text("Mei Lin").locator("visible=true").first.wait_for()
    ada.press("admit")
    for someone in (mei, ada):
        someone.until("callState", "live")
        someone.until("connection", "connected")


def write_to_each_other(mei: Someone, ada: Someone) -> None:
    ada.press("chat")
    ada.page.locator("[data-panel-body=chat] textarea").fill("Good morning, Mei")
    ada.page.keyboard.press("Enter")
    mei.press("chat")
    mei.page.get_by_text("Good morning, Mei").locator("visible=true").first.wait_for()
    mei.press("close-panel")


def be_recorded(mei: Someone, ada: Someone) -> list[Sent]:
    """Both agree and are seen and heard by each other meanwhile.

    Returns for each what their page has sent to the recorder.
    """
    ada.press("record")
    ada.press("confirm-record")
    mei.press("agree")
    for someone in (mei, ada):
        someone.until("recording", "on")
        someone.until("recorderLeg", "on")
    started = time.monotonic()
    write_to_each_other(mei, ada)
    wait_for(lambda: time.monotonic() - started > TALK_SECS, "they talk", secs=TALK_SECS + 5)
    for someone in (mei, ada):
        measured = someone.received()
        assert measured["videoFrames"] > 100
        assert measured["audioEnergy"] > 0
    ada.press("end")
    ada.press("confirm-end")
    for someone in (mei, ada):
        someone.until("callState", "ended")
    return [mei.sent_to_recorder(), ada.sent_to_recorder()]


def watch_the_recording(ada: Someone) -> tuple[Film, Film]:
    """Open the newest recording within ten seconds of the end; returns Mei's film and Ada's."""
    ended = time.monotonic()
    ada.page.goto("/recordings/")
    address = ada.page.locator('main a[href^="/recordings/"]').first.get_attribute("href")
    ada.page.goto(str(address))
    ada.page.locator("video").first.wait_for(state="attached", timeout=10_000)
    assert time.monotonic() - ended < 10
    downloads = ada.downloads()
    assert all(shows(content) and packs(content) for content in downloads)
    first, second = (develop(content) for content in downloads)
    source = ada.page.locator("video").first.get_attribute("src")
    part = ada.context.request.get(str(source), headers={"Range": "bytes=0-3"})
    assert (part.status, part.body()) == (206, b"\x1aE\xdf\xa3")
    ada.page.get_by_text("Good morning, Mei").locator("visible=true").first.wait_for()
    return first, second


def check_film(film: Film, sent: Sent) -> None:
    assert (film.video_codec, film.audio_codec) == ("vp8", "opus")
    assert abs(film.duration_secs - sent.secs) <= 1
    # What was sent is what is there, frame by frame and byte by byte: nothing was encoded again.
    assert abs(film.video_frames - sent.frames) <= 0.1 * sent.frames
    assert abs(film.encoded_bytes - sent.encoded_bytes) <= 0.15 * sent.encoded_bytes
    assert film.loudest > 0.1


def check_files(folder: Path) -> None:
    """There is something of the recording on the disk, and none of it is media in the clear.

    Also while the files are being made: one that is renamed or removed meanwhile is passed over.
    """
    contents = {}
    for name in ("spool", "recordings", "media"):
        for path in (folder / name).rglob("*"):
            with suppress(FileNotFoundError, IsADirectoryError):
                contents[path] = path.read_bytes()
    assert contents
    assert [path for path, content in contents.items() if shows(content) or packs(content)] == []


def shows(content: bytes) -> bool:
    return any(mark in content for mark in MARKS)


def packs(content: bytes) -> bool:
    return len(content) - len(zlib.compress(content)) > PACKED_BYTES
