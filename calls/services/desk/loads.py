"""What agents have in hand: conversations from queues, and visits that were booked."""

from collections import Counter
from collections.abc import Iterable
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from calls.desk.states import EntryKind, HandlingState
from calls.models import Handling, Leg, Media, ParticipantRole
from calls.states import LegState


def in_visits(user_ids: Iterable[UUID] | None = None) -> set[UUID]:
    """The agents who are in a visit that did not come from a queue; of all, or of `user_ids`.

    A booked visit that fell back to a queue counts for whoever has no part in its contact.
    """
    part = Handling.objects.filter(
        entry__call=OuterRef("participant__call"), agent=OuterRef("participant__user")
    )
    legs = Leg.objects.filter(
        state__in=(LegState.CONNECTED, LegState.DROPPED),
        entered_at__isnull=False,
        participant__role=ParticipantRole.AGENT,
    )
    legs = legs.filter(
        Q(participant__call__entry__isnull=True)
        | Q(participant__call__entry__appointment__isnull=False) & ~Exists(part)
    )
    if user_ids is not None:
        legs = legs.filter(participant__user__in=list(user_ids))
    return {pk for pk in legs.values_list("participant__user_id", flat=True) if pk}


def conversations() -> tuple[Counter[UUID], Counter[UUID]]:
    """How many calls each agent is in, booked visits among them, and how many chats in writing.

    Who calls somebody back or answers a letter is in a call, however the person came.
    """
    calls, chats = Counter(in_visits()), Counter[UUID]()
    talks = Handling.objects.filter(state=HandlingState.TALKING).order_by()
    for agent_id, kind, media in talks.values_list("agent_id", "entry__kind", "entry__media"):
        writes = kind == EntryKind.LIVE and media == Media.TEXT
        (chats if writes else calls)[agent_id] += 1
    return calls, chats
