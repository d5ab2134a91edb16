"""The figures of a desk, defined. No Django, no clock; times are seconds since 1970.

A contact counts on the day and, whatever queues it was in, in the queue where it was last. How long
somebody waited counts from their arrival in the house. People who asked for a call back or have
written are counted apart: they do not wait.

- *Abandoned*: gave up before anybody answered, after more than SHORT_ABANDON_SECS; who went sooner
  is a *short* one. Who lost the connection counts as gone from then on.
- *Service level*: answered within the queue's target ÷ (answered + abandoned after the target +
  waiting beyond it). Who still waits beyond the target counts at once, not only when it is over.
- *Abandonment*: abandoned ÷ (offered - short ones).
- An agent's contacts are those with whom this agent spoke last.
- *Handle time*: talk and after-call work of one contact on average, advice to colleagues left out.
- *Occupancy*: (busy + after-call work) ÷ signed-in time, which is all but *Offline*.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from calls.desk.days import shares
from calls.desk.states import AgentState, EntryKind

SHORT_ABANDON_SECS = 10.0
# From this score on somebody counts as content.
GOOD_SCORE = 4


@dataclass(frozen=True, slots=True)
class Contact:
    """`gone`: when somebody who gave up was there last; None also for those whom a queue that
    closed sent away, and for those who still wait. `waited_until`: for these alone, now, or when
    one who lost the connection was there last. `agent`: who spoke with them last."""

    queue: UUID
    kind: EntryKind
    arrived: float
    target_secs: float
    answered: float | None = None
    gone: float | None = None
    waited_until: float | None = None
    agent: UUID | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """What became of contacts. `abandoned_late`: those of `abandoned` who waited beyond the target;
    `waiting_late`: who still waits, and has beyond it; `waited_secs`: of those answered, together;
    `longest_secs`: None if nobody waited."""

    offered: int = 0
    answered: int = 0
    in_target: int = 0
    abandoned: int = 0
    abandoned_late: int = 0
    waiting_late: int = 0
    short: int = 0
    callbacks: int = 0
    messages: int = 0
    waited_secs: float = 0.0
    longest_secs: float | None = None

    @property
    def counted(self) -> int:
        """Whom the service level is about."""
        return self.answered + self.abandoned_late + self.waiting_late

    @property
    def service_level(self) -> float | None:
        """From 0 to 1; None where nobody counts for it."""
        return _share(self.in_target, self.counted)

    @property
    def abandonment(self) -> float | None:
        """From 0 to 1; None where nobody came or all went at once."""
        return _share(self.abandoned, self.offered - self.short)

    @property
    def answer_secs(self) -> float | None:
        """The average speed of answer; None if nobody was answered."""
        return _share(self.waited_secs, self.answered)


@dataclass(frozen=True, slots=True)
class Work:
    """What was done with contacts; `contacts` had their talk, `consults` were advice given."""

    contacts: int = 0
    consults: int = 0
    talk_secs: float = 0.0
    wrap_secs: float = 0.0

    @property
    def average_talk_secs(self) -> float | None:
        return _share(self.talk_secs, self.contacts)

    @property
    def average_wrap_secs(self) -> float | None:
        return _share(self.wrap_secs, self.contacts)

    @property
    def handle_secs(self) -> float | None:
        return _share(self.talk_secs + self.wrap_secs, self.contacts)

    def __add__(self, other: "Work") -> "Work":
        return Work(
            self.contacts + other.contacts,
            self.consults + other.consults,
            self.talk_secs + other.talk_secs,
            self.wrap_secs + other.wrap_secs,
        )


@dataclass(frozen=True, slots=True)
class Stretch:
    """An agent in one state; `end` is now for one that still goes on."""

    agent: UUID
    state: AgentState
    start: float
    end: float


@dataclass(slots=True)
class Presence:
    """Seconds by state, *Offline* left out."""

    secs: dict[AgentState, float] = field(default_factory=dict)

    def add(self, state: AgentState, secs: float) -> None:
        self.secs[state] = self.secs.get(state, 0.0) + secs

    @property
    def signed_in_secs(self) -> float:
        return sum(self.secs.values())

    @property
    def occupancy(self) -> float | None:
        """From 0 to 1; None for who was never signed in."""
        worked = self.secs.get(AgentState.BUSY, 0.0) + self.secs.get(AgentState.AFTER_CALL, 0.0)
        return _share(worked, self.signed_in_secs)


@dataclass(frozen=True, slots=True)
class Content:
    """What people answered afterwards: how many, the sum of their scores from 1 to 5, how many of
    them were content, and for how many the issue is solved."""

    answers: int = 0
    score: int = 0
    good: int = 0
    solved: int = 0

    @property
    def average(self) -> float | None:
        return _share(self.score, self.answers)

    @property
    def csat(self) -> float | None:
        """The share of those who gave a 4 or a 5; None without answers."""
        return _share(self.good, self.answers)

    @property
    def solved_share(self) -> float | None:
        return _share(self.solved, self.answers)

    def __add__(self, other: "Content") -> "Content":
        return Content(
            self.answers + other.answers,
            self.score + other.score,
            self.good + other.good,
            self.solved + other.solved,
        )


def flow(contacts: Iterable[Contact]) -> Flow:
    """The figures of these contacts together."""
    live = answered = in_target = abandoned = late = still = short = callbacks = messages = 0
    waited_secs, waits = 0.0, []
    for one in contacts:
        callbacks += one.kind == EntryKind.CALLBACK
        messages += one.kind == EntryKind.MESSAGE
        if one.kind != EntryKind.LIVE:
            continue
        live += 1
        if one.answered is not None:
            waited = one.answered - one.arrived
            answered += 1
            in_target += waited <= one.target_secs
            waited_secs += waited
            waits.append(waited)
        elif one.gone is not None:
            waited = one.gone - one.arrived
            is_short = waited <= SHORT_ABANDON_SECS
            short += is_short
            abandoned += not is_short
            late += not is_short and waited > one.target_secs
            waits.append(waited)
        elif one.waited_until is not None:
            still += one.waited_until - one.arrived > one.target_secs
    return Flow(
        offered=live,
        answered=answered,
        in_target=in_target,
        abandoned=abandoned,
        abandoned_late=late,
        waiting_late=still,
        short=short,
        callbacks=callbacks,
        messages=messages,
        waited_secs=waited_secs,
        longest_secs=max(waits, default=None),
    )


def presence_by_day(stretches: Iterable[Stretch], edges: Sequence[float]) -> list[Presence]:
    """The presence between each edge and the next; a stretch over midnight counts in both days."""
    days = [Presence() for _ in edges[1:]]
    for one in stretches:
        if one.state != AgentState.OFFLINE:
            for number, secs in shares(one.start, one.end, edges):
                days[number].add(one.state, secs)
    return days


def together(days: Iterable[Presence]) -> Presence:
    found = Presence()
    for day in days:
        for state, secs in day.secs.items():
            found.add(state, secs)
    return found


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None
