"""How each of those in line stands: where it rings, for whom they are kept, who was asked."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from accounts.models import User
from calls.desk.states import EntryKind, EntryState, RingState
from calls.models import OfferKind, QueueEntry, QueueOffer
from calls.services.desk.reading import is_there


class Stand(StrEnum):
    """`absent`: before the device check, or away by less than the desk has noticed."""

    RINGS = "rings"
    KEPT = "kept"
    HANDED_ON = "handed_on"
    AWAY = "away"
    ABSENT = "absent"
    DECLINED = "declined"
    MISSED = "missed"
    WAITS = "waits"


@dataclass(frozen=True)
class Standing:
    """`agent`: at whom it rings, for whom it is kept, or who was asked last; else None."""

    stand: Stand
    agent: User | None = None


def standings(entries: Collection[QueueEntry], now: datetime) -> dict[UUID, Standing]:
    """By entry of those in line; two queries, whose `reserved_for` is read along with them."""
    asked = _asked_last(entries)
    there = _there(entries)
    return {
        one.pk: _standing(one, asked.get(one.pk), is_there=one.pk in there, now=now)
        for one in entries
    }


def _standing(
    entry: QueueEntry, asked: QueueOffer | None, *, is_there: bool, now: datetime
) -> Standing:
    if entry.state == EntryState.RINGING:
        return Standing(Stand.RINGS, asked.agent if asked else None)
    if entry.reserved_for and entry.reserved_until and entry.reserved_until > now:
        return Standing(Stand.KEPT, entry.reserved_for)
    if entry.kind == EntryKind.LIVE and entry.away_since:
        return Standing(Stand.AWAY)
    if entry.kind == EntryKind.LIVE and not is_there:
        return Standing(Stand.ABSENT)
    if asked and asked.state == RingState.DECLINED:
        return Standing(Stand.DECLINED, asked.agent)
    if asked and asked.state == RingState.MISSED:
        return Standing(Stand.MISSED, asked.agent)
    return Standing(Stand.HANDED_ON if entry.answered_at else Stand.WAITS)


def _asked_last(entries: Collection[QueueEntry]) -> dict[UUID, QueueOffer]:
    rows = QueueOffer.objects.filter(entry__in=entries, kind=OfferKind.ROUTED)
    latest = rows.order_by("entry", "offered_at", "pk").select_related("agent")
    return {offer.entry_id: offer for offer in latest}


def _there(entries: Collection[QueueEntry]) -> set[UUID]:
    """Whose page is connected and past the device check, as the router asks for it."""
    rows = QueueEntry.objects.filter(is_there(), pk__in=[one.pk for one in entries])
    return set(rows.values_list("pk", flat=True))
