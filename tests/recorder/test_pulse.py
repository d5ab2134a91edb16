"""One timer for all, in real time."""

import asyncio
import time

import pytest

from calls.recorder.pulse import BEAT_SECS, Pulse
from tests.recorder.peers import until


async def test_it_beats_for_all_and_wakes_who_sleeps() -> None:
    pulse = Pulse.of_this_loop()
    assert Pulse.of_this_loop() is pulse
    heard: list[float] = []
    pulse.add(heard.append)
    begun = time.time()
    await pulse.sleep(3 * BEAT_SECS)
    assert heard
    assert all(begun < at <= time.time() for at in heard)
    pulse.remove(heard.append)
    count = len(heard)
    await pulse.sleep(2 * BEAT_SECS)
    assert len(heard) == count


async def test_it_goes_on_when_a_listener_fails(caplog: pytest.LogCaptureFixture) -> None:
    pulse = Pulse.of_this_loop()
    heard: list[float] = []

    def fail(now: float) -> None:
        raise RuntimeError("not today")

    pulse.add(fail)
    pulse.add(heard.append)
    await until(lambda: len(heard) >= 2)
    pulse.remove(fail)
    pulse.remove(fail)
    pulse.remove(heard.append)
    assert "A beat was missed." in caplog.text


async def test_it_forgets_who_is_cancelled_while_sleeping() -> None:
    pulse = Pulse.of_this_loop()
    sleeper = asyncio.create_task(pulse.sleep(BEAT_SECS))
    other = asyncio.create_task(pulse.sleep(BEAT_SECS))
    await asyncio.sleep(0)
    sleeper.cancel()
    await other
    assert sleeper.cancelled()
