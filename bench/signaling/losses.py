"""What is lost when sockets break while calls set up.

Every person loses their socket at random moments and comes back after a pause, as bad networks
have it, and says in the meantime what there is to say. Twenty calls, an offer, an answer and 24
candidates each, spread over some seconds.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from bench.signaling.people import Ours, Person, people
from bench.signaling.script import CANDIDATES, candidate, sdp
from bench.signaling.servers import Place, Server

SPREAD_SECS = 2.5
CUTS_EACH = 2
HEAL_SECS = 30.0


@dataclass
class Toll:
    """Over all calls: messages sent, and what became of them."""

    sent: int = 0
    lost: int = 0
    doubled: int = 0
    reordered: int = 0
    without_offer: int = 0
    refused: Counter[str] = field(default_factory=Counter)

    @property
    def faults(self) -> int:
        return self.lost + self.doubled + self.reordered + self.without_offer

    @property
    def lost_share(self) -> float:
        return self.lost / self.sent if self.sent else 0.0


class Ear:
    """What one side was told, by the sender's own count, which travels with each message."""

    def __init__(self, person: Person) -> None:
        self.heard: list[int] = []
        self.described = asyncio.Event()
        self.offer = 0
        person.heard = self._hear

    def _hear(self, message: dict[str, Any]) -> None:
        if message["t"] == "bye":
            return
        if message["t"] == "description":
            self.offer = int(message.get("n", 1))
            self.described.set()
            self.heard.append(0)
        else:
            self.heard.append(int(message["sdp_mid"]))

    def add_to(self, toll: Toll, *, count: int) -> None:
        """`count` is how many messages the other side has sent."""
        times = Counter(self.heard)
        first = list(dict.fromkeys(self.heard))
        toll.sent += count
        toll.lost += count - len(times)
        toll.doubled += len(self.heard) - len(times)
        toll.reordered += sum(after < before for before, after in pairwise(first))


async def toll(
    servers: Sequence[Server],
    places: Sequence[Place],
    *,
    cuts: int = CUTS_EACH,
    midway: Callable[[], Awaitable[None]] | None = None,
) -> Toll:
    """Callers are on the first server and callees on the last; `midway()` does its harm then."""
    outcome = Toll()
    calls = [_call(servers, place, outcome, cuts) for place in places]
    harm = asyncio.create_task(_midway(midway)) if midway else None
    await asyncio.gather(*calls)
    if harm is not None:
        await harm
    return outcome


async def _midway(harm: Callable[[], Awaitable[None]]) -> None:
    await asyncio.sleep(SPREAD_SECS / 2)
    await harm()


async def _call(servers: Sequence[Server], place: Place, outcome: Toll, cuts: int) -> None:
    caller = people(servers[0], place)[0]
    callee = people(servers[-1], place)[1]
    await asyncio.gather(caller.join(), callee.join())
    await asyncio.gather(caller.meet(), callee.meet())
    at_callee, at_caller = Ear(callee), Ear(caller)
    cutting = [_break(person) for person in (caller, callee) for _ in range(cuts)]
    (offers, answers), _ = await asyncio.gather(
        asyncio.gather(_speak(caller, "offer"), _answer(callee, at_callee)),
        asyncio.gather(*cutting),
    )
    await _heal({at_callee: offers, at_caller: answers}, caller)
    at_callee.add_to(outcome, count=offers)
    at_caller.add_to(outcome, count=answers)
    outcome.without_offer += not at_callee.described.is_set()
    for person in (caller, callee):
        if isinstance(person, Ours):
            outcome.refused.update(error["code"] for error in person.call.errors)
            person.call.close()
        else:
            await person.bye()


async def _speak(person: Person, kind: str, **fields: int) -> int:
    """A description and its candidates, each when it is there, socket or none; how many."""
    pause = SPREAD_SECS / (CANDIDATES + 2)
    await asyncio.sleep(random.uniform(0, pause))
    person.say("description", type=kind, sdp=sdp(), **fields)
    for number in range(1, CANDIDATES + 1):
        await asyncio.sleep(pause)
        person.say("candidate", candidate=candidate(number), sdp_mid=str(number))
    return CANDIDATES + 1


async def _answer(person: Person, ear: Ear) -> int:
    """As `_speak` once the offer is here; nothing if it never comes."""
    try:
        await asyncio.wait_for(ear.described.wait(), HEAL_SECS)
    except TimeoutError:
        return 0
    return await _speak(person, "answer", to=ear.offer)


async def _break(person: Person) -> None:
    await asyncio.sleep(random.uniform(0, SPREAD_SECS))
    person.cut()


async def _heal(sent: dict[Ear, int], person: Person) -> None:
    """Wait for what is still under way: until all is there, or nothing comes any more."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + (HEAL_SECS if isinstance(person, Ours) else 2.0)
    while loop.time() < deadline:
        if all(len(set(ear.heard)) >= count for ear, count in sent.items()):
            break
        await asyncio.sleep(0.1)
    await asyncio.sleep(0.3)  # a double may follow
