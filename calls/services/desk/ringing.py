"""Offers that stop ringing, and the entries that go back to their old place because of it."""

from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from calls.desk.states import RING, EntryState, RingState
from calls.models import EntryEventKind, OfferKind, QueueOffer
from calls.services.desk import entries
from calls.services.desk.locking import lock_entries
from calls.states import sources

_SAID = {
    RingState.ACCEPTED: EntryEventKind.ACCEPTED,
    RingState.DECLINED: EntryEventKind.DECLINED,
    RingState.MISSED: EntryEventKind.MISSED,
    RingState.WITHDRAWN: EntryEventKind.WITHDRAWN,
}


def stop(offer: QueueOffer, target: RingState, *, by: User | None = None) -> bool:
    """The offer rings no more; False if it had stopped before.

    Unless it was accepted, its entry is in line again with the time that it has waited. Runs in a
    transaction of the caller, in which the entry is locked from now on.
    """
    lock_entries([offer.entry_id])
    rows = QueueOffer.objects.filter(pk=offer.pk, state__in=sources(RING, target))
    if not rows.update(state=target, settled_at=timezone.now()):
        return False
    entries.note(offer.entry_id, _SAID[target], by=by, agent=offer.agent_id, offer=offer.pk)
    if offer.kind == OfferKind.ROUTED and target != RingState.ACCEPTED:
        entries.advance(offer.entry_id, EntryState.WAITING)
    return True


def stop_at(user_id: UUID, target: RingState) -> None:
    """What rings at this agent's desk stops."""
    _stop_all(QueueOffer.objects.filter(agent_id=user_id), target)


def stop_for(entry_id: UUID, target: RingState = RingState.WITHDRAWN) -> None:
    """What rings for this entry stops."""
    _stop_all(QueueOffer.objects.filter(entry_id=entry_id), target)


def _stop_all(offers: QuerySet[QueueOffer], target: RingState) -> None:
    for offer in offers.filter(state=RingState.RINGING):
        stop(offer, target)
