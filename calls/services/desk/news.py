"""What the pages of agents are told of the desk, read for many of them at once."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from uuid import UUID
from zlib import crc32

from django.db.models import Exists, OuterRef

from calls.desk.messages import Consult, Desk, Line, Ringing, Talk
from calls.desk.states import IN_LINE, EntryState, HandlingState, RingState
from calls.models import DeskAgent, Handling, OfferKind, Queue, QueueEntry, QueueOffer
from calls.services.desk.reading import is_there
from calls.services.news import iso, now_iso


def desks_of(user_ids: Collection[UUID]) -> dict[UUID, Desk]:
    """The desk of each agent who has one; a constant number of queries."""
    desks = DeskAgent.objects.filter(user__in=user_ids)
    ringing, talks, line = _ringing(user_ids), _talks(user_ids), _Lines(user_ids)
    now = now_iso()
    return {
        desk.user_id: Desk(
            now=now,
            state=desk.state,
            wanted=desk.wanted,
            since=iso(desk.since),
            ringing=ringing.get(desk.user_id),
            talks=talks[desk.user_id],
            line=line.of(desk.user_id),
            revision=line.revision(desk.user_id),
        )
        for desk in desks
    }


def _ringing(user_ids: Collection[UUID]) -> dict[UUID, Ringing]:
    offers = QueueOffer.objects.filter(agent__in=user_ids, state=RingState.RINGING)
    return {
        offer.agent_id: Ringing(
            offer=offer.pk,
            entry=offer.entry_id,
            kind=offer.kind,
            name=offer.entry.name,
            subject=offer.entry.subject,
            queue=offer.entry.queue.name,
            media=offer.entry.media,
            contact=offer.entry.kind,
            language=offer.entry.language,
            since=iso(offer.entry.arrived_at),
            rings_until=iso(offer.rings_until),
            why=offer.decision.reason if offer.decision else "",
            note=offer.note or offer.entry.handed_note,
            asked_by=offer.asked_by.display_name if offer.asked_by else "",
        )
        for offer in offers.select_related("entry__queue", "decision", "asked_by")
    }


def _talks(user_ids: Collection[UUID]) -> dict[UUID, list[Talk]]:
    found: dict[UUID, list[Talk]] = defaultdict(list)
    rows = Handling.objects.filter(agent__in=user_ids).exclude(state=HandlingState.DONE)
    consults = _consults(user_ids)
    for row in rows.select_related("entry__queue").order_by("began_at"):
        wraps_up = row.state == HandlingState.WRAPPING_UP and row.wraps_up_until
        found[row.agent_id].append(
            Talk(
                handling=row.pk,
                entry=row.entry_id,
                call=row.entry.call_id,
                name=row.entry.name,
                queue=row.entry.queue.name,
                media=row.entry.media,
                contact=row.entry.kind,
                since=iso(row.began_at),
                wraps_up_until=iso(row.wraps_up_until) if wraps_up and row.wraps_up_until else None,
                advises=row.is_consult,
                consult=consults.get((row.entry_id, row.agent_id)),
            )
        )
    return found


def _consults(user_ids: Collection[UUID]) -> dict[tuple[UUID, UUID], Consult]:
    """Whom each of the agents asked in last, by contact, unless their advice is over."""
    advising = Handling.objects.filter(
        entry=OuterRef("entry"),
        agent=OuterRef("agent"),
        state=HandlingState.TALKING,
        is_consult=True,
    )
    asked = QueueOffer.objects.filter(
        asked_by__in=user_ids, kind=OfferKind.CONSULT, entry__state=EntryState.ANSWERED
    ).annotate(advises=Exists(advising))
    last = {
        (offer.entry_id, offer.asked_by_id): offer
        for offer in asked.select_related("agent").order_by("offered_at")
        if offer.asked_by_id
    }
    return {
        key: Consult(offer.agent_id, offer.agent.display_name, offer.state)
        for key, offer in last.items()
        if offer.state != RingState.ACCEPTED or offer.advises
    }


class _Lines:
    """The queues of agents and who waits in them; three queries."""

    def __init__(self, user_ids: Collection[UUID]) -> None:
        self._queues: dict[UUID, list[UUID]] = defaultdict(list)
        members = Queue.agents.through.objects.filter(user_id__in=user_ids)
        for user_id, queue_id in members.values_list("user_id", "queue_id"):
            self._queues[user_id].append(queue_id)
        wanted = {pk for queues in self._queues.values() for pk in queues}
        active = Queue.objects.filter(pk__in=wanted, is_active=True).order_by("name")
        self._names = dict(active.values_list("pk", "name"))
        self._waiting: dict[UUID, list[tuple[datetime, str, str]]] = defaultdict(list)
        waiting = QueueEntry.objects.filter(queue__in=wanted, state__in=IN_LINE)
        rows = waiting.annotate(there=is_there()).order_by()
        for queue_id, arrived, *shown in rows.values_list(
            *(
                "queue_id",
                "arrived_at",
                "pk",
                "state",
                "kind",
                "there",
                "away_since",
                "reserved_for",
            )
        ):
            self._waiting[queue_id].append((arrived, " ".join(map(str, shown)), shown[2]))

    def of(self, user_id: UUID) -> list[Line]:
        mine = set(self._queues[user_id])
        lines = []
        for pk, name in self._names.items():
            if pk in mine:
                first = min((row[0] for row in self._waiting[pk]), default=None)
                since = iso(first) if first else None
                lines.append(Line(pk, name, len(self._waiting[pk]), since))
        return lines

    def revision(self, user_id: UUID) -> str:
        words = [row[1] for pk in self._queues[user_id] for row in self._waiting[pk]]
        return f"{crc32(' '.join(sorted(words)).encode()):08x}"
