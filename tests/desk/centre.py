"""A centre of twenty agents that runs by a clock of its own, through the real services.

What people do is thrown with seeded dice and kept in the order of its time; after everything that
happens the router runs and the desk is checked.
"""

import heapq
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import partial
from random import Random
from typing import Any
from unittest.mock import patch
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from calls.desk.estimate import Estimate
from calls.desk.states import IN_LINE, AgentState, EntryKind, HandlingState, RingState
from calls.models import Handling, Leg, Media, Participant, Queue, QueueEntry, QueueOffer
from calls.services import lifecycle
from calls.services.desk import (
    agents,
    answering,
    arriving,
    finishing,
    line,
    offers,
    routing,
    sweeping,
    waiting,
)
from calls.services.desk.arriving import Arrival
from calls.services.desk.errors import OfferGone
from calls.states import ParticipantState
from tests.desk import house, invariants

# A Monday.
OPENS = datetime(2026, 11, 30, 8, tzinfo=UTC)
MINUTE = 60.0
# A look at the whole house takes longer than a step; what is wrong once stays so.
CHECKED_EVERY = 5
TALK_SECS = 30 * MINUTE
# The clinic closes an hour before the others, with people in line.
CLINIC_CLOSES = time(17)


@dataclass
class Centre:
    """`at(secs, do)` plans something; `run(secs)` does all of it. `told`: what everybody's wait was
    estimated at when they came. `seen` counts what happened."""

    dice: Random
    now: datetime = OPENS
    people: list[User] = field(default_factory=list)
    queues: list[Queue] = field(default_factory=list)
    told: dict[UUID, Estimate] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)
    _plans: list[tuple[float, int, Callable[[], object]]] = field(default_factory=list)
    _rung: set[UUID] = field(default_factory=set)
    _dead: set[UUID] = field(default_factory=set)

    @property
    def secs(self) -> float:
        return (self.now - OPENS).total_seconds()

    def at(self, secs: float, do: Callable[[], object]) -> None:
        self.seen["planned"] += 1
        heapq.heappush(self._plans, (secs, self.seen["planned"], do))

    def after(self, secs: float, do: Callable[[], object]) -> None:
        self.at(self.secs + secs, do)

    @contextmanager
    def clock(self) -> Iterator[None]:
        """Everything that asks for the time gets the centre's."""
        with (
            patch("django.utils.timezone.now", lambda: self.now),
            patch("calls.services.desk.sweeping.wake_desk"),
        ):
            yield

    def run(self, until_secs: float) -> None:
        while self._plans and self._plans[0][0] <= until_secs:
            secs, _, do = heapq.heappop(self._plans)
            self.now = OPENS + timedelta(seconds=secs)
            do()
            if do != self.sweep:
                routing.run()
            self._hear_what_rings()
            self.seen["steps"] += 1
            if self.seen["steps"] % CHECKED_EVERY == 0:
                invariants.check()
        invariants.check()

    # --- People in line --------------------------------------------------------------------------
    def come(self, person: User | None = None) -> None:
        """Somebody chooses a queue and a way to meet, or asks for a call back, or writes."""
        kind = self._pick((EntryKind.LIVE, 88), (EntryKind.CALLBACK, 6), (EntryKind.MESSAGE, 6))
        queue = self.dice.choices(self.queues, (40, 25, 35))[0]
        if queue.slug == "clinic" and self.now.time() >= CLINIC_CLOSES:
            queue = self.queues[0]
        arrival = Arrival(
            name="Somebody",
            language=self.dice.choice(queue.languages or [""]),
            media=self._pick((Media.VIDEO, 45), (Media.AUDIO, 25), (Media.TEXT, 30)),
            kind=kind,
            phone="030 123",
            email="somebody@example.com",
            message="Please look into it." if kind == EntryKind.MESSAGE else "",
        )
        before = QueueEntry.objects.count()
        entry = arriving.arrive(queue, arrival, person=person, time_zone="UTC", language="en")
        if QueueEntry.objects.count() == before:
            self.seen["came again"] += 1
            return
        self.seen[f"came {kind}"] += 1
        if kind == EntryKind.LIVE:
            self._wait(entry)

    def _wait(self, entry: QueueEntry) -> None:
        """A device check, and then this or that of what people do who wait."""
        if estimate := line.places()[entry.pk].estimate:
            self.told[entry.pk] = estimate
        ready = self.dice.uniform(5, 25)
        self.after(ready, lambda: self._if_in_line(entry, house.be_there))
        what, after = self._pick(
            ((self._give_up, self.dice.expovariate(1 / (10 * MINUTE))), 45),
            ((self._go_away, 15.0), 20),
            ((self._ask_for_something_else, 2 * MINUTE), 20),
            ((house.be_there, None), 15),
        )
        if after is not None:
            self.after(ready + after, lambda: self._if_in_line(entry, what))

    def _give_up(self, entry: QueueEntry) -> None:
        if self.dice.random() < 0.5:
            waiting.leave(entry)
            self.seen["left"] += 1
        else:
            house.go(entry)
            self.seen["closed the page"] += 1
            self.after(1, self.sweep)
            self.after(1 + waiting.PLACE_KEPT.total_seconds(), self.sweep)

    def _go_away(self, entry: QueueEntry) -> None:
        house.go(entry)
        self.seen["went away"] += 1
        back = self.dice.uniform(10, 150)
        self.after(back, lambda: self._if_in_line(entry, house.be_there))

    def _ask_for_something_else(self, entry: QueueEntry) -> None:
        if self.dice.random() < 0.6:
            waiting.call_me_back(entry, phone="030 123", email="")
            self.seen["asked for a call back"] += 1
        else:
            waiting.write_instead(entry, message="Please write.", email="x@example.com")
            self.seen["wrote instead"] += 1

    def _if_in_line(self, entry: QueueEntry, do: Callable[[QueueEntry], object]) -> None:
        row = QueueEntry.objects.select_related("queue", "call", "person").get(pk=entry.pk)
        if row.state in IN_LINE and row.kind == EntryKind.LIVE:
            do(row)

    # --- Agents ----------------------------------------------------------------------------------
    def _hear_what_rings(self) -> None:
        """Whatever rings since a moment ago will be accepted, declined, or not heard."""
        for offer in QueueOffer.objects.filter(state=RingState.RINGING).select_related("agent"):
            if offer.pk in self._rung:
                continue
            self._rung.add(offer.pk)
            self.seen["offers"] += 1
            answer = self._pick((self._accept, 90), (self._decline, 5), (None, 5))
            if answer is not None and offer.agent_id not in self._dead:
                self.after(self.dice.uniform(2, 12), partial(answer, offer))
            else:
                self.at((offer.rings_until - OPENS).total_seconds(), self.sweep)

    def _accept(self, offer: QueueOffer) -> None:
        if offer.agent_id in self._dead:
            return
        try:
            entry = offers.accept(offer.agent, offer.pk)
        except OfferGone:
            self.seen["too late"] += 1
            return
        self.seen["accepted"] += 1
        takes = 60 + self.dice.expovariate(1 / TALK_SECS)
        if entry.kind == EntryKind.MESSAGE:
            self.after(takes, lambda: self._answer(offer.agent, entry))
            return
        place = house.agent_place(entry, offer.agent)
        Participant.objects.filter(pk=place.pk).update(state=ParticipantState.ADMITTED)
        now = timezone.now()
        Leg.objects.create(participant=place, seen_at=now, entered_at=now)
        self.after(takes, lambda: self._end(place, entry))

    def _decline(self, offer: QueueOffer) -> None:
        offers.decline(offer.agent, offer.pk)
        self.seen["declined"] += 1

    def _end(self, place: Participant, entry: QueueEntry) -> None:
        """The talk is over; most agents are done with their note before the time is up."""
        if not _talks(entry, place.user_id).exists():
            self.seen["taken from who was lost"] += 1
            return
        lifecycle.end(by=place, ref="end")
        self._wrap_up(entry)

    def _answer(self, agent: User, entry: QueueEntry) -> None:
        part = _talks(entry, agent.pk).select_related("entry").first()
        if part is None:
            self.seen["taken from who was lost"] += 1
            return
        QueueEntry.objects.filter(pk=entry.pk, email="").update(email="x@example.com")
        part.entry.refresh_from_db()
        answering.answer_letter(part, "Here it is.", by=agent)
        self._wrap_up(entry)

    def _wrap_up(self, entry: QueueEntry) -> None:
        handling = Handling.objects.filter(entry=entry).latest("began_at")
        if self.dice.random() < 0.7:
            self.after(self.dice.uniform(10, 50), lambda: self._note(handling))
        else:
            self.after(60, self.sweep)

    def _note(self, handling: Handling) -> None:
        row = Handling.objects.get(pk=handling.pk)
        if row.state == HandlingState.WRAPPING_UP:
            finishing.wrap_up(row, code=None, note="Done.", version=0)

    def choose(self, user: User, wanted: AgentState) -> None:
        agents.choose(user, wanted, by=user)
        self.seen[wanted] += 1

    def sit_down(self, user: User) -> None:
        self._dead.discard(user.pk)
        agents.see([user.pk])
        self.choose(user, AgentState.AVAILABLE)

    def die(self, user: User) -> None:
        """The agent's browser is gone without a goodbye; what they talk about goes on."""
        self._dead.add(user.pk)
        self.after(agents.UNSEEN_AFTER.total_seconds() + 1, self.sweep)
        self.seen["browsers died"] += 1

    def sweep(self) -> None:
        agents.see([one.pk for one in self.people if one.pk not in self._dead])
        sweeping.sweep()
        self.seen["sweeps"] += 1

    def _pick(self, *odds: tuple[Any, int]) -> Any:
        return self.dice.choices([one for one, _ in odds], [weight for _, weight in odds])[0]


def _talks(entry: QueueEntry, agent_id: UUID | None) -> QuerySet[Handling]:
    """The agent's part in the contact, if they still have it."""
    return Handling.objects.filter(entry=entry, agent=agent_id, state=HandlingState.TALKING)
