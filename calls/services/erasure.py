"""Crypto-erasure: the only place where a recording's key is destroyed, and what certifies it.

The key goes in one short transaction, so from one moment to the next nothing of the recording can
be read any more; the files, which then are noise, go afterwards (calls/archive/erasure.py).
"""

import hashlib
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Count, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.log import record
from calls.models import (
    Artifact,
    Deletion,
    ErasureCertificate,
    FileJob,
    LedgerEntry,
    Recording,
    Segment,
    Track,
)
from calls.models.keeping import document_digest
from calls.services import holds, retention
from calls.services.recording import hint
from calls.states import DELETION, DeletionState, LedgerKind, RecordingState, sources

logger = logging.getLogger(__name__)

FORM = "parlour erasure certificate 1"


def erase(
    recording_id: UUID,
    *,
    cause: str,
    by: Sequence[User] = (),
    purpose: str = "",
    deletion: Deletion | None = None,
) -> ErasureCertificate:
    """Destroy the recording's key and certify it; its files go from now on.

    Raises Held under a legal hold, TooLate if it is erased already, NotNow while it is recorded or
    prepared. `cause` is one of ErasureCertificate's.
    """
    with transaction.atomic():
        recording = holds.locked(recording_id)
        holds.refuse_if_held(recording)
        refuse_if_not_over(recording)
        about: dict[str, Any] = {
            "cause": cause,
            "by": [str(person.pk) for person in by],
            "purpose": purpose,
            "deletion": str(deletion.pk) if deletion else None,
        }
        return _destroy(recording, about)


def erase_again(recording_id: UUID, earlier: Mapping[str, Any]) -> bool:
    """A backup brought back what `earlier`, the storage's certificate, says was erased.

    False if there is nothing to erase, or a legal hold of the restored rows stands against it.
    Whatever state the rows are in: there has been no recorder behind them since.
    """
    with transaction.atomic():
        recording = Recording.objects.select_for_update().filter(pk=recording_id).first()
        if recording is None or recording.state == RecordingState.ERASED:
            return False
        if holds.is_held(recording):
            logger.warning("recording %s was erased, is restored and held", recording_id)
            return False
        about = {"cause": "restored", "by": [], "purpose": "", "earlier": dict(earlier)}
        _destroy(recording, about)
    return True


def erase_due(limit: int = 100) -> int:
    """Erase what was kept long enough; how many were. Two at once have one effect."""
    erased = 0
    for recording_id in list(retention.due(limit)):
        try:
            with transaction.atomic():
                # Its service's days may have been lengthened since the list was made.
                until = holds.locked(recording_id).delete_after
                if until is None or until > timezone.now():
                    continue
                erase(recording_id, cause="retention")
            erased += 1
        except holds.KeepingError as refused:
            # Held, erased by another sweep, or being cut: each is looked at again if it must.
            logger.info("recording %s is not erased now: %s", recording_id, refused)
    return erased


def refuse_if_not_over(recording: Recording) -> None:
    """Raise TooLate if it is erased, NotNow if it is still recorded or prepared."""
    if recording.state == RecordingState.ERASED:
        raise holds.TooLate(_("This recording is already erased."))
    if recording.state not in retention.KEPT:
        raise holds.NotNow(_("This recording is still being made or prepared."))


def _destroy(recording: Recording, about: Mapping[str, Any]) -> ErasureCertificate:
    """The recording is locked. 1. The ledger says so; 2. certificate; 3. the key; 4. what waits."""
    now, certificate_id = timezone.now(), uuid4()
    entry = LedgerEntry.objects.append(recording.pk, LedgerKind.ERASED, certificate=certificate_id)
    told = {"certificate": str(certificate_id), "erased_at": _iso(now), **about}
    document = _document(recording, entry) | told
    certificate = ErasureCertificate.objects.create(
        pk=certificate_id,
        recording=recording,
        issued_at=now,
        cause=about["cause"],
        document=document,
        sha256=document_digest(document),
    )
    Recording.objects.filter(pk=recording.pk).update(
        state=RecordingState.ERASED,
        erased_at=now,
        wrapped_key=b"",
        lease_owner="",
        lease_expires_at=None,
    )
    _close_what_waits(recording, now)
    record(
        "recording.erase",
        actor=about["by"][-1] if about["by"] else "",
        target_type="recording",
        target=recording.pk,
        cause=about["cause"],
        purpose=about["purpose"],
        certificate=str(certificate_id),
    )
    transaction.on_commit(lambda: hint("calls.clear_erased", recording.pk))
    return certificate


def _document(recording: Recording, entry: LedgerEntry) -> dict[str, Any]:
    """What there was, and where its ledger ended; the rest is told by who erases."""
    wrapped = bytes(recording.wrapped_key)
    return {
        "form": FORM,
        "recording": str(recording.pk),
        "call": str(recording.call_id),
        "recorded_from": _iso(recording.started_at),
        "recorded_until": _iso(recording.stopped_at),
        "kept_until": _iso(recording.delete_after),
        "held": _counts(recording),
        "key": {"wrapped_sha256": hashlib.sha256(wrapped).hexdigest() if wrapped else None},
        "ledger": {"entries": entry.number, "head": entry.digest},
    }


def _counts(recording: Recording) -> dict[str, int]:
    segments = Segment.objects.filter(track__recording=recording)
    files = Artifact.objects.filter(recording=recording)
    tracks = Track.objects.filter(recording=recording)
    of_segments = segments.aggregate(number=Count("pk"), size=Sum("size_bytes"))
    of_files = files.aggregate(number=Count("pk"), size=Sum("size_bytes"))
    return {
        "people": tracks.values("participant").distinct().count(),
        "tracks": tracks.count(),
        "segments": of_segments["number"],
        "segment_bytes": of_segments["size"] or 0,
        "files": of_files["number"],
        "file_bytes": of_files["size"] or 0,
    }


def _close_what_waits(recording: Recording, now: datetime) -> None:
    """No file is made any more, and nobody is asked whether to delete what is gone."""
    FileJob.objects.filter(recording=recording).delete()
    Deletion.objects.filter(
        recording=recording, state__in=sources(DELETION, DeletionState.DONE)
    ).update(state=DeletionState.DONE)
    Deletion.objects.filter(recording=recording, state=DeletionState.ASKED).update(
        state=DeletionState.REFUSED, decided_at=now
    )


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
