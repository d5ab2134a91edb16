"""Raises alerts and clears them; each is mailed once to those whom its rule names."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.preferences import zone_of
from audit.log import record
from calls.desk import risk_words
from calls.desk.alerts import AlertKind, Finding, Idler, Line, Rule, evaluate
from calls.desk.days import midnight
from calls.desk.figures import Contact, flow
from calls.desk.states import IN_LINE, AgentState, EntryKind
from calls.models import (
    Alert,
    AlertRule,
    CallSession,
    DeskAgent,
    Participant,
    Queue,
    QueueEntry,
    RiskWord,
)
from calls.services.desk.figures.contacts import contacts
from calls.services.notices import notify

# The longest day there is, and a bit.
A_DAY = timedelta(hours=26)
MOST_SHOWN = 50


def sweep(now: datetime | None = None) -> None:
    """Raise what is beyond its limit, and clear what is not any more."""
    now = now or timezone.now()
    rules = {rule.pk: rule for rule in _rules().exclude(kind=AlertKind.RISK_WORD)}
    watched = [
        Rule(rule.pk, AlertKind(rule.kind), rule.threshold, rule.queue_id)
        for rule in rules.values()
    ]
    found = evaluate(watched, _lines(watched, now), _idlers(watched, now))
    still = Alert.objects.filter(cleared_at=None).exclude(kind=AlertKind.RISK_WORD)
    known = set(still.values_list("key", flat=True))
    for key in found.keys() - known:
        _raise(found[key], rules[found[key].rule.pk], now)
    if gone := known - found.keys():
        still.filter(key__in=gone).update(cleared_at=now)


def watch_chat(call: CallSession, text: str, *, by: Participant) -> None:
    """Somebody wrote in a conversation: raise an alert if a risk word is in it.

    Runs in the transaction of the fact; one alert is open for each person and call.
    """
    words = list(RiskWord.objects.filter(is_active=True).values_list("words", flat=True))
    if not words or not risk_words.found(words, text):
        return
    entry = QueueEntry.objects.filter(call=call).select_related("queue").first()
    queue = entry.queue if entry else None
    raised = Alert(
        key=f"risk:{call.pk}:{by.pk}",
        kind=AlertKind.RISK_WORD,
        call=call,
        person=by.user,
        queue=queue,
    )
    if _keep(raised):
        rules = _rules().filter(Q(queue=None) | Q(queue=queue), kind=AlertKind.RISK_WORD)
        notify.alerted(raised, {person for rule in rules for person in rule.told.all()})


def acknowledge(alert: Alert, *, by: User) -> None:
    """Somebody looks after it; a risk word is over with that. The first who says so is kept."""
    now = timezone.now()
    with transaction.atomic():
        rows = Alert.objects.filter(pk=alert.pk, acknowledged_at=None)
        if not rows.update(acknowledged_at=now, acknowledged_by=by):
            return
        word = Alert.objects.filter(pk=alert.pk, kind=AlertKind.RISK_WORD, cleared_at=None)
        word.update(cleared_at=now)
        record("desk.acknowledge", actor=by.pk, target_type="alert", target=alert.pk)


def open_alerts() -> list[Alert]:
    """What is raised now, newest first; one query."""
    rows = Alert.objects.filter(cleared_at=None)
    people = ("queue", "agent", "person", "acknowledged_by", "call__entry")
    return list(rows.select_related(*people).order_by("-raised_at")[:MOST_SHOWN])


def _rules() -> QuerySet[AlertRule]:
    rows = AlertRule.objects.filter(is_active=True)
    return rows.prefetch_related("told").select_related("queue")


def _raise(finding: Finding, rule: AlertRule, now: datetime) -> None:
    raised = Alert(
        key=finding.key,
        kind=rule.kind,
        rule=rule,
        queue_id=finding.queue,
        agent_id=finding.agent,
        value=finding.value,
        threshold=rule.threshold,
        raised_at=now,
    )
    with transaction.atomic():
        if _keep(raised):
            notify.alerted(raised, rule.told.all())


def _keep(raised: Alert) -> bool:
    """Whether it was not open already, in another process."""
    Alert.objects.bulk_create([raised], ignore_conflicts=True)
    return Alert.objects.filter(pk=raised.pk).exists()


def _lines(rules: Iterable[Rule], now: datetime) -> list[Line]:
    """The queues that take people, as far as the rules ask; today is by the clock of each."""
    kinds = {rule.kind for rule in rules}
    queues = list(Queue.objects.filter(is_active=True)) if kinds - {AlertKind.IDLE} else []
    waits: dict[UUID, list[float]] = defaultdict(list)
    if kinds & {AlertKind.LONGEST_WAIT, AlertKind.WAITING}:
        rows = QueueEntry.objects.filter(state__in=IN_LINE, kind=EntryKind.LIVE).order_by()
        for queue_id, arrived in rows.values_list("queue_id", "arrived_at"):
            waits[queue_id].append((now - arrived).total_seconds())
    came = _today(queues, now) if AlertKind.SERVICE_LEVEL in kinds else {}
    lines = []
    for queue in queues:
        level = flow(came.get(queue.pk, ()))
        lines.append(Line(queue.pk, waits[queue.pk], level.service_level, level.counted))
    return lines


def _today(queues: list[Queue], now: datetime) -> dict[UUID, list[Contact]]:
    starts = {}
    for queue in queues:
        zone = zone_of(queue.time_zone)
        starts[queue.pk] = midnight(now.astimezone(zone).date(), zone)
    targets = {queue.pk: queue.target_secs for queue in queues}
    found: dict[UUID, list[Contact]] = defaultdict(list)
    for one in contacts(now - A_DAY, now, targets, now=now):
        if one.arrived >= starts[one.queue]:
            found[one.queue].append(one)
    return found


def _idlers(rules: Iterable[Rule], now: datetime) -> list[Idler]:
    if not any(rule.kind == AlertKind.IDLE for rule in rules):
        return []
    desks = DeskAgent.objects.filter(state=AgentState.AVAILABLE, user__is_active=True)
    idle: dict[UUID, float] = {}
    queues: dict[UUID, set[UUID]] = defaultdict(set)
    for user, since, queue in desks.values_list("user_id", "idle_since", "user__queues"):
        idle[user] = (now - since).total_seconds()
        if queue is not None:
            queues[user].add(queue)
    return [Idler(user, secs, frozenset(queues[user])) for user, secs in idle.items()]
