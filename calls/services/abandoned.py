"""Calls that nobody ended: they end by themselves when their time is over."""

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from calls.models import CallSession, Participant, ParticipantRole
from calls.services import facts, settling
from calls.services.lifecycle import end_call
from calls.states import CallState, LegState

ABANDONED_AFTER = timedelta(hours=6)


def end_abandoned() -> int:
    """End calls whose time is over and where nobody is connected; returns how many.

    Those in which somebody was admitted only when it is long over: people may come back.
    """
    now = timezone.now()
    people = Participant.objects.filter(
        call=OuterRef("pk"), legs__state__in=(LegState.CONNECTED, LegState.DROPPED)
    ).exclude(role__in=(ParticipantRole.RECORDER, ParticipantRole.SUPERVISOR))
    forgotten = CallSession.objects.filter(
        Q(state=CallState.LIVE, ends_at__lt=now - ABANDONED_AFTER)
        | Q(state=CallState.OPEN, pk__in=settling.waited_out(now)),
        ~Exists(people),
    )
    count = 0
    for call_id in list(forgotten.values_list("pk", flat=True)[:200]):
        with facts.locked_call(call_id, open_only=False) as call:
            if call.state != CallState.ENDED:
                end_call(call, reason="abandoned")
                count += 1
    return count
