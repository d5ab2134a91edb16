"""The ledger of a recording in the database: its entries, and the accounts that follow."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import Max, QuerySet

from calls.archive.accounts import Account, accounts
from calls.archive.persons import KILLED, Body
from calls.models import Consent, LedgerEntry, Recording, Track


def ledgers(recording: Recording) -> list[Account]:
    """One for each person who answered, in a stable order; none before the start."""
    return accounts(bodies(recording))


def bodies(recording: Recording) -> list[Body]:
    """The entries, oldest first; what the rows say of a recording from before there were any."""
    rows = LedgerEntry.objects.filter(recording=recording).order_by("number")
    told: list[Body] = list(rows.values_list("body", flat=True))
    return told if is_whole(told) else list(_from_rows(recording))


def is_whole(told: Iterable[Body]) -> bool:
    """Whether the ledger was there when the recording began."""
    return any(body["kind"] == "begun" for body in told)


def close_open_tracks(recording: Recording) -> None:
    """Tracks whose recorder died without a word end with their last segment."""
    open_tracks: QuerySet[Track] = Track.objects.filter(recording=recording, ended_at__isnull=True)
    for track in open_tracks.annotate(last=Max("segments__ended_at")):
        Track.objects.filter(pk=track.pk, ended_at__isnull=True).update(
            ended_at=track.last or track.started_at, end_reason=KILLED
        )


def _from_rows(recording: Recording) -> Iterator[dict[str, Any]]:
    if recording.started_at is None:
        return
    yield {"kind": "begun", "at": recording.started_at.timestamp(), "quality": recording.quality}
    for consent in Consent.objects.filter(recording=recording):
        for state, at in (
            ("given", consent.given_at),
            ("refused", consent.refused_at),
            ("withdrawn", consent.withdrawn_at),
        ):
            if at is not None:
                yield _of("consent", consent.participant_id, at=at.timestamp(), state=state)
    for track in Track.objects.filter(recording=recording).order_by("started_at", "pk"):
        yield from _from_track(track)
    if recording.stopped_at is not None:
        yield {"kind": "stopped", "at": recording.stopped_at.timestamp()}


def _from_track(track: Track) -> Iterator[dict[str, Any]]:
    person, name = track.participant_id, str(track.pk)
    for row in track.segments.order_by("index"):
        start, until = row.started_at.timestamp(), row.ended_at.timestamp()
        yield _of(
            "segment",
            person,
            **{"track": name, "index": row.index, "name": row.name, "from": start, "until": until},
            audio=[[start, until]],
            video=[[start, until]],
        )
    ended: datetime | None = track.ended_at
    if ended is not None and track.end_reason != KILLED:
        yield _of(
            "track_ended",
            person,
            track=name,
            ended=ended.timestamp(),
            reason=track.end_reason or KILLED,
        )


def _of(kind: str, participant: object, **fields: Any) -> dict[str, Any]:
    return {"kind": kind, "participant": str(participant), **fields}
