"""Legs: which browser of a participant is connected, lost, back, or gone."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from calls import signaling
from calls.models import CallSession, Leg, Participant, ParticipantRole
from calls.protocol import FactKind
from calls.services import facts
from calls.states import CallState, LegState, ParticipantState

# A server that stopped answering for its sockets: their legs count as lost after this long.
UNSEEN_AFTER = timedelta(seconds=20)
# How long a lost leg keeps its place.
PLACE_KEPT = timedelta(seconds=60)


def connect(participant: Participant, leg_id: UUID | None) -> Leg:
    """The leg of a new socket: `leg_id` if it may go on, else a new one that replaces the others.

    Raises WrongState if the call has ended.
    """
    with facts.locked_call(participant.call_id) as call:
        now = timezone.now()
        mine = Leg.objects.filter(participant=participant).exclude(state=LegState.CLOSED)
        resumed = mine.filter(pk=leg_id).first() if leg_id else None
        if resumed is not None:
            was_dropped = resumed.state == LegState.DROPPED
            mine.filter(pk=resumed.pk).update(
                state=LegState.CONNECTED, seen_at=now, epoch=F("epoch") + 1
            )
            resumed.refresh_from_db()
            if was_dropped and resumed.entered_at:
                _append_joined(call, participant, resumed)
            return resumed
        close_legs(call, participant, reason="replaced")
        signaling.wake_on_commit(call.pk)
        leg = Leg.objects.create(participant=participant, seen_at=now)
        if participant.role == ParticipantRole.RECORDER:
            Leg.objects.filter(pk=leg.pk).update(entered_at=now)
            _append_joined(call, participant, leg)
        return leg


def drop(leg_id: UUID, *, epoch: int) -> None:
    """The socket of a leg is gone, its place is kept; an older socket's late goodbye is ignored."""
    leg = Leg.objects.select_related("participant__user").filter(pk=leg_id).first()
    if leg is None:
        return
    with facts.locked_call(leg.participant.call_id, open_only=False) as call:
        dropped = Leg.objects.filter(pk=leg_id, state=LegState.CONNECTED, epoch=epoch)
        if not dropped.update(state=LegState.DROPPED, seen_at=timezone.now()):
            return
        if leg.participant.role == ParticipantRole.RECORDER or not leg.entered_at:
            close_legs(call, leg.participant, reason="left")
            _stop_waiting(call, leg)
        elif call.state != CallState.ENDED:
            facts.append(
                call,
                FactKind.DROPPED,
                by=leg.participant,
                participant=leg.participant_id,
                leg=leg_id,
            )


def close_legs(call: CallSession, participant: Participant, *, reason: str) -> None:
    """Close what a participant has open, and say so if others knew of it. The call is locked."""
    for leg in Leg.objects.filter(participant=participant).exclude(state=LegState.CLOSED):
        Leg.objects.filter(pk=leg.pk).update(state=LegState.CLOSED, closed_at=timezone.now())
        if leg.entered_at and call.state != CallState.ENDED:
            facts.append(
                call,
                FactKind.LEFT,
                by=participant,
                participant=participant.pk,
                leg=leg.pk,
                reason=reason,
            )


def announce(call: CallSession, participant: Participant) -> None:
    """Tell that an admitted participant's leg is there, if it is."""
    leg = Leg.objects.filter(
        participant=participant, state=LegState.CONNECTED, entered_at__isnull=False
    ).first()
    if leg is not None:
        _append_joined(call, participant, leg)


def see(leg_ids: Collection[UUID]) -> None:
    """A web process answers for these legs: their sockets are open now.

    One that was given up for lost, because the process was held up for long, is taken back.
    """
    Leg.objects.filter(pk__in=leg_ids, state=LegState.CONNECTED).update(seen_at=timezone.now())
    lost = Leg.objects.filter(pk__in=leg_ids, state=LegState.DROPPED)
    for leg in lost.select_related("participant__user"):
        with facts.locked_call(leg.participant.call_id, open_only=False) as call:
            back = Leg.objects.filter(pk=leg.pk, state=LegState.DROPPED)
            if back.update(state=LegState.CONNECTED, seen_at=timezone.now()) and leg.entered_at:
                _append_joined(call, leg.participant, leg)


def sweep() -> None:
    """Lost sockets of dead web processes become dropped; places not taken up again are given up."""
    now = timezone.now()
    unseen = Leg.objects.filter(state=LegState.CONNECTED, seen_at__lt=now - UNSEEN_AFTER)
    for leg_id, epoch in list(unseen.values_list("pk", "epoch")[:500]):
        drop(leg_id, epoch=epoch)
    expired = Leg.objects.filter(state=LegState.DROPPED, seen_at__lt=now - PLACE_KEPT)
    for leg in expired.select_related("participant__user")[:500]:
        _give_up(leg)


def _give_up(leg: Leg) -> None:
    with facts.locked_call(leg.participant.call_id, open_only=False) as call:
        still = Leg.objects.filter(pk=leg.pk, state=LegState.DROPPED)
        if not still.exists():
            return
        close_legs(call, leg.participant, reason="timeout")
        _leave_the_waiting_room(leg.participant)


def _stop_waiting(call: CallSession, leg: Leg) -> None:
    """A newer tab took a waiting person's place and was closed before it entered: nobody waits."""
    if _leave_the_waiting_room(leg.participant) and call.state != CallState.ENDED:
        facts.append(
            call,
            FactKind.LEFT,
            by=leg.participant,
            participant=leg.participant_id,
            leg=leg.pk,
            reason="left",
        )


def _leave_the_waiting_room(participant: Participant) -> bool:
    waiting = Participant.objects.filter(pk=participant.pk, state=ParticipantState.WAITING)
    return bool(waiting.update(state=ParticipantState.INVITED, waiting_since=None))


def _append_joined(call: CallSession, participant: Participant, leg: Leg) -> None:
    waiting = Participant.objects.filter(pk=participant.pk, state=ParticipantState.WAITING)
    facts.append(
        call,
        FactKind.JOINED,
        by=participant,
        participant=participant.pk,
        name=participant.name,
        role=participant.role,
        leg=leg.pk,
        waiting=waiting.exists(),
    )
