"""A switch between network cards in software, whose lines lose, delay, throttle and block."""

import asyncio
import os
import random
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

IPV4 = b"\x08\x00"
PROTOCOLS = {"tcp": 6, "udp": 17}
BURST = 64
QUEUE_SECS = 0.3


@dataclass
class Line:
    """One host's cable; what is set holds in each direction.

    `loss` is a share, `delay` seconds, `rate` bits a second (0: as fast as it goes).
    """

    loss: float = 0.0
    delay: float = 0.0
    rate: float = 0.0
    cut: bool = False
    # Protocols, or protocols with a port, that do not pass: ("udp", None), ("tcp", 3478).
    blocked: set[tuple[str, int | None]] = field(default_factory=set)
    free_at: dict[bool, float] = field(default_factory=lambda: {True: 0.0, False: 0.0})


class Switch:
    """Passes Ethernet frames on between the cards (name -> file descriptor) of a running loop."""

    def __init__(self, cards: Mapping[str, int], *, seed: int = 1) -> None:
        self.lines = {name: Line() for name in cards}
        # Pairs that do not reach each other; others still reach both.
        self.apart: set[frozenset[str]] = set()
        self._cards = dict(cards)
        self._known: dict[bytes, str] = {}
        self._chance = random.Random(seed)
        self._loop = asyncio.get_running_loop()
        for name, card in self._cards.items():
            self._loop.add_reader(card, self._read, name, card)

    def close(self) -> None:
        for card in self._cards.values():
            self._loop.remove_reader(card)

    def _read(self, name: str, card: int) -> None:
        for _ in range(BURST):
            try:
                frame = os.read(card, 65536)
            except OSError:  # nothing more, or the host is gone
                return
            self._known[frame[6:12]] = name
            self._pass_on(name, frame)

    def _pass_on(self, sender: str, frame: bytes) -> None:
        known = self._known.get(frame[:6])
        receivers = [known] if known and not frame[0] & 1 else [*self._cards]
        after = self._cross(self.lines[sender], frame, up=True, after=0.0)
        for receiver in receivers:
            if after is None or receiver == sender or frozenset((sender, receiver)) in self.apart:
                continue
            arrival = self._cross(self.lines[receiver], frame, up=False, after=after)
            if arrival == 0.0:
                self._write(receiver, frame)
            elif arrival is not None:
                self._loop.call_later(arrival, self._write, receiver, frame)

    def _cross(self, line: Line, frame: bytes, *, up: bool, after: float) -> float | None:
        """When the frame is through the line, in seconds from now; None if it is lost there."""
        if line.cut or (line.blocked and _is_blocked(line, frame)):
            return None
        if line.loss and self._chance.random() < line.loss:
            return None
        if line.rate:
            entry = self._loop.time() + after
            begin = max(entry, line.free_at[up])
            if begin - entry > QUEUE_SECS:
                return None
            line.free_at[up] = begin + len(frame) * 8 / line.rate
            after += line.free_at[up] - entry
        return after + line.delay

    def _write(self, name: str, frame: bytes) -> None:
        if self.lines[name].cut:
            return
        try:
            os.write(self._cards[name], frame)
        except OSError:  # its queue is full, or its interface down: lost, as on a real line
            return


def _is_blocked(line: Line, frame: bytes) -> bool:
    """Whether a rule of the line is against this frame (IPv4, first fragments)."""
    if frame[12:14] != IPV4:
        return False
    start = 14 + (frame[14] & 0x0F) * 4
    source, target = struct.unpack_from("!HH", frame, start)
    return any(
        frame[23] == PROTOCOLS[protocol] and port in (None, source, target)
        for protocol, port in line.blocked
    )
