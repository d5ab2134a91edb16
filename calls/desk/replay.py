"""A day at the desk once more, under any policy: a simulation of events over what was recorded.

Recorded, and the same under every policy: who came when and needed what, where a supervisor moved
them and whose they were to be for a while, if they still wait by then, how long it takes to be
picked up, to talk and to wrap up, how long somebody is willing to wait, and when each agent wanted
contacts. Decided anew by the router: who is offered to whom, and hence when.

Agents decline and miss nothing here: that is what a policy leads to. Times are seconds since 1970.
"""

import heapq
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from enum import IntEnum
from math import inf
from uuid import UUID

from calls.desk.router import route
from calls.desk.snapshot import Agent, Need, Policy, Snapshot, Waiting


@dataclass(frozen=True, slots=True)
class Stage:
    """What somebody needs, and how urgently, from so long after their arrival on.

    `reserved_for`: the only agent who may get them until the next stage.
    """

    after_secs: float
    need: Need
    priority: int = 0
    reserved_for: UUID | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody who came. In line from the first of the `stages` on, which are in order.

    `patience_secs`: gives up after so long without an answer; None for who would have stayed.
    """

    pk: UUID
    arrived: float
    stages: tuple[Stage, ...]
    talk_secs: float
    wrap_up_secs: float = 0.0
    pickup_secs: float = 0.0
    patience_secs: float | None = None
    last_agent: UUID | None = None


@dataclass(frozen=True, slots=True)
class Staff:
    """An agent, idle at first, and from when until when they wanted contacts."""

    agent: Agent
    shifts: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """`agent`: who answered, after `waited_secs`; None if nobody did until they gave up, or until
    the end of the day."""

    waited_secs: float
    agent: UUID | None


def replay(
    contacts: Collection[Contact], staff: Collection[Staff], policy: Policy, *, until: float
) -> dict[UUID, Outcome]:
    """What became of everybody, by contact; who still waits at `until` has waited that long."""
    return _Day(contacts, staff, policy).run(until)


def changes(before: Policy, after: Policy) -> str:
    """One sentence on what `after` does otherwise than `before`."""
    said = list(_changes(before, after))
    if not said:
        return f"{after.name} decides as {before.name} does."
    return f"With {after.name} {', and '.join(said)}."


def _changes(before: Policy, after: Policy) -> Iterator[str]:
    if before.heeds_priority and not after.heeds_priority:
        yield "whoever has waited longest comes first, whatever their priority"
    elif after.heeds_priority and not before.heeds_priority:
        yield "a higher priority comes before a longer wait"
    elif before.ageing_secs != after.ageing_secs:
        if after.ageing_secs:
            yield f"every {after.ageing_secs / 60:g} minutes of waiting raise a priority by one"
        else:
            yield "no wait, however long, outweighs a higher priority"
    if before.keeps_contact != after.keeps_contact:
        word = "is" if after.keeps_contact else "is not"
        yield f"the agent of the last contact {word} asked first"
    if before.weighs_preferred != after.weighs_preferred:
        word = "count" if after.weighs_preferred else "do not count"
        yield f"preferred skills and languages {word}"


class _Event(IntEnum):
    """In the order in which those of one moment happen."""

    TALKED = 0
    WRAPPED_UP = 1
    SHIFT_ENDS = 2
    SHIFT_BEGINS = 3
    ANSWERS = 4
    GIVES_UP = 5
    STAGE = 6


@dataclass(slots=True)
class _Seat:
    """An agent as the day goes."""

    agent: Agent
    is_here: bool = False
    rings: bool = False
    calls: int = 0
    chats: int = 0
    wrap_ups: int = 0

    @property
    def wants_more(self) -> bool:
        """After-call work beside a chat that goes on does not keep anybody from the next one."""
        return self.is_here and not self.rings and (not self.wrap_ups or self.chats > 0)

    def seen(self) -> Agent:
        return replace(self.agent, calls=self.calls, chats=self.chats)

    def rest(self, now: float) -> None:
        """Idle from now on, unless something else is in hand."""
        if self.is_here and not (self.calls or self.chats or self.wrap_ups):
            self.agent = replace(self.agent, idle_since=now)


@dataclass(slots=True)
class _Day:
    contacts: Collection[Contact]
    staff: Collection[Staff]
    policy: Policy
    outcomes: dict[UUID, Outcome] = field(default_factory=dict)
    _line: dict[UUID, Waiting] = field(default_factory=dict)
    # Whom an agent is asked about, or speaks with: what they needed then, and the agent.
    _taken: dict[UUID, tuple[Waiting, UUID]] = field(default_factory=dict)
    _known: dict[UUID, Contact] = field(default_factory=dict)
    _seats: dict[UUID, _Seat] = field(default_factory=dict)
    _events: list[tuple[float, _Event, UUID, int]] = field(default_factory=list)

    def run(self, until: float) -> dict[UUID, Outcome]:
        """1. What is known beforehand. 2. Moment by moment, with a round after each. 3. Who is
        left."""
        self._foresee()
        while self._events and self._events[0][0] <= until:
            now = self._events[0][0]
            while self._events and self._events[0][0] == now:
                _, event, subject, number = heapq.heappop(self._events)
                self._happen(event, subject, number, now)
            self._route(now)
        for contact in self.contacts:
            waited = max(until - contact.arrived, 0.0)
            self.outcomes.setdefault(contact.pk, Outcome(waited, None))
        return self.outcomes

    def _foresee(self) -> None:
        for contact in self.contacts:
            self._known[contact.pk] = contact
            for number, stage in enumerate(contact.stages):
                self._plan(contact.arrived + stage.after_secs, _Event.STAGE, contact.pk, number)
            if contact.patience_secs is not None:
                gone = contact.arrived + contact.patience_secs
                self._plan(gone, _Event.GIVES_UP, contact.pk)
        for one in self.staff:
            self._seats[one.agent.pk] = _Seat(one.agent)
            for starts, ends in one.shifts:
                self._plan(starts, _Event.SHIFT_BEGINS, one.agent.pk)
                self._plan(ends, _Event.SHIFT_ENDS, one.agent.pk)

    def _plan(self, at: float, event: _Event, subject: UUID, number: int = 0) -> None:
        heapq.heappush(self._events, (at, event, subject, number))

    def _happen(self, event: _Event, subject: UUID, number: int, now: float) -> None:
        if event in (_Event.SHIFT_BEGINS, _Event.SHIFT_ENDS):
            self._seats[subject].is_here = event == _Event.SHIFT_BEGINS
            self._seats[subject].rest(now)
        elif event == _Event.STAGE:
            self._stand_in_line(self._known[subject], number)
        elif event == _Event.GIVES_UP:
            self._give_up(self._known[subject], now)
        elif event == _Event.ANSWERS:
            self._answer(subject, now)
        else:
            self._finish(event, subject, now)

    def _stand_in_line(self, contact: Contact, number: int) -> None:
        """Who was taken out of line already is left as they are."""
        if contact.pk in self.outcomes or contact.pk in self._taken:
            return
        stage = contact.stages[number]
        self._line[contact.pk] = Waiting(
            pk=contact.pk,
            need=stage.need,
            since=contact.arrived,
            priority=stage.priority,
            last_agent=contact.last_agent,
            reserved_for=stage.reserved_for,
            reserved_until=inf if stage.reserved_for else 0.0,
        )

    def _give_up(self, contact: Contact, now: float) -> None:
        if contact.pk in self.outcomes:
            return
        self._line.pop(contact.pk, None)
        if rang := self._taken.pop(contact.pk, None):
            self._seats[rang[1]].rings = False
        self.outcomes[contact.pk] = Outcome(now - contact.arrived, None)

    def _answer(self, entry: UUID, now: float) -> None:
        if entry not in self._taken:
            return
        waiting, agent = self._taken[entry]
        contact, seat = self._known[entry], self._seats[agent]
        seat.rings = False
        self._count(seat, waiting, 1)
        self.outcomes[entry] = Outcome(now - contact.arrived, agent)
        self._plan(now + contact.talk_secs, _Event.TALKED, entry)

    def _finish(self, event: _Event, entry: UUID, now: float) -> None:
        waiting, agent = self._taken[entry]
        seat, wrap_up_secs = self._seats[agent], self._known[entry].wrap_up_secs
        if event == _Event.WRAPPED_UP:
            seat.wrap_ups -= 1
        else:
            self._count(seat, waiting, -1)
            if wrap_up_secs > 0:
                seat.wrap_ups += 1
                self._plan(now + wrap_up_secs, _Event.WRAPPED_UP, entry)
        seat.rest(now)

    @staticmethod
    def _count(seat: _Seat, waiting: Waiting, change: int) -> None:
        if waiting.need.medium == "text":
            seat.chats += change
        else:
            seat.calls += change

    def _route(self, now: float) -> None:
        agents = [seat.seen() for seat in self._seats.values() if seat.wants_more]
        if not agents or not self._line:
            return
        for made in route(Snapshot(now, self._line.values(), agents, self.policy)):
            self._taken[made.entry] = (self._line.pop(made.entry), made.agent)
            self._seats[made.agent].rings = True
            pickup_secs = self._known[made.entry].pickup_secs
            self._plan(now + pickup_secs, _Event.ANSWERS, made.entry)
