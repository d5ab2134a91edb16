"""Who is offered whom: one pure function over a snapshot of the desk.

1. Entries stand in line by priority and, within it, by how long they have waited; letters come
   after everybody who waits. With `ageing_secs`, waiting raises the priority step by step.
2. Each is offered to an agent of its queue with every required skill (and language), room for it,
   and no refusal of it a moment ago.
3. Among those: the one it is reserved for, else the agent of the last contact, else who has most
   of the preferred skills and the language, else who has been idle the longest.
4. An agent gets at most one offer in a round.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Literal
from uuid import UUID

from calls.desk.snapshot import Agent, Need, Policy, Snapshot, Waiting

Reason = Literal["reserved", "last_contact", "preferred", "longest_idle", "only_one"]
Refusal = Literal["other_queue", "skill", "language", "room", "barred", "reserved", "offered"]

# So many of the candidates are kept with a decision; how many there were is kept always.
MOST_KEPT = 10


@dataclass(frozen=True, slots=True)
class Candidate:
    """An agent who could have been chosen; `preferred` is how many wishes they meet. `lacks`: what
    the queue asks for and they lack, where a colleague handed the entry on to them all the same."""

    agent: UUID
    idle_secs: float
    preferred: int
    lacks: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """One entry is offered to one agent, why, and who else there was.

    `candidates` holds the first MOST_KEPT in the order of the rule, of `candidate_count`; `refused`
    counts the agents at the desk who were none, by the first reason that ruled them out.
    """

    entry: UUID
    agent: UUID
    reason: Reason
    waited_secs: int
    candidates: Sequence[Candidate]
    candidate_count: int
    refused: dict[Refusal, int] = field(default_factory=dict)


def route(snapshot: Snapshot) -> list[Decision]:
    """The offers to make now, in the order of the line; empty if nobody can be matched."""
    round_ = _Round(snapshot)
    decisions = []
    for entry in in_line(snapshot.waiting, snapshot.policy, snapshot.now):
        if round_.is_over:
            break
        if decision := round_.decide(entry):
            decisions.append(decision)
    return decisions


def in_line(waiting: Collection[Waiting], policy: Policy, now: float) -> list[Waiting]:
    """The entries in the order in which they are served; equal ones by their id."""
    if not policy.heeds_priority:
        return sorted(waiting, key=lambda one: (one.need.medium == "message", one.since, one.pk))
    step = policy.ageing_secs

    def place(one: Waiting) -> tuple[bool, float, float, UUID]:
        aged = max(now - one.since, 0.0) // step if step else 0.0
        return one.need.medium == "message", -(one.priority + aged), one.since, one.pk

    return sorted(waiting, key=place)


def refusal(agent: Agent, need: Need) -> Refusal | None:
    """The first reason why the agent cannot serve such an entry now, or None if they can."""
    for word in lacking(agent, need):
        return word
    return None if agent.has_room_for(need.medium) else "room"


def lacking(agent: Agent, need: Need) -> Iterator[Refusal]:
    """What the entry's queue asks of its agents and this one lacks."""
    if need.queue not in agent.queues:
        yield "other_queue"
    if not need.required <= agent.skills:
        yield "skill"
    if need.language_rule == "required" and need.language not in agent.languages:
        yield "language"


class _Able:
    """Who can serve one kind of need, best first, and why the others cannot."""

    def __init__(self, candidates: list[Candidate], refused: Counter[Refusal]) -> None:
        self.count = len(candidates)
        self.refused = refused
        self._open = candidates
        self._looked = 0

    def still_open(self, taken: Set[UUID]) -> list[Candidate]:
        """Those who have got no offer yet; `taken` only ever grows."""
        if self._looked != len(taken):
            self._open = [one for one in self._open if one.agent not in taken]
            self._looked = len(taken)
        return self._open


