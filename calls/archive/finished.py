"""Finished files: what each was made of, when it is made anew, and how an old one goes.

An old file goes in two steps, so that a kill between them loses nothing: its row goes in the
transaction of the ledger's entry that calls it gone, and then every file of such entries goes.
"""

import hashlib
from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from calls.archive import store
from calls.archive.manifest import VerifiedTrack, tracks_of
from calls.archive.vault import DataKey, artifact_context
from calls.archive.verify import MISSING
from calls.models import Artifact, FileJob, LedgerEntry, LegalHold, Recording
from calls.states import LedgerKind, RecordingState

# In an artifact's details.
MADE_OF = "made_of"
NAMED = "sealed_by_name"


def context_of(artifact: Artifact) -> bytes:
    """What the file is sealed for: its own name too, unless it is from before that."""
    return artifact_context(
        recording=artifact.recording_id,
        participant=artifact.participant_id,
        kind=artifact.kind,
        name=artifact.name if artifact.details.get(NAMED) else "",
    )


def made_of(tracks: Iterable[VerifiedTrack]) -> str:
    """SHA-256 over the manifest's lines that a person's file is made of."""
    lines = (f"{info.name} {info.sha256}\n" for track in tracks for info in track.manifest)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def missed(artifact: Artifact) -> list[str]:
    """The segments that were missing when it was made."""
    return [each["name"] for each in artifact.details.get("damaged", ()) if each["why"] == MISSING]


def forget_outdated(recording: Recording, key: DataKey) -> None:
    """Let go of files whose segments are others now, or are all there again.

    While a legal hold stands they are kept as they are. Raises StorageAway, LeaseLost.
    """
    rows = Artifact.objects.filter(recording=recording, kind="media", participant__isnull=False)
    people = [row.participant for row in rows if row.participant and _is_outdated(row, key)]
    with transaction.atomic():
        require_lease(recording)
        if people and not LegalHold.objects.stands_on(recording.pk):
            forget(recording, {person.pk for person in people})
    delete_gone(recording)


class LeaseLost(Exception):
    """Another worker has taken over; what is left to do is theirs."""


def require_lease(recording: Recording) -> None:
    """Lock the row until the transaction ends; raise LeaseLost if another finaliser has it now."""
    row = Recording.objects.select_for_update().get(pk=recording.pk)
    if (row.state, row.lease_owner) != (RecordingState.FINALISING, recording.lease_owner):
        raise LeaseLost


def _is_outdated(row: Artifact, key: DataKey) -> bool:
    assert row.participant is not None
    now = made_of(tracks_of(row.recording, row.participant, key=key))
    return row.details.get(MADE_OF) != now or any(map(store.exists, missed(row)))


def forget(recording: Recording, people: Iterable[UUID]) -> None:
    """Drop the rows of these people's files and of those of everybody; within a transaction."""
    whose = Q(participant__in=people)
    rows = Artifact.objects.filter(whose | Q(participant__isnull=True), recording=recording)
    gone = sorted(rows.values_list("name", flat=True))
    FileJob.objects.filter(recording=recording).delete()
    if gone:
        rows.delete()
        LedgerEntry.objects.append(
            recording.pk, LedgerKind.FINALISED, files=Artifact.objects.told(recording.pk), gone=gone
        )


def delete_gone(recording: Recording) -> None:
    """Every file that an entry calls gone; most are already. Raises StorageAway."""
    entries = LedgerEntry.objects.filter(recording=recording, body__kind=LedgerKind.FINALISED.value)
    for body in entries.filter(body__gone__isnull=False).values_list("body", flat=True):
        for name in body["gone"]:
            if isinstance(name, str):
                store.delete(name)
