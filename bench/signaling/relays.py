"""Signals between pairs that are in their calls: how late they come, and how many fit a second.

A socket of ours may say 20 things a second, so many pairs share the rate. The messages are `media`
signals of one size for everybody; each is timed from its sending to its arrival by one clock.
Ours are numbered, as always, but neither acknowledged nor resent here: that would be counted as
messages which the rivals do not send.
"""

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench.signaling.people import Ours, Person, people
from bench.signaling.servers import Place, Server

PER_SOCKET = 20
FASTER = 1.3
OPEN_AT_A_TIME = 16


@dataclass
class Delays:
    """Milliseconds from sending to arrival, and how many arrived of those that were sent."""

    p50: float
    p95: float
    p99: float
    per_second: float
    arrived: float
    load_share: float


async def meet(server: Server, places: Sequence[Place]) -> list["Voice"]:
    """Everyone of these calls, joined: two voices a call."""
    voices: list[Voice] = []
    left = list(places)

    async def go_on() -> None:
        while left:
            pair = people(server, left.pop())
            await asyncio.gather(*(person.join() for person in pair))
            await asyncio.gather(*(person.meet() for person in pair))
            voices.extend(Voice.both(pair))

    await asyncio.gather(*(go_on() for _ in range(OPEN_AT_A_TIME)))
    return voices


class Voice:
    """One direction of a call."""

    def __init__(self, speaker: Person, listener: Person) -> None:
        self._speaker = speaker
        self._sent: dict[int, float] = {}
        self._n = 0
        self._leg = ""
        if isinstance(speaker, Ours):
            self._leg = next(iter(speaker.call.peers))
        if isinstance(listener, Ours):
            listener.call.on_raw_signal = self._heard
        else:
            listener.heard = self._heard
        self.delays: list[float] = []

    @classmethod
    def both(cls, pair: tuple[Person, Person]) -> list["Voice"]:
        return [cls(*pair), cls(*reversed(pair))]

    @property
    def sent(self) -> int:
        return self._n

    def speak(self) -> None:
        self._n += 1
        self._sent[self._n] = time.perf_counter()
        if isinstance(self._speaker, Ours):
            self._speaker.call.send_raw(
                {"t": "media", "leg": self._leg, "n": self._n, "audio": True, "video": True}
            )
        else:
            self._speaker.say("media", n=self._n, audio=True, video=True)

    def _heard(self, message: dict[str, Any]) -> None:
        if sent_at := self._sent.pop(message["n"], 0.0):
            self.delays.append(time.perf_counter() - sent_at)

    def forget(self) -> None:
        self._sent.clear()
        self.delays.clear()


async def relay(voices: Sequence[Voice], *, per_second: float, secs: float) -> Delays:
    """Speak in turn, evenly spread, for so long; then wait for what is under way."""
    for voice in voices:
        voice.forget()
    already = sum(voice.sent for voice in voices)
    begun, spent = time.perf_counter(), time.process_time()
    said, total = 0, int(per_second * secs)
    while said < total:
        due = min(total, int((time.perf_counter() - begun) * per_second) + 1)
        for number in range(said, due):
            voices[number % len(voices)].speak()
        said = max(said, due)
        await asyncio.sleep(max(0.0, min(0.001, said / per_second + begun - time.perf_counter())))
    took = time.perf_counter() - begun
    load_share = (time.process_time() - spent) / took
    await asyncio.sleep(0.5)
    sent = sum(voice.sent for voice in voices) - already
    delays = [1000 * delay for voice in voices for delay in voice.delays]
    p50, p95, p99 = _percentiles(delays)
    return Delays(p50, p95, p99, len(delays) / took, len(delays) / sent, load_share)


async def at_rates(
    server: Server, places: Sequence[Place], rates: Sequence[int]
) -> list[tuple[int, Delays]]:
    """The delays at each of the rates, over the same pairs."""
    voices = await meet(server, places)
    return [(rate, await relay(voices, per_second=rate, secs=2.5)) for rate in rates]


async def most(server: Server, places: Sequence[Place], *, first: int, secs: float) -> Delays:
    """The last of ever faster rates at which p99 stays within 50 ms and none is lost.

    A rate gets a second try: one hiccup of the machine is no limit of the server.
    """
    voices = await meet(server, places)
    best = Delays(0, 0, 0, 0, 0, 0)
    rate, tries = float(first), 2
    while tries and rate <= PER_SOCKET * len(voices):
        delays = await relay(voices, per_second=rate, secs=secs)
        if delays.p99 <= 50 and delays.arrived == 1 and delays.per_second > 0.9 * rate:
            best, rate, tries = delays, rate * FASTER, 2
        else:
            tries -= 1
    return best


def _percentiles(values: list[float]) -> tuple[float, float, float]:
    if len(values) < 2:
        return 0.0, 0.0, 0.0
    cuts = statistics.quantiles(values, n=100)
    return cuts[49], cuts[94], cuts[98]
