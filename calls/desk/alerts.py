"""When those who lead the desk are told that something needs them. No Django, no clock."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

# Of fewer people than this no service level is spoken of.
LEAST_PEOPLE = 5


class AlertKind(StrEnum):
    """`risk_word`: somebody wrote a word of the list; it is raised when it happens."""

    LONGEST_WAIT = "longest_wait"
    SERVICE_LEVEL = "service_level"
    IDLE = "idle"
    WAITING = "waiting"
    RISK_WORD = "risk_word"


@dataclass(frozen=True, slots=True)
class Rule:
    """`threshold`: seconds of the longest wait, percent of the service level, minutes of idleness,
    or people who wait. `queue` None: each queue by itself."""

    pk: int
    kind: AlertKind
    threshold: int
    queue: UUID | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A queue now. `level`: today's service level from 0 to 1, None without any; `counted`: of how
    many people."""

    queue: UUID
    waits_secs: Sequence[float] = ()
    level: float | None = None
    counted: int = 0


@dataclass(frozen=True, slots=True)
class Idler:
    """An available agent whom nobody was offered to for so long."""

    agent: UUID
    secs: float
    queues: frozenset[UUID] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule says about one queue or agent; `value` in the rule's unit."""

    rule: Rule
    value: int
    queue: UUID | None = None
    agent: UUID | None = None

    @property
    def key(self) -> str:
        """The same for the same rule and subject: one of them is open at a time."""
        return f"{self.rule.pk}:{self.queue or self.agent}"


def evaluate(
    rules: Collection[Rule], lines: Collection[Line], idlers: Collection[Idler]
) -> dict[str, Finding]:
    """What is to be raised now, by key; what was open and is not among it has passed."""
    found = []
    for rule in rules:
        if rule.kind == AlertKind.IDLE:
            found += _idle(rule, idlers)
        else:
            found += _queues(rule, lines)
    return {one.key: one for one in found}


def _queues(rule: Rule, lines: Collection[Line]) -> list[Finding]:
    found = []
    for line in lines:
        if rule.queue in (None, line.queue):
            value = _value(rule, line)
            if value is not None:
                found.append(Finding(rule, value, queue=line.queue))
    return found


def _value(rule: Rule, line: Line) -> int | None:
    """What is measured if it is beyond the threshold, else None."""
    if rule.kind == AlertKind.LONGEST_WAIT:
        longest = max(line.waits_secs, default=0.0)
        return int(longest) if longest > rule.threshold else None
    if rule.kind == AlertKind.WAITING:
        count = len(line.waits_secs)
        return count if count > rule.threshold else None
    if rule.kind == AlertKind.SERVICE_LEVEL and line.level is not None:
        is_under = 100 * line.level < rule.threshold and line.counted >= LEAST_PEOPLE
        return int(100 * line.level) if is_under else None
    return None


def _idle(rule: Rule, idlers: Collection[Idler]) -> list[Finding]:
    return [
        Finding(rule, int(one.secs // 60), agent=one.agent)
        for one in idlers
        if one.secs > 60 * rule.threshold and (rule.queue is None or rule.queue in one.queues)
    ]
