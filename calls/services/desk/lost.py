"""Agents whose browser died in a conversation: nobody is left alone with a dead line."""

from contextlib import suppress
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from calls.desk.states import EntryKind, EntryState, HandlingState
from calls.models import EntryEventKind, Handling, Leg, Participant, QueueEntry
from calls.services import facts
from calls.services.desk import agents, entries, finishing, ringing, rounds
from calls.services.desk.locking import lock_desks
from calls.services.desk.transferring import HANDED_ON_PRIORITY
from calls.services.errors import WrongState
from calls.services.hosting import step_out
from calls.services.lifecycle import end_call
from calls.services.rooms import locked_rooms
from calls.states import LegState, ParticipantState

MOST_AT_ONCE = 200
# People may come back to a conversation that nobody ended, but not for ever.
DESERTED_AFTER = timedelta(minutes=10)
# Who left the call by word is expected back for so long.
LEFT_FOR = timedelta(minutes=3)
# The place of a lost leg is kept for a minute; who accepts has as long to come.
LOST_AFTER = timedelta(seconds=75)


def sweep() -> None:
    """Whose agent was lost, or never came, is next in line again."""
    for talk in list(_lost()):
        try:
            with facts.locked_call(talk.entry.call_id), locked_rooms([talk.entry.call_id]) as rooms:
                lock_desks([talk.agent_id])
                if not _lost().filter(pk=talk.pk).exists():
                    continue
                room = rooms[talk.entry.call_id]
                for seat in room.seats.values():
                    if seat.user_id == talk.agent_id:
                        step_out(room, seat)
                _requeue(talk)
        except WrongState:
            continue


def end_deserted() -> None:
    """Conversations that everybody has gone from are over, though nobody said so."""
    since = timezone.now() - DESERTED_AFTER
    lately = Leg.objects.filter(participant__call=OuterRef("call")).filter(
        Q(closed_at__isnull=True) | Q(closed_at__gt=since)
    )
    begun = Handling.objects.filter(entry=OuterRef("pk"), began_at__gt=since)
    deserted = QueueEntry.objects.filter(
        ~Exists(lately), ~Exists(begun), state=EntryState.ANSWERED
    ).exclude(kind=EntryKind.MESSAGE)
    for call_id in list(deserted.values_list("call_id", flat=True)[:MOST_AT_ONCE]):
        with suppress(WrongState), facts.locked_call(call_id) as call:
            end_call(call, reason="abandoned")


def _requeue(talk: Handling) -> None:
    ringing.stop_for(talk.entry_id)
    now = timezone.now()
    entries.advance(
        talk.entry_id,
        EntryState.WAITING,
        priority=max(talk.entry.priority, HANDED_ON_PRIORITY),
        queued_at=now,
    )
    entries.note(talk.entry_id, EntryEventKind.RECALLED, agent=talk.agent_id, reason="agent_lost")
    finishing.stop_talking(talk, talk.entry.queue)
    rounds.request()


def _lost() -> QuerySet[Handling]:
    """Talks in which the person is alone, and letters and calls back whose agent is gone."""
    now = timezone.now()
    away = (
        Q(agent__is_active=False)
        | Q(agent__desk__is_connected=False, agent__desk__seen_at__lte=now - agents.GONE_AFTER)
        | Q(agent__desk__seen_at__lte=now - LOST_AFTER)
    )
    talks = Handling.objects.filter(
        state=HandlingState.TALKING,
        is_consult=False,
        entry__state=EntryState.ANSWERED,
        began_at__lte=now - LOST_AFTER,
    ).select_related("entry__queue")
    return talks.filter(_is_alone(now, away) | (~Q(entry__kind=EntryKind.LIVE) & away))


def _is_alone(now: datetime, away: Q) -> Q:
    """The person is in the call, and the agent has no connection to it and is not coming back.

    Who left by word may come back for a while, as long as they are at the desk.
    """
    legs = Leg.objects.filter(participant__call=OuterRef("entry__call"))
    of_agent = legs.filter(participant__user=OuterRef("agent"))
    open_ones = legs.exclude(state=LegState.CLOSED)
    went = Participant.objects.filter(
        call=OuterRef("entry__call"),
        user=OuterRef("agent"),
        state__in=(ParticipantState.LEFT, ParticipantState.REMOVED),
    )
    just_left = of_agent.filter(closed_at__gt=now - LEFT_FOR)
    return (
        ~Q(entry__kind=EntryKind.MESSAGE)
        & ~Q(Exists(of_agent.exclude(state=LegState.CLOSED)))
        & Q(Exists(open_ones.filter(participant__user=OuterRef("entry__person"))))
        & (~Q(Exists(went)) | ~Q(Exists(just_left)) | away)
    )
