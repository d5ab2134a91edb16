"""Reads the desk, lets the router decide, and makes the offers, each with its decision.

Safe with many processes at once: whoever makes an offer holds the desk of its agent locked, and an
entry leaves the line once.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from calls.desk.router import Candidate, Decision, route
from calls.desk.snapshot import Need, Policy, Snapshot
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
from calls.services.desk.loads import conversations
from calls.services.desk.locking import lock_desks, lock_entries
from calls.services.desk.reading import medium_of, read, rung, takers


def run() -> int:
    """One round: returns how many offers it made."""
    snapshot = read(timezone.now())
    decisions = route(snapshot)
    return offer_all(decisions, snapshot) if decisions else 0


def offer_all(decisions: list[Decision], snapshot: Snapshot) -> int:
    """Make those of the offers that still can be made; returns how many.

    1. The desks of the agents are locked, in order, and looked at again.
    2. So are the entries; those that still need what they needed leave the line.

    What has changed since the snapshot is left to the round that the change has asked for.
    """
    with transaction.atomic():
        free = _still_free(decisions, snapshot)
        rows = lock_entries([one.entry for one in decisions if one.agent in free])
        needs = {one.pk: one.need for one in snapshot.waiting}
        made = [
            one
            for one in decisions
            if one.entry in rows and _still_waits(rows[one.entry], needs[one.entry], one.agent)
        ]
        if made:
            entries.advance_all([one.entry for one in made], EntryState.RINGING)
            _write(made, {one.entry: rows[one.entry].queue_id for one in made}, snapshot.policy)
    return len(made)


def _still_free(decisions: list[Decision], snapshot: Snapshot) -> set[UUID]:
    """The agents, locked, who still want offers and have taken nothing more in hand."""
    asked = [one.agent for one in decisions]
    lock_desks(asked)
    wanting = DeskAgent.objects.filter(takers(), user__in=asked)
    found = set(wanting.values_list("user_id", flat=True)) - rung()
    calls, chats = conversations()
    return {
        one.pk
        for one in snapshot.agents
        if one.pk in found and not calls[one.pk] and chats[one.pk] <= one.chats
    }


def _still_waits(row: QueueEntry, need: Need, agent_id: UUID) -> bool:
    return (
        row.state == EntryState.WAITING
        and (row.queue_id, medium_of(row.kind, row.media)) == (need.queue, need.medium)
        and (
            row.reserved_for_id in (None, agent_id)
            or row.reserved_until is None
            or row.reserved_until <= timezone.now()
        )
    )


def _write(decisions: list[Decision], queues: dict[UUID, UUID], policy: Policy) -> None:
    now = timezone.now()
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
            candidates=[_as_kept(each) for each in one.candidates],
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


def _as_kept(one: Candidate) -> dict[str, Any]:
    kept = {"agent": one.agent, "idle_secs": int(one.idle_secs), "preferred": one.preferred}
    return {**kept, "lacks": one.lacks} if one.lacks else kept
