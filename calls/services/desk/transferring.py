"""A contact goes on to somebody else: with a colleague's advice first, or straight on.

Whoever is handed on hears nothing of it: they are on hold until the next agent has taken them. Who
hands them on and who goes on with them they are told by the facts of leaving and coming off hold.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from audit.log import record
from calls.desk.states import AgentState, EntryKind, EntryState, HandlingState, RingState
from calls.models import (
    CallSession,
    DeskAgent,
    EntryEventKind,
    Handling,
    Leg,
    OfferKind,
    Participant,
    Queue,
    QueueEntry,
    QueueOffer,
)
from calls.services import facts
from calls.services.desk import agents, entries, finishing, ringing, rounds
from calls.services.desk.errors import AskedAlready, NoSuchAgent, NotInHand, NotThere
from calls.services.desk.locking import lock_desks
from calls.services.errors import WrongState
from calls.services.holding import may_be_held, put_on_hold, take_off_hold
from calls.services.hosting import step_out
from calls.services.rooms import Room, Seat, locked_rooms
from calls.states import LegState, ParticipantState

# Who is handed on stands before those who have not been answered yet.
HANDED_ON_PRIORITY = 1
# An agent who is meant gets so long; then it may be anybody of the queue.
RESERVED_FOR = timedelta(seconds=45)
# Nobody waits for a letter: it may lie until the agent is free.
LETTER_RESERVED_FOR = timedelta(hours=8)
# Who was asked in comes within this; a lost page is kept its place for as long.
COMES_WITHIN = timedelta(seconds=75)


def consult(entry_id: UUID, colleague_id: UUID, *, by: User, note: str) -> QueueOffer:
    """Ask a colleague in; the person is on hold meanwhile. Their desk rings.

    Raises NotInHand, NotThere if the colleague cannot take it now, AskedAlready.
    """
    with _in_hand(entry_id, by) as (entry, _mine, room):
        lock_desks([colleague_id, by.pk])
        desk = DeskAgent.objects.filter(user=colleague_id).select_related("user").first()
        if desk is None or desk.state != AgentState.AVAILABLE or not desk.is_connected:
            raise NotThere
        asked = QueueOffer.objects.filter(state=RingState.RINGING)
        if asked.filter(Q(entry=entry) | Q(agent=colleague_id)).exists():
            raise AskedAlready
        _hold(room, by=_seat_of(room, by))
        now = timezone.now()
        offer = QueueOffer.objects.create(
            entry=entry,
            agent=desk.user,
            kind=OfferKind.CONSULT,
            asked_by=by,
            note=note,
            offered_at=now,
            rings_until=now + timedelta(seconds=entry.queue.ring_secs),
        )
        entries.note(entry.pk, EntryEventKind.OFFERED, by=by, agent=colleague_id, offer=offer.pk)
        record("desk.consult", actor=by.pk, target_type="queueentry", target=entry.pk)
        rounds.request()
    return offer


def stop_asking(entry_id: UUID, *, by: User) -> None:
    """The colleague's desk rings no more. Raises NotInHand."""
    with _in_hand(entry_id, by) as (entry, _mine, _room):
        ringing.stop_for(entry.pk)
        rounds.request()


def hand_over(entry_id: UUID, colleague_id: UUID, *, by: User) -> None:
    """The colleague who was asked in goes on with the person; the agent leaves to their after-call
    work. Raises NotInHand, NotThere if the colleague is not in the call."""
    with _in_hand(entry_id, by) as (entry, mine, room):
        lock_desks([colleague_id, by.pk])
        theirs = Handling.objects.filter(
            entry=entry, agent=colleague_id, state=HandlingState.TALKING
        )
        if not _is_in(room, colleague_id) or not theirs.update(is_consult=False):
            raise NotThere
        QueueEntry.objects.filter(pk=entry.pk).update(agent=colleague_id)
        CallSession.objects.filter(pk=entry.call_id).update(agent=colleague_id)
        to = next(seat.name for seat in room.seats.values() if seat.user_id == colleague_id)
        step_out(room, _seat_of(room, by), reason="handed_on", agent=to)
        _resume(room)
        entries.note(entry.pk, EntryEventKind.TRANSFERRED, by=by, agent=colleague_id, warm=True)
        record(
            "desk.hand_over",
            actor=by.pk,
            target_type="queueentry",
            target=entry.pk,
            to=str(colleague_id),
        )
        finishing.stop_talking(mine, entry.queue)


