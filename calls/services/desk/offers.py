"""What an agent answers to an offer that rings, and what follows when nobody does."""

from uuid import UUID

from django.db import transaction
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from audit.log import record
from calls.desk.states import EntryKind, EntryState, HandlingState, RingState
from calls.models import (
    CallSession,
    DeskAgent,
    Handling,
    OfferKind,
    Participant,
    ParticipantRole,
    QueueEntry,
    QueueOffer,
)
from calls.services import facts
from calls.services.desk import agents, entries, letters, ringing, rounds
from calls.services.desk.errors import OfferGone
from calls.services.errors import WrongState
from calls.services.holding import take_off_hold
from calls.services.hosting import ask_in
from calls.services.lifecycle import let_in
from calls.services.rooms import locked_rooms
from calls.states import ParticipantState

MOST_AT_ONCE = 500


def accept(user: User, offer_id: UUID) -> QueueEntry:
    """The agent takes the contact: it is theirs, and whoever waits is let in. Who wanted a call
    back is mailed the way in, and a letter needs none.

    Answered twice, as from two tabs, it says the same twice. Raises OfferGone.
    """
    offer = _offer(user, offer_id)
    if offer.state == RingState.ACCEPTED:
        return offer.entry
    try:
        with facts.locked_call(offer.entry.call_id) as call:
            agents.locked(user.pk)
            if not ringing.stop(offer, RingState.ACCEPTED, by=user):
                return _answered_elsewhere(offer)
            _answer(offer, user)
            _begin(offer.entry, user, is_consult=offer.kind == OfferKind.CONSULT)
            DeskAgent.objects.filter(user=user).update(missed=0)
            if offer.entry.kind != EntryKind.MESSAGE:
                _take_place(call, user, offer)
            record("desk.accept", actor=user.pk, target_type="queueentry", target=offer.entry_id)
            agents.settle(user.pk)
    except WrongState as over:
        raise OfferGone from over
    return offer.entry


def decline(user: User, offer_id: UUID) -> None:
    """The entry goes back to its old place; this agent is not asked about it for a while.

    Nothing happens if the offer is gone already. Raises OfferGone for one that is not theirs.
    """
    offer = _offer(user, offer_id)
    with transaction.atomic():
        agents.locked(user.pk)
        if ringing.stop(offer, RingState.DECLINED, by=user):
            record("desk.decline", actor=user.pk, target_type="queueentry", target=offer.entry_id)
            rounds.request()


def sweep() -> None:
    """Offers that rang long enough go back; who missed two in a row is on a break."""
    late = QueueOffer.objects.filter(state=RingState.RINGING, rings_until__lte=timezone.now())
    for offer in list(late.order_by("rings_until")[:MOST_AT_ONCE]):
        with transaction.atomic():
            agents.locked(offer.agent_id)
            if ringing.stop(offer, RingState.MISSED):
                agents.missed_one(offer.agent_id)
                rounds.request()


def ringing_for(user: User) -> QueueOffer | None:
    """What rings at the agent's desk, or None."""
    rows = QueueOffer.objects.filter(agent=user, state=RingState.RINGING)
    return rows.select_related("entry__queue", "decision", "asked_by").first()


def _offer(user: User, offer_id: UUID) -> QueueOffer:
    found = QueueOffer.objects.filter(pk=offer_id, agent=user).select_related("entry").first()
    if found is None:
        raise OfferGone
    return found


def _answered_elsewhere(offer: QueueOffer) -> QueueEntry:
    """What another tab has answered in the same moment. Raises OfferGone if none has."""
    offer.refresh_from_db()
    if offer.state != RingState.ACCEPTED:
        raise OfferGone
    return offer.entry


def _answer(offer: QueueOffer, user: User) -> None:
    """Advice is given to somebody who is spoken with; everybody else is answered by it."""
    if offer.kind == OfferKind.CONSULT:
        if not QueueEntry.objects.filter(pk=offer.entry_id, state=EntryState.ANSWERED).exists():
            raise OfferGone
        return
    answered_at = Coalesce("answered_at", timezone.now())
    fields = {"agent": user, "answered_at": answered_at, "away_since": None}
    if not entries.advance(offer.entry_id, EntryState.ANSWERED, **fields):
        raise OfferGone


def _begin(entry: QueueEntry, user: User, *, is_consult: bool) -> None:
    """The agent's part begins; what they had to do with the contact before is done by it."""
    now = timezone.now()
    before = Handling.objects.filter(entry=entry, agent=user)
    before.filter(state=HandlingState.TALKING).update(
        state=HandlingState.DONE, talked_until=now, done_at=now
    )
    before.filter(state=HandlingState.WRAPPING_UP).update(state=HandlingState.DONE, done_at=now)
    Handling.objects.create(entry=entry, agent=user, began_at=now, is_consult=is_consult)


def _take_place(call: CallSession, user: User, offer: QueueOffer) -> None:
    """The agent has a place in the locked call. Who leads it is there for the person, who is
    admitted, or comes off hold, at once."""
    mine, _ = Participant.objects.get_or_create(
        call=call, user=user, defaults={"role": ParticipantRole.AGENT}
    )
    entry, leads = offer.entry, offer.kind == OfferKind.ROUTED
    if leads:
        CallSession.objects.filter(pk=call.pk).update(agent=user)
    with locked_rooms([call.pk]) as rooms:
        room = rooms[call.pk]
        ask_in(room, room.seats[mine.pk])
        if not leads:
            return
        person = next(seat for seat in room.seats.values() if seat.user_id == entry.person_id)
        if person.leg is None:
            letters.call_now(QueueEntry.objects.get(pk=entry.pk))
        for seat in room.seats.values():
            waits = seat.state in (ParticipantState.INVITED, ParticipantState.WAITING)
            if seat.user_id == entry.person_id and waits:
                let_in(room, seat, by=room.seats[mine.pk])
            elif seat.held_at:
                take_off_hold(room, seat, by=room.seats[mine.pk], agent=room.seats[mine.pk].name)
