"""What the rows say while a recording is captured, and what is noted beside the ledger."""

import asyncio
import logging
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from channels.db import database_sync_to_async

from audit.log import record as audit
from calls.models import Consent, LedgerEntry, Leg
from calls.states import ConsentState, LedgerKind, LegState, ParticipantState

logger = logging.getLogger(__name__)


def has_ended_for(recording_id: UUID, reason: str) -> bool:
    """Whether the ledger tells of a track that ended for that reason."""
    entries = LedgerEntry.objects.filter(recording_id=recording_id, body__reason=reason)
    return entries.filter(body__kind=LedgerKind.TRACK_ENDED.value).exists()


async def standing_of(recording_id: UUID) -> set[UUID]:
    """The participants whose consent stands now."""
    given = Consent.objects.filter(recording_id=recording_id, state=ConsentState.GIVEN)
    rows = given.values_list("participant_id", flat=True)
    people: list[UUID] = await database_sync_to_async(lambda: list(rows))()
    return set(people)


async def open_legs(legs: Iterable[UUID]) -> set[UUID]:
    """Those of `legs` that belong to somebody in the call, and may come back if they dropped."""
    rows = Leg.objects.filter(pk__in=legs, participant__state=ParticipantState.ADMITTED)
    rows = rows.exclude(state=LegState.CLOSED)
    still: list[UUID] = await database_sync_to_async(
        lambda: list(rows.values_list("pk", flat=True))
    )()
    return set(still)


async def withdrawal_of(recording_id: UUID, participant_id: UUID) -> float | None:
    """Unix seconds of a withdrawal, None if there was none."""
    consents = Consent.objects.filter(recording_id=recording_id, participant_id=participant_id)
    rows = consents.values_list("withdrawn_at", flat=True)
    withdrawn_at: datetime | None = await database_sync_to_async(rows.first)()
    return withdrawn_at.timestamp() if withdrawn_at else None


def audit_dropped(participant: UUID | None, leg: UUID) -> None:
    """Note, in the background, that a candidate was dropped that points into a private network."""
    write = database_sync_to_async(audit)
    task = asyncio.ensure_future(
        write(
            "recorder.candidate",
            actor=participant or "",
            target_type="leg",
            target=leg,
            allowed=False,
        )
    )
    task.add_done_callback(_log_fault)


def _log_fault(task: "asyncio.Future[object]") -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        logger.error("a dropped candidate could not be audited", exc_info=error)