class _Round:
    """Who has got an offer in this round; agents are sorted once for each kind of need."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._taken: set[UUID] = set()
        self._able: dict[Need, _Able] = {}
        self._agents = {agent.pk: agent for agent in snapshot.agents}
        self._of_queue: dict[UUID, list[Agent]] = defaultdict(list)
        for agent in snapshot.agents:
            for queue in agent.queues:
                self._of_queue[queue].append(agent)

    @property
    def is_over(self) -> bool:
        return len(self._taken) == len(self._snapshot.agents)

    def decide(self, entry: Waiting) -> Decision | None:
        able = self._able.get(entry.need) or self._sort(entry.need)
        free = able.still_open(self._taken)
        holder = entry.reserved_for if entry.reserved_until > self._snapshot.now else None
        if holder is not None and entry.handed_on:
            return self._hand_on(entry, able, holder)
        open_to = free
        if entry.barred or holder is not None:
            open_to = [
                one for one in free if one.agent not in entry.barred and holder in (None, one.agent)
            ]
        if not open_to:
            return None
        chosen, reason = self._choose(entry, open_to, holder)
        kept_out: Refusal = "reserved" if holder else "barred"
        counts = able.refused + Counter(
            {"offered": able.count - len(free), kept_out: len(free) - len(open_to)}
        )
        return self._made(entry, chosen, reason, open_to=open_to, refused=counts)

    def _hand_on(self, entry: Waiting, able: "_Able", holder: UUID) -> Decision | None:
        """To the colleague who is meant, whatever the queue asks for; they need only be free."""
        agent = self._agents.get(holder)
        if agent is None or holder in self._taken or holder in entry.barred:
            return None
        if not agent.has_room_for(entry.need.medium):
            return None
        lacks = tuple(lacking(agent, entry.need))
        chosen = replace(self._candidate(agent, entry.need), lacks=lacks)
        free = len(able.still_open(self._taken))
        # The one who is meant is refused by nothing, and not one of those whom it was kept from.
        counts = able.refused - Counter(lacks[:1])
        counts += Counter[Refusal]({"offered": able.count - free, "reserved": free - (not lacks)})
        return self._made(entry, chosen, "reserved", open_to=[chosen], refused=counts)

    def _made(
        self,
        entry: Waiting,
        chosen: Candidate,
        reason: Reason,
        *,
        open_to: list[Candidate],
        refused: Counter[Refusal],
    ) -> Decision:
        self._taken.add(chosen.agent)
        return Decision(
            entry=entry.pk,
            agent=chosen.agent,
            reason=reason,
            waited_secs=int(self._snapshot.now - entry.since),
            candidates=open_to[:MOST_KEPT],
            candidate_count=len(open_to),
            refused=dict(refused),
        )

    def _choose(
        self, entry: Waiting, open_to: list[Candidate], holder: UUID | None
    ) -> tuple[Candidate, Reason]:
        first = open_to[0]
        if holder is not None:
            return first, "reserved"
        if self._snapshot.policy.keeps_contact and entry.last_agent is not None:
            for one in open_to:
                if one.agent == entry.last_agent:
                    return one, "last_contact"
        if len(open_to) == 1:
            return first, "only_one"
        is_better = first.preferred > open_to[-1].preferred
        return first, "preferred" if is_better else "longest_idle"

    def _sort(self, need: Need) -> _Able:
        agents = self._of_queue.get(need.queue, [])
        refused = Counter[Refusal]({"other_queue": len(self._snapshot.agents) - len(agents)})
        candidates = []
        for agent in agents:
            if word := refusal(agent, need):
                refused[word] += 1
            else:
                candidates.append(self._candidate(agent, need))
        candidates.sort(key=lambda one: (-one.preferred, -one.idle_secs, one.agent))
        self._able[need] = _Able(candidates, refused)
        return self._able[need]

    def _candidate(self, agent: Agent, need: Need) -> Candidate:
        wishes = 0
        if self._snapshot.policy.weighs_preferred:
            wishes = len(need.preferred & agent.skills)
            wishes += need.language_rule == "preferred" and need.language in agent.languages
        return Candidate(agent.pk, self._snapshot.now - agent.idle_since, wishes)
