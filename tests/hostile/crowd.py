"""Many people in many visits, who write and signal to each other and count what arrives."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from accounts.models import Role
from bench.client import Call, Refused
from calls.models import Participant
from calls.states import ParticipantState
from tests.hostile.descriptions import FINGERPRINT
from tests.support.cast import Cast, person, session_cookie, visit

# What the server answers while its database is busy; nothing changed, so it may be asked again.
PASSING = "unavailable"


@dataclass
class Seat:
    """Where somebody sits: their call, what their socket shows, and their process."""

    call: UUID
    cookie: str
    url: str


@dataclass
class Tally:
    """What was sent and arrived, over all people; each list names what is wrong, one line each."""

    facts: int = 0
    signals: int = 0
    sockets: int = 0
    resent: int = 0
    asked_again: int = 0
    wrong: list[str] = field(default_factory=list)


class Talker:
    """One person who sends `signals` signals and `chats` lines of text, evenly over `secs`."""

    def __init__(self, name: str, seat: Seat) -> None:
        self.name = name
        self.client = Call(
            f"{seat.url}/ws/calls/{seat.call}/",
            headers={"Cookie": seat.cookie, "Origin": settings.PUBLIC_URL},
        )
        self.heard: list[str] = []
        self.asked_again = 0
        self.resent = 0
        self.client.on_signal = self._hear

    async def enter(self) -> None:
        await self.client.open(secs=30)
        await self._until_done("enter")

    async def talk(self, *, signals: int, chats: int, secs: float) -> None:
        """Waits between the turns, never for what becomes of them."""
        turns = sorted(
            [(secs * (n + 0.5) / signals, "signal", n) for n in range(signals)]
            + [(secs * (n + 0.7) / chats, "chat", n) for n in range(chats)]
        )
        other = next(iter(self.client.peers))
        started = asyncio.get_running_loop().time()
        async with asyncio.TaskGroup() as asked:
            for at, kind, n in turns:
                await asyncio.sleep(started + at - asyncio.get_running_loop().time())
                if kind == "signal":
                    link = self.client.link(other)
                    link.send("description", type="offer", sdp=_marked(f"{self.name}-{n}"))
                else:
                    asked.create_task(self._until_done("chat", text=f"{self.name}-{n}"))

    def go(self) -> None:
        """Hang up, and remember how often this person had to say a signal again."""
        self.resent = sum(self.client.link(leg).resent for leg in self.client.peers)
        self.client.close()

    async def _until_done(self, t: str, **fields: str) -> None:
        while True:
            try:
                await self.client.command(t, **fields)
            except Refused as refusal:
                if refusal.code != PASSING:
                    raise
                self.asked_again += 1
                await asyncio.sleep(0.5)
            else:
                return

    def _hear(self, _leg: str, signal: dict[str, str]) -> None:
        self.heard.append(signal["sdp"].partition("s=")[2].partition("\r\n")[0])


class Pair:
    """Patient and agent of one visit."""

    def __init__(self, number: int, seats: Sequence[Seat]) -> None:
        self.people = [
            Talker(f"{role}{number}", seat) for role, seat in zip("pa", seats, strict=True)
        ]

    async def meet(self) -> None:
        for talker in self.people:
            await talker.enter()
        for talker in self.people:
            await talker.client.until(lambda: talker.client.peers, secs=60)  # noqa: B023

    def has_all(self, *, signals: int, chats: int) -> bool:
        newest = max(talker.client.last_seq for talker in self.people)
        return all(
            len(talker.heard) >= signals
            and len(written(talker)) >= 2 * chats
            and talker.client.last_seq == newest
            for talker in self.people
        )

    def judge(self, tally: Tally, *, signals: int, chats: int) -> None:
        """Add what these two sent, and every loss, double and change of order."""
        one, two = self.people
        for talker, other in ((one, two), (two, one)):
            expected = [f"{other.name}-{n}" for n in range(signals)]
            if talker.heard != expected:
                tally.wrong.append(f"{talker.name} heard {difference(talker.heard, expected)}")
            lines = written(talker)
            texts = [f"{who.name}-{n}" for who in self.people for n in range(chats)]
            if sorted(lines) != sorted(texts):
                tally.wrong.append(f"{talker.name} read {difference(lines, texts)}")
            seqs = [fact["seq"] for fact in talker.client.facts]
            if seqs != list(range(1, len(seqs) + 1)) or talker.client.faults:
                tally.wrong.append(f"{talker.name} got facts {seqs} {talker.client.faults}")
            tally.sockets += talker.client.sockets
            tally.signals += len(talker.heard)
            tally.resent += talker.resent
            tally.asked_again += talker.asked_again
        if one.client.facts != two.client.facts:
            tally.wrong.append(f"{one.name} and {two.name} do not have the same history")
        tally.facts += len(one.client.facts)


def make_seats(cast: Cast, urls: Iterable[Sequence[str]]) -> list[list[Seat]]:
    """For each pair of addresses a visit: its patient sits at the first, its agent at the other."""
    seats = []
    soon = timezone.now() + timedelta(minutes=5)
    for number, pair in enumerate(urls):
        people = [
            person(f"p{number}@example.com", f"Patient {number}", Role.PATIENT),
            person(f"a{number}@example.com", f"Agent {number}", Role.AGENT),
        ]
        call = visit(people[0], people[1], cast.service, starts_at=soon).call
        Participant.objects.filter(call=call).update(
            state=ParticipantState.ADMITTED, admitted_at=timezone.now()
        )
        seats.append(
            [Seat(call.pk, session_cookie(p), url) for p, url in zip(people, pair, strict=True)]
        )
    return seats


def written(talker: Talker) -> list[str]:
    return [str(f["data"]["text"]) for f in talker.client.facts if f["kind"] == "chat"]


def difference(got: list[str], expected: list[str]) -> str:
    """What is missing, what came twice or unasked, or that only the order differs."""
    lost = sorted(set(expected) - set(got))
    extra = sorted(name for name in set(got) if got.count(name) != 1 or name not in expected)
    return f"without {lost}, too often {extra}" if lost or extra else "another order"


def _marked(name: str) -> str:
    return f"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns={name}\r\nt=0 0\r\n{FINGERPRINT}\r\n"
