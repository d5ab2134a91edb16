"""What supervisors change on the wallboard: who waits where, and whose they will be.

Each says in which queue it saw the person. Of two who move the same person at once the second is
told that somebody was quicker, and nobody's place is lost.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from audit.log import record
from calls.desk.states import IN_LINE, AgentState, EntryKind, EntryState, RingState
from calls.models import DeskAgent, EntryEventKind, Queue, QueueEntry, QueueOffer
from calls.services import facts
from calls.services.desk import entries, ringing, rounds
from calls.services.desk.errors import (
    AgentAway,
    AgentLacksSkill,
    EntryMoved,
    NoSuchAgent,
    NothingRings,
    NotOffered,
    NotWaiting,
    WaitsThere,
)
from calls.services.desk.locking import lock_desks
from calls.services.errors import WrongState

# So long nobody else is offered somebody who was assigned.
RESERVED_FOR = timedelta(seconds=60)


def move(entry: QueueEntry, *, to: Queue, seen: UUID, by: User) -> None:
    """Into another queue, with the time that was waited so far; what rings stops.

    Raises EntryMoved, NotWaiting, WaitsThere, NotOffered if that queue offers no such contact.
    """
    with _held(entry, seen=seen) as row:
        _check_offered(row, to)
        same = QueueEntry.objects.filter(
            queue=to, person=row.person_id, state__in=IN_LINE, answered_at__isnull=True
        ).exclude(kind=EntryKind.MESSAGE)
        if row.kind != EntryKind.MESSAGE and row.answered_at is None and same.exists():
            raise WaitsThere
        _put_back(row)
        now = timezone.now()
        QueueEntry.objects.filter(pk=row.pk).update(queue=to, queued_at=now)
        before = row.queue_id
        entries.note(row.pk, EntryEventKind.MOVED, by=by, at=now, queue=to.pk, before=before)
        _audit("desk.move", row, by, queue=str(to.pk), before=str(before))


def assign(entry: QueueEntry, agent: User, *, seen: UUID, by: User) -> None:
    """For RESERVED_FOR only this agent is asked; what rings at somebody else's desk stops.

    Raises EntryMoved, NotWaiting, NoSuchAgent, AgentLacksSkill, AgentAway.
    """
    with _held(entry, seen=seen) as row:
        _check_can_answer(agent, row.queue)
        _put_back(row)
        until = timezone.now() + RESERVED_FOR
        QueueEntry.objects.filter(pk=row.pk).update(reserved_for=agent, reserved_until=until)
        entries.note(row.pk, EntryEventKind.ASSIGNED, by=by, agent=agent.pk)
        _audit("desk.assign", row, by, agent=str(agent.pk))


def recall(entry: QueueEntry, *, seen: UUID, by: User) -> None:
    """What rings stops, and the agent is not asked again for a while (reading.BARRED_FOR).

    Raises EntryMoved, NotWaiting, NothingRings.
    """
    with _held(entry, seen=seen) as row:
        if row.state != EntryState.RINGING:
            raise NothingRings
        _put_back(row)
        entries.note(row.pk, EntryEventKind.RECALLED, by=by)
        _audit("desk.recall", row, by)


@contextmanager
def _held(entry: QueueEntry, *, seen: UUID) -> Iterator[QueueEntry]:
    """The entry as it is now, in a transaction that asks for a round of routing.

    1. Its call is locked. 2. The desk where it rings. 3. The entry. Where it has begun to ring at
    another desk meanwhile, or is in another queue than the one `seen`, it raises EntryMoved.
    """
    offers = QueueOffer.objects.filter(entry=entry, state=RingState.RINGING)
    rings = offers.values_list("agent_id", flat=True)
    try:
        with facts.locked_call(entry.call_id):
            desks = set(rings)
            lock_desks(desks)
            rows = QueueEntry.objects.select_for_update(of=("self",)).select_related("queue")
            row = rows.get(pk=entry.pk)
            if row.state not in IN_LINE:
                raise NotWaiting
            if row.queue_id != seen or not desks.issuperset(
                rings.values_list("agent_id", flat=True)
            ):
                raise EntryMoved
            yield row
            rounds.request()
    except WrongState as over:
        raise NotWaiting from over


def _put_back(row: QueueEntry) -> None:
    """Nothing rings for it, and nobody has it reserved."""
    ringing.stop_for(row.pk)
    QueueEntry.objects.filter(pk=row.pk).update(reserved_for=None, reserved_until=None)


def _check_offered(row: QueueEntry, to: Queue) -> None:
    takes = {
        EntryKind.LIVE: row.media in to.media_offered,
        EntryKind.CALLBACK: to.takes_callbacks,
        EntryKind.MESSAGE: to.takes_messages,
    }
    if not to.is_active or not takes[EntryKind(row.kind)]:
        raise NotOffered


def _check_can_answer(agent: User, queue: Queue) -> None:
    if not queue.agents.filter(pk=agent.pk, is_active=True).exists():
        raise NoSuchAgent
    desk = DeskAgent.objects.filter(user=agent).first()
    if desk is None or desk.wanted != AgentState.AVAILABLE or desk.state == AgentState.OFFLINE:
        raise AgentAway
    if queue.required_skills.exclude(agents=desk).exists():
        raise AgentLacksSkill


def _audit(action: str, row: QueueEntry, by: User, **data: Any) -> None:
    record(action, actor=by.pk, target_type="queueentry", target=row.pk, **data)