def send_to_agent(entry_id: UUID, colleague_id: UUID, *, by: User, note: str) -> None:
    """On to a colleague without a word with them: for a while only they are asked, whatever they
    answer and can otherwise; then anybody of the queue, in which the contact stays. Raises
    NotInHand, NoSuchAgent, NotThere if they are not at the desk."""
    desk = DeskAgent.objects.filter(user=colleague_id, user__is_active=True).first()
    if desk is None or colleague_id == by.pk:
        raise NoSuchAgent
    if desk.state == AgentState.OFFLINE or not desk.is_connected:
        raise NotThere
    _send_on(entry_id, by=by, note=note, agent=colleague_id)


def send_to_queue(entry_id: UUID, queue: Queue, *, by: User, note: str) -> None:
    """On to another queue, before those who were not answered yet. Raises NotInHand."""
    _send_on(entry_id, by=by, note=note, queue=queue.pk)


def _send_on(
    entry_id: UUID, *, by: User, note: str, agent: UUID | None = None, queue: UUID | None = None
) -> None:
    with _in_hand(entry_id, by, or_letter=True) as (entry, mine, room):
        lock_desks([by.pk])
        ringing.stop_for(entry.pk)
        now = timezone.now()
        is_letter = entry.kind == EntryKind.MESSAGE
        fields: dict[str, Any] = {"queue_id": queue} if queue else {}
        if agent:
            kept_for = LETTER_RESERVED_FOR if is_letter else RESERVED_FOR
            fields = {"reserved_for": agent, "reserved_until": now + kept_for}
        priority = max(entry.priority, HANDED_ON_PRIORITY)
        fields |= {"priority": priority, "queued_at": now, "handed_note": note}
        entries.advance(entry.pk, EntryState.WAITING, **fields)
        if not is_letter:
            _hold(room, by=_seat_of(room, by))
            step_out(room, _seat_of(room, by), reason="handed_on")
        entries.note(
            entry.pk, EntryEventKind.TRANSFERRED, by=by, warm=False, queue=queue, agent=agent
        )
        record("desk.send_on", actor=by.pk, target_type="queueentry", target=entry.pk)
        finishing.stop_talking(mine, entry.queue)
        rounds.request()


@contextmanager
def _in_hand(
    entry_id: UUID, by: User, *, or_letter: bool = False
) -> Iterator[tuple[QueueEntry, Handling, Room]]:
    """The entry that the agent speaks with, their part in it, and its call, locked.

    Raises NotInHand for one that is not theirs any more, and for a letter, about which nobody is
    in a call, unless `or_letter`.
    """
    call_id = QueueEntry.objects.filter(pk=entry_id).values_list("call_id", flat=True).first()
    if call_id is None:
        raise NotInHand
    try:
        with facts.locked_call(call_id), locked_rooms([call_id]) as rooms:
            mine = _talks(entry_id).filter(agent=by, is_consult=False).first()
            if mine is None or mine.entry.state != EntryState.ANSWERED:
                raise NotInHand
            if mine.entry.kind == EntryKind.MESSAGE and not or_letter:
                raise NotInHand
            yield mine.entry, mine, rooms[call_id]
    except WrongState as over:
        raise NotInHand from over


def _talks(entry_id: UUID) -> QuerySet[Handling]:
    rows = Handling.objects.filter(entry=entry_id, state=HandlingState.TALKING)
    return rows.select_related("entry__queue")


def _is_in(room: Room, user_id: UUID) -> bool:
    """Whether the colleague's page is in the call."""
    return any(
        seat.user_id == user_id and seat.state == ParticipantState.ADMITTED and seat.leg
        for seat in room.seats.values()
    )


def _seat_of(room: Room, user: User) -> Seat:
    return next(seat for seat in room.seats.values() if seat.user_id == user.pk)


def _hold(room: Room, *, by: Seat) -> None:
    for seat in room.seats.values():
        if may_be_held(seat) and not seat.held_at:
            put_on_hold(room, seat, by=by)


def _resume(room: Room) -> None:
    for seat in room.seats.values():
        if seat.held_at:
            take_off_hold(room, seat, by=None)


def sweep() -> None:
    """Colleagues who gave advice and went, or never came, are free again."""
    gone = Participant.objects.filter(
        call=OuterRef("entry__call"),
        user=OuterRef("agent"),
        state__in=(ParticipantState.LEFT, ParticipantState.REMOVED),
    )
    there = Leg.objects.exclude(state=LegState.CLOSED).filter(
        participant__call=OuterRef("entry__call"), participant__user=OuterRef("agent")
    )
    late = Q(began_at__lte=timezone.now() - COMES_WITHIN)
    over = Handling.objects.filter(
        Q(Exists(gone)) | (~Q(Exists(there)) & late), state=HandlingState.TALKING, is_consult=True
    ).select_related("entry__queue")
    for talk in list(over):
        with transaction.atomic():
            agents.locked(talk.agent_id)
            finishing.stop_talking(talk, talk.entry.queue)
