"""Reads the desk, lets the router decide, and makes the offers, each with its decision.

Safe with many processes at once: whoever makes an offer holds the desk of its agent locked, and an
entry leaves the line once.
"""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from calls.desk.router import Decision, route
from calls.desk.snapshot import Policy
from calls.desk.states import EntryState
from calls.models import (
    DeskAgent,
    EntryEvent,
    EntryEventKind,
    OfferKind,
    Queue,
    QueueEntry,
    QueueOffer,
    RoutingDecision,
)
from calls.services.desk import entries
from calls.services.desk.reading import read, rung, takers


def run() -> int:
    """One round: returns how many offers it made."""
    snapshot = read(timezone.now())
    decisions = route(snapshot)
    return offer_all(decisions, policy=snapshot.policy) if decisions else 0


def offer_all(decisions: list[Decision], *, policy: Policy) -> int:
    """Make those of the offers that still can be made; returns how many.

    1. The desks of the agents are locked, in order, and looked at again.
    2. Each entry leaves the line, unless it has left it already.
    """
    with transaction.atomic():
        free = _still_free([one.agent for one in decisions])
        made = [one for one in decisions if one.agent in free and _take(one)]
        if made:
            _write(made, policy)
    return len(made)


def _take(decision: Decision) -> bool:
    return entries.advance(decision.entry, EntryState.RINGING)


def _write(decisions: list[Decision], policy: Policy) -> None:
    now = timezone.now()
    queues = dict(
        QueueEntry.objects.filter(pk__in=[one.entry for one in decisions]).values_list(
            "pk", "queue_id"
        )
    )
    ring = dict(Queue.objects.filter(pk__in=queues.values()).values_list("pk", "ring_secs"))
    kept = RoutingDecision.objects.bulk_create(
        RoutingDecision(
            entry_id=one.entry,
            queue_id=queues[one.entry],
            agent_id=one.agent,
            at=now,
            policy=policy.name,
            reason=one.reason,
            waited_secs=max(one.waited_secs, 0),
            candidates=[
                {"agent": each.agent, "idle_secs": int(each.idle_secs), "preferred": each.preferred}
                for each in one.candidates
            ],
            candidate_count=one.candidate_count,
            refused=one.refused,
        )
        for one in decisions
    )
    offers = QueueOffer.objects.bulk_create(
        QueueOffer(
            entry_id=row.entry_id,
            agent_id=row.agent_id,
            kind=OfferKind.ROUTED,
            decision=row,
            offered_at=now,
            rings_until=now + timedelta(seconds=ring[row.queue_id]),
        )
        for row in kept
    )
    EntryEvent.objects.bulk_create(
        EntryEvent(
            entry_id=offer.entry_id,
            at=now,
            kind=EntryEventKind.OFFERED,
            data={"agent": offer.agent_id, "offer": offer.pk},
        )
        for offer in offers
    )


def _still_free(user_ids: Iterable[UUID]) -> set[UUID]:
    rows = DeskAgent.objects.select_for_update(of=("self",)).filter(user__in=list(user_ids))
    wanting = set(rows.filter(takers()).order_by("pk").values_list("user_id", flat=True))
    return wanting - rung()
