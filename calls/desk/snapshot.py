"""What the router looks at: who waits, who could answer, and by which policy."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

Medium = Literal["video", "audio", "text", "message"]
LanguageRule = Literal["required", "preferred", "any"]


@dataclass(frozen=True, slots=True)
class Need:
    """What an entry asks of an agent; entries with the same need have the same candidates.

    `medium`: "message" for a letter, which takes no capacity of live talk.
    """

    queue: UUID
    medium: Medium
    language: str = ""
    language_rule: LanguageRule = "any"
    required: frozenset[int] = frozenset()
    preferred: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Waiting:
    """An entry in line. Times are seconds since 1970.

    `barred`: agents who declined or missed it a moment ago. `reserved_for`: the only agent who may
    get it, until `reserved_until`. `handed_on`: by an agent who knew what that one can, so that
    queue, skills and language do not count. `last_agent`: who spoke with this person last.
    """

    pk: UUID
    need: Need
    since: float
    priority: int = 0
    barred: frozenset[UUID] = frozenset()
    last_agent: UUID | None = None
    reserved_for: UUID | None = None
    reserved_until: float = 0.0
    handed_on: bool = False


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody at the desk who wants offers. `idle_since`: seconds since 1970.

    `calls` and `chats` are the conversations that they have now.
    """

    pk: UUID
    idle_since: float
    queues: frozenset[UUID]
    skills: frozenset[int] = frozenset()
    languages: frozenset[str] = frozenset()
    calls: int = 0
    chats: int = 0
    most_chats: int = 1

    def has_room_for(self, medium: Medium) -> bool:
        """One call by voice or picture and nothing beside it, or up to `most_chats` chats."""
        if self.calls:
            return False
        if medium == "text":
            return self.chats < self.most_chats
        return self.chats == 0


@dataclass(frozen=True, slots=True)
class Policy:
    """How entries and agents are matched; `name` is kept with each decision.

    `ageing_secs`: waiting so long counts as much as one step of priority, so that nobody starves;
    0 keeps the steps strict. `keeps_contact`: the agent of the last contact comes first.
    """

    name: str = "standard"
    keeps_contact: bool = True
    weighs_preferred: bool = True
    heeds_priority: bool = True
    ageing_secs: float = 900.0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that one round of routing decides from; `now` in seconds since 1970."""

    now: float
    waiting: Collection[Waiting]
    agents: Collection[Agent]
    policy: Policy = field(default_factory=Policy)


POLICIES = {
    policy.name: policy
    for policy in (
        Policy(),
        Policy("first-come", heeds_priority=False),
        Policy("strict-priority", ageing_secs=0.0),
        Policy("any-agent", keeps_contact=False, weighs_preferred=False),
        Policy("no-last-contact", keeps_contact=False),
    )
}
