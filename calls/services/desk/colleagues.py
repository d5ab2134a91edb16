"""Whom a contact can go on to, and what each colleague lacks of what its queue asks for."""

from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils.functional import cached_property

from accounts.models import User
from calls.desk.states import AgentState, EntryState
from calls.models import DeskAgent, LanguageRule, Queue, QueueEntry

_ORDER = {AgentState.AVAILABLE: 0, AgentState.AFTER_CALL: 1, AgentState.BREAK: 2}


@dataclass(frozen=True)
class Colleague:
    """Somebody at the desk. `answers`: the queue of the contact; `skills`: the names of those that
    it requires and they lack; `lacks_language`: it requires the person's, which they do not speak.
    """

    desk: DeskAgent
    answers: bool
    skills: list[str]
    lacks_language: bool

    @property
    def suits(self) -> bool:
        return self.answers and not self.skills and not self.lacks_language


@dataclass(frozen=True)
class Target:
    """Where a contact can go: to a colleague at the desk, or to a queue."""

    agents: list[Colleague]
    queues: list[Queue]


def targets_of(entry: QueueEntry, *, by: User) -> Target:
    """Colleagues who are not offline, who suits and is free first, and the other queues that take
    people: five queries."""
    here = DeskAgent.objects.exclude(state=AgentState.OFFLINE).exclude(user=by)
    desks = here.filter(user__is_active=True, is_connected=True).select_related("user")
    needs = _Needs(entry)
    others = Queue.objects.filter(is_active=True).exclude(pk=entry.queue_id)
    waiting = Count("entries", filter=Q(entries__state=EntryState.WAITING))
    return Target(
        agents=sorted(map(needs.look_at, desks.prefetch_related("skills")), key=_order),
        queues=list(others.annotate(waiting=waiting)),
    )


class _Needs:
    """What the queue of the entry asks of its agents."""

    def __init__(self, entry: QueueEntry) -> None:
        self._queue = entry.queue
        self._language = entry.language

    @cached_property
    def _members(self) -> set[object]:
        return set(self._queue.agents.values_list("pk", flat=True))

    @cached_property
    def _required(self) -> dict[int, str]:
        return dict(self._queue.required_skills.values_list("pk", "name"))

    def look_at(self, desk: DeskAgent) -> Colleague:
        has = {skill.pk for skill in desk.skills.all()}
        needs_language = self._queue.language_rule == LanguageRule.REQUIRED and self._language
        return Colleague(
            desk=desk,
            answers=desk.user_id in self._members,
            skills=[name for pk, name in self._required.items() if pk not in has],
            lacks_language=bool(needs_language) and self._language not in desk.languages,
        )


def _order(one: Colleague) -> tuple[int, bool, str]:
    return _ORDER.get(AgentState(one.desk.state), 3), not one.suits, str(one.desk.user)
