"""What the rows say of consent while a recording is captured."""

from datetime import datetime
from uuid import UUID

from channels.db import database_sync_to_async

from calls.models import Consent
from calls.states import ConsentState


async def standing_of(recording_id: UUID) -> set[UUID]:
    """The participants whose consent stands now."""
    given = Consent.objects.filter(recording_id=recording_id, state=ConsentState.GIVEN)
    rows = given.values_list("participant_id", flat=True)
    people: list[UUID] = await database_sync_to_async(lambda: list(rows))()
    return set(people)


async def withdrawal_of(recording_id: UUID, participant_id: UUID) -> float | None:
    """Unix seconds of a withdrawal, None if there was none."""
    consents = Consent.objects.filter(recording_id=recording_id, participant_id=participant_id)
    rows = consents.values_list("withdrawn_at", flat=True)
    withdrawn_at: datetime | None = await database_sync_to_async(rows.first)()
    return withdrawn_at.timestamp() if withdrawn_at else None
