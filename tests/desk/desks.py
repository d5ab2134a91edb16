"""Desks for the router that stand in no database: a few queues, agents, and people in line."""

from collections.abc import Iterable
from uuid import UUID

from hypothesis import strategies as st

from calls.desk.snapshot import POLICIES, Agent, Need, Snapshot, Waiting

NOW = 1_800_000_000.0
BILLING, CLINIC, TRAVEL = (UUID(int=number) for number in (1, 2, 3))
ADA, TOMAS, INES, JUNO = (UUID(int=number) for number in (101, 102, 103, 104))
MEI, SAM, LI, OLA = (UUID(int=number) for number in (201, 202, 203, 204))


def agent(
    pk: UUID, *, idle: float = 0.0, queues: Iterable[UUID] = (BILLING,), **more: object
) -> Agent:
    """An agent who has been idle for so many seconds."""
    return Agent(pk, NOW - idle, frozenset(queues), **more)  # type: ignore[arg-type]


def waiting(pk: UUID, *, waited: float = 0.0, need: Need | None = None, **more: object) -> Waiting:
    """Somebody who has been in line for so many seconds, for a talk with picture by default."""
    return Waiting(pk, need or Need(BILLING, "video"), NOW - waited, **more)  # type: ignore[arg-type]


def desk(agents: Iterable[Agent], line: Iterable[Waiting], policy: str = "standard") -> Snapshot:
    return Snapshot(NOW, list(line), list(agents), POLICIES[policy])


def can_serve(one: Agent, entry: Waiting) -> bool:
    """The rules, said once more and in other words than the router's."""
    need = entry.need
    is_kept = entry.reserved_for is not None and entry.reserved_until > NOW
    is_for_another = is_kept and entry.reserved_for != one.pk
    if one.pk in entry.barred or is_for_another:
        return False
    if not (is_kept and entry.handed_on) and not _suits(one, need):
        return False
    if need.medium == "text":
        return one.calls == 0 and one.chats < one.most_chats
    return one.calls == 0 and one.chats == 0


def _suits(one: Agent, need: Need) -> bool:
    speaks = need.language_rule != "required" or need.language in one.languages
    return need.queue in one.queues and not need.required - one.skills and speaks


# --- Any desk ------------------------------------------------------------------------------------
_queues = st.sampled_from((BILLING, CLINIC, TRAVEL))
_skills = st.frozensets(st.integers(1, 3), max_size=2)
_languages = st.sampled_from(("en", "de"))
_agent_ids = st.sampled_from([UUID(int=number) for number in range(101, 109)])
_needs = st.builds(
    Need,
    queue=_queues,
    medium=st.sampled_from(("video", "audio", "text", "message")),
    language=_languages,
    language_rule=st.sampled_from(("required", "preferred", "any")),
    required=st.frozensets(st.integers(1, 3), max_size=1),
    preferred=_skills,
)


def _line(needs: list[Need]) -> st.SearchStrategy[list[Waiting]]:
    """Up to fourteen people who need one of a few things, so that some need the same."""
    entry = st.builds(
        Waiting,
        pk=st.integers(201, 260).map(lambda number: UUID(int=number)),
        need=st.sampled_from(needs),
        since=st.integers(0, 4000).map(lambda secs: NOW - secs),
        priority=st.integers(0, 2),
        barred=st.just(frozenset()) | st.frozensets(_agent_ids, max_size=2),
        last_agent=st.none() | _agent_ids,
        reserved_for=st.none() | _agent_ids,
        reserved_until=st.sampled_from((0.0, NOW - 1, NOW + 30)),
        handed_on=st.booleans(),
    )
    return st.lists(entry, max_size=14, unique_by=lambda one: one.pk)


_agents = st.builds(
    Agent,
    pk=_agent_ids,
    idle_since=st.integers(0, 900).map(lambda secs: NOW - secs),
    queues=st.frozensets(_queues, min_size=1),
    skills=_skills,
    languages=st.frozensets(_languages),
    calls=st.sampled_from((0, 0, 0, 1)),
    chats=st.sampled_from((0, 0, 1, 2)),
    most_chats=st.integers(1, 3),
)
agents_at_desks = st.lists(_agents, max_size=8, unique_by=lambda one: one.pk)
lines = st.lists(_needs, min_size=1, max_size=4).flatmap(_line)
policies = st.sampled_from(sorted(POLICIES))
snapshots = st.builds(desk, agents_at_desks, lines, policies)
