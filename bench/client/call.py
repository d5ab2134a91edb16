"""One person's place in a call: hello, facts, peers, and commands sent until they are answered."""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from typing import Self

from bench.client.line import Fields, Line
from bench.client.link import Link, Signal

# Signals whose sender is not told of yet wait here, at most so many: they will be sent again.
MAX_EARLY = 100
SIGNALS = {"description", "candidate", "media", "blank", "ack"}


class Refused(Exception):
    """The server said no to a command: `code` and a sentence."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code


class Closed(Exception):
    """The socket is closed for good, with `code`."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


class Call:
    """A client of one call: `welcome`, `ice`, `facts` and `peers` (by leg) say what is known now.

    `on_signal` gets each signal of another leg once and in order, `on_fact` each fact, `on_peers`
    all peers whenever they change. `faults` lists what the protocol promises and did not hold.
    """

    def __init__(
        self, url: str, *, headers: Mapping[str, str] | None = None, token: str | None = None
    ) -> None:
        self.leg: str | None = None
        self.welcome: Fields = {}
        self.ice: Fields = {}
        self.facts: list[Fields] = []
        self.peers: dict[str, Fields] = {}
        self.errors: list[Fields] = []
        self.faults: list[str] = []
        self.close_code: int | None = None
        self.is_connected = False
        self.on_signal: Callable[[str, Signal], None] = lambda leg, signal: None
        self.on_fact: Callable[[Fields], None] = lambda fact: None
        self.on_peers: Callable[[list[Fields]], None] = lambda peers: None
        # A program that keeps its own numbers takes signals as they come, and sends by send_raw.
        self.on_raw_signal: Callable[[Signal], None] | None = None
        self._token = token
        # The server takes signals on a socket once it has told that socket of its peers.
        self._may_signal = False
        self._is_over = False
        self._links: dict[str, Link] = {}
        self._early: list[Signal] = []
        self._commands: dict[str, tuple[Fields, asyncio.Future[int]]] = {}
        self._changed = asyncio.Event()
        self._line = Line(
            url,
            headers=headers or {},
            hello=self._hello,
            on_message=self._received,
            on_lost=self._lost,
        )

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.close()

    async def open(self, *, secs: float = 10) -> None:
        """Returns after `welcome`; raises Closed or TimeoutError. A lost socket comes back."""
        self._line.open()
        await self.until(lambda: self.is_connected, secs=secs)

    def close(self) -> None:
        """Go without a word: the place in the call is kept for a while."""
        self._is_over = True
        self._line.close()
        self.is_connected = self._may_signal = False
        self._set_peers([])

    def cut(self) -> None:
        """Lose the socket as a bad network does; it comes back after its pause."""
        self._line.cut()

    @property
    def sockets(self) -> int:
        """How many sockets were tried so far: one, and one more for each return."""
        return self._line.sockets

    async def command(self, t: str, **fields: object) -> int:
        """The number of the fact that the command became; sent again until it is answered.

        Raises Refused or Closed.
        """
        if self._is_over:
            raise Closed(self.close_code or 0)
        ref = secrets.token_hex(8)
        answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._commands[ref] = ({"t": t, "ref": ref, **fields}, answer)
        if self.is_connected:
            self._line.put(self._commands[ref][0])
        return await answer

    def send_raw(self, signal: Signal) -> None:
        """Send a signal as it is, once: without number, acknowledgement or repeat of ours."""
        self._transmit(signal)

    def link(self, leg: str) -> Link:
        """The link to a leg that is among `peers`; raises KeyError for another."""
        return self._links[leg]

    async def until(self, condition: Callable[[], object], *, secs: float = 10) -> None:
        """Wait until `condition()` holds; raises TimeoutError, or Closed if nothing can change."""
        async with asyncio.timeout(secs):
            while not condition():
                if self._is_over:
                    raise Closed(self.close_code or 0)
                self._changed.clear()
                await self._changed.wait()

    async def peer(self, role: str, *, secs: float = 10) -> Fields:
        """The first peer of that role, waited for."""
        await self.until(lambda: self._of_role(role), secs=secs)
        return self._of_role(role)[0]

    async def fact(self, kind: str, *, secs: float = 10) -> Fields:
        """The first fact of that kind, waited for."""
        await self.until(lambda: self._of_kind(kind), secs=secs)
        return self._of_kind(kind)[0]

    @property
    def last_seq(self) -> int:
        return int(self.facts[-1]["seq"]) if self.facts else 0

    def _of_role(self, role: str) -> list[Fields]:
        return [peer for peer in self.peers.values() if peer["role"] == role]

    def _of_kind(self, kind: str) -> list[Fields]:
        return [fact for fact in self.facts if fact["kind"] == kind]

    # --- The socket -------------------------------------------------------------------------------
    def _hello(self) -> Fields:
        hello: Fields = {"t": "hello", "leg": self.leg, "last_seq": self.last_seq}
        token, self._token = self._token, None  # good once
        return hello | {"token": token} if token else hello

    def _lost(self, code: int, for_good: bool) -> None:
        self.close_code = code
        self.is_connected = self._may_signal = False
        self._is_over = for_good
        if for_good:
            for _, answer in self._commands.values():
                if not answer.done():
                    answer.set_exception(Closed(code))
            self._set_peers([])
        self._changed.set()

    def _received(self, message: Fields) -> None:
        kind = message["t"]
        if kind in SIGNALS:
            (self.on_raw_signal or self._signal)(message)
        else:
            handle = getattr(self, f"_take_{kind}", None)
            if handle is not None:  # a later version may say more
                handle(message)
        self._changed.set()

    # --- What the server says ---------------------------------------------------------------------
    def _take_welcome(self, message: Fields) -> None:
        self.welcome, self.close_code = message, None
        if message["leg"] != self.leg:
            self._set_peers([])
        self.leg = message["leg"]
        self.is_connected = True
        self._line.welcomed()
        for frame, _ in self._commands.values():
            self._line.put(frame)

    def _take_ice(self, message: Fields) -> None:
        self.ice = message

    def _take_fact(self, fact: Fields) -> None:
        if fact["seq"] != self.last_seq + 1:
            self.faults.append(f"fact {fact['seq']} after {self.last_seq}")
        self.facts.append(fact)
        self.on_fact(fact)

    def _take_peers(self, message: Fields) -> None:
        self._set_peers(message["peers"])
        if not self._may_signal:
            self._may_signal = True
            for link in self._links.values():
                link.resume()
        self.on_peers(message["peers"])
        early, self._early = self._early, []
        for signal in early:
            self._signal(signal)

    def _take_ok(self, message: Fields) -> None:
        _, answer = self._commands.pop(message["ref"], ({}, None))
        if answer is not None and not answer.done():
            answer.set_result(message["seq"])

    def _take_error(self, message: Fields) -> None:
        self.errors.append(message)
        _, answer = self._commands.pop(message.get("ref") or "", ({}, None))
        if answer is not None and not answer.done():
            answer.set_exception(Refused(message["code"], message["detail"]))
        if (link := self._links.get(message.get("leg") or "")) and message.get("n"):
            link.refused(message["n"])

    # --- Signals ----------------------------------------------------------------------------------
    def _set_peers(self, peers: list[Fields]) -> None:
        self.peers = {peer["leg"]: peer for peer in peers}
        for leg in [leg for leg in self._links if leg not in self.peers]:
            self._links.pop(leg).close()
        for leg in self.peers:
            if leg not in self._links:
                self._links[leg] = self._new_link(leg)

    def _new_link(self, leg: str) -> Link:
        return Link(
            leg, transmit=self._transmit, deliver=lambda signal: self.on_signal(leg, signal)
        )

    def _transmit(self, signal: Signal) -> None:
        if self._may_signal:
            self._line.put(signal)

    def _signal(self, signal: Signal) -> None:
        link = self._links.get(signal["leg"])
        if link is not None:
            link.receive(signal)
        elif len(self._early) < MAX_EARLY:
            self._early.append(signal)
