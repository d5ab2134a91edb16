"""The whole visit, from booking to playback, by two people in two browsers, and then measured."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser

from tests.support.film import Film, develop
from tests.support.group import ServerGroup
from tests.support.people import FLASH_AND_BEEP, Someone
from tests.support.servers import wait_for

TALK_SECS = 12
# How a readable WebM file, its codecs or an Ogg page would show in a file.
READABLE = (b"\x1aE\xdf\xa3", b"webm", b"OpusHead", b"A_OPUS", b"V_VP8", b"OggS")


@contextmanager
def two_people(browser: Browser, url: str) -> Iterator[tuple[Someone, Someone]]:
    """Mei at a phone with a flashing camera, Dr. Ada at a desk."""
    mei = Someone(browser, url, "patient@example.com", script=FLASH_AND_BEEP)
    ada = Someone(browser, url, "agent@example.com", viewport={"width": 1280, "height": 800})
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
        write_to_each_other(mei, ada)
        recorded_secs, sent = be_recorded(mei, ada)
        for someone in (mei, ada):
            measured = someone.received()
            assert measured["videoFrames"] > 100
            assert measured["audioEnergy"] > 0
        assert not readable_files(server_group.data_dir)
        films = watch_the_recording(ada)
        assert not readable_files(server_group.data_dir)
        assert [*mei.faults, *ada.faults] == []
    check_film(films[0], recorded_secs=recorded_secs, sent_frames=sent[0])
    check_film(films[1], recorded_secs=recorded_secs, sent_frames=sent[1])
    assert len(films[0].beeps) >= TALK_SECS - 2
    assert max(abs(lag) for lag in films[0].lags()) <= 0.1


def enter_the_visit(mei: Someone, ada: Someone) -> None:
    mei.book("General consultation", "Dr. Ada Brandt")
    mei.page.locator('a[href*="/calls/"]').first.click()
    ada.page.goto(mei.page.url)
    mei.join()
    mei.until("callState", "waiting")
    ada.join()
    ada.page.get_by_text("Mei Lin").first.wait_for()
    ada.press("admit")
    for someone in (mei, ada):
        someone.until("callState", "live")
        someone.until("connection", "connected")


def write_to_each_other(mei: Someone, ada: Someone) -> None:
    ada.press("chat")
    ada.page.locator("[data-panel-body=chat] textarea").fill("Good morning, Mei")
    ada.page.keyboard.press("Enter")
    mei.press("chat")
    mei.page.get_by_text("Good morning, Mei").first.wait_for()
    mei.press("close-panel")


def be_recorded(mei: Someone, ada: Someone) -> tuple[float, tuple[int, int]]:
    """Both agree; returns the seconds from the start to the end, and the frames that each sent."""
    ada.press("record")
    ada.press("confirm-record")
    mei.press("agree")
    for someone in (mei, ada):
        someone.until("recording", "on")
        someone.until("recorderLeg", "on")
    started = time.monotonic()
    wait_for(lambda: time.monotonic() - started > TALK_SECS, "they talk", secs=TALK_SECS + 5)
    sent = mei.sent_to_recorder(), ada.sent_to_recorder()
    ada.press("end")
    ada.press("confirm-end")
    recorded_secs = time.monotonic() - started
    for someone in (mei, ada):
        someone.until("callState", "ended")
    return recorded_secs, sent


def watch_the_recording(ada: Someone) -> tuple[Film, Film]:
    """Open the newest recording within ten seconds of the end; returns Mei's film and Ada's."""
    ended = time.monotonic()
    ada.page.goto("/recordings/")
    address = ada.page.locator('main a[href^="/recordings/"]').first.get_attribute("href")
    ada.page.goto(str(address))
    ada.page.locator("video").first.wait_for(state="attached", timeout=10_000)
    assert time.monotonic() - ended < 10
    sources = [video.get_attribute("src") for video in ada.page.locator("video").all()]
    answers = [ada.context.request.get(str(source)) for source in sources]
    assert [answer.status for answer in answers] == [200, 200]
    part = ada.context.request.get(str(sources[0]), headers={"Range": "bytes=0-3"})
    assert (part.status, part.body()) == (206, b"\x1aE\xdf\xa3")
    first, second = (develop(answer.body()) for answer in answers)
    ada.page.get_by_text("Good morning, Mei").first.wait_for()
    return first, second


def check_film(film: Film, *, recorded_secs: float, sent_frames: int) -> None:
    assert (film.video_codec, film.audio_codec) == ("vp8", "opus")
    assert abs(film.duration_secs - recorded_secs) <= 1
    # What was sent is what is there: nothing was encoded again at another rate.
    assert abs(film.video_frames - sent_frames) <= 0.1 * sent_frames
    assert film.loudest > 0.1


def readable_files(folder: Path) -> list[Path]:
    """Files of the recordings and the spool that hold anything like media in the clear."""
    files = [
        path
        for name in ("spool", "recordings", "media")
        for path in (folder / name).rglob("*")
        if path.is_file()
    ]
    return [path for path in files if any(mark in path.read_bytes() for mark in READABLE)]
