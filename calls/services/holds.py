"""Legal holds: while one stands, nothing of the recording is deleted, by whatever rule.

Who places a hold and who deletes both lock the recording's row first. So of the two that come at
once one is first: a hold stops the erasure, or is refused because it comes too late.
"""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.log import record
from calls.models import Artifact, CutOut, Deletion, LegalHold, Recording, Segment
from calls.services import recording as recordings
from calls.states import DeletionState, RecordingState

NOTHING_TO_HOLD = (RecordingState.REFUSED, RecordingState.ERASED)


class KeepingError(Exception):
    """What was asked of a recording's keeping was refused; the text is for people."""


class Held(KeepingError):
    """A legal hold stands against it."""


class TooLate(KeepingError):
    """The recording is erased, or there never was anything to keep."""


class NotNow(KeepingError):
    """The recording is still being made or prepared; later it may be done."""


class NotYours(KeepingError):
    """Somebody else has to decide."""


def is_held(recording: Recording) -> bool:
    """Whether a legal hold stands; to act upon it, ask under `locked`."""
    return LegalHold.objects.stands_on(recording.pk)


def locked(recording_id: UUID) -> Recording:
    """The recording, its row locked until the transaction that is open ends."""
    return Recording.objects.select_for_update().get(pk=recording_id)


def refuse_if_held(recording: Recording) -> None:
    """Raise Held, in words for people, if a hold stands; the row is locked by `locked`."""
    if is_held(recording):
        raise Held(_("A legal hold stands: nothing of this recording may be deleted."))


def place(user: User, recording_id: UUID, *, purpose: str) -> LegalHold:
    """Let nothing of the recording be deleted from now on; raises TooLate.

    Deletions that were asked for, or agreed and not yet carried out, are refused by it, so that
    none comes back when the hold is lifted.
    """
    with transaction.atomic():
        recording = locked(recording_id)
        if recording.state in NOTHING_TO_HOLD:
            raise TooLate(_("There is nothing left to hold: this recording has no content."))
        hold = LegalHold.objects.create(
            recording=recording, placed_by=user, placed_at=timezone.now(), purpose=purpose
        )
        _record("recording.hold", user, recording_id, hold=hold.pk, purpose=purpose)
        _refuse_deletions(user, recording_id, hold)
    return hold


def lift(user: User, hold_id: UUID, *, purpose: str) -> bool:
    """The hold stands no more; False if somebody had lifted it before. Others may still stand.

    With the last one goes what kept people's wishes waiting, and files from being made anew of what
    came late: that is done now.
    """
    with transaction.atomic():
        hold = LegalHold.objects.get(pk=hold_id)
        recording = locked(hold.recording_id)
        lifted = LegalHold.objects.standing().filter(pk=hold_id)
        if not lifted.update(lifted_at=timezone.now(), lifted_by=user, lifted_purpose=purpose):
            return False
        _record("recording.lift", user, hold.recording_id, hold=hold_id, purpose=purpose)
        if not is_held(recording) and (_wishes(recording) or _has_late_segments(recording)):
            recordings.finalise_again(recording)
    return True


def _wishes(recording: Recording) -> bool:
    return CutOut.objects.filter(recording=recording, done_at__isnull=True).exists()


def _has_late_segments(recording: Recording) -> bool:
    """Whether segments came after their person's file, which was not made anew while held."""
    came = Segment.objects.filter(track__recording=recording)
    files = Artifact.objects.filter(recording=recording, kind="media", participant__isnull=False)
    return any(
        came.filter(track__participant=person, spooled_at__gt=made_at).exists()
        for person, made_at in files.values_list("participant", "created_at")
    )


def _refuse_deletions(user: User, recording_id: UUID, hold: LegalHold) -> None:
    open_ones = Deletion.objects.filter(
        recording=recording_id, state__in=(DeletionState.ASKED, DeletionState.AGREED)
    )
    for deletion in open_ones:
        Deletion.objects.filter(pk=deletion.pk).update(
            state=DeletionState.REFUSED, decided_by=user, decided_at=hold.placed_at
        )
        _record(
            "recording.delete.refuse",
            user,
            recording_id,
            deletion=deletion.pk,
            hold=hold.pk,
            purpose=hold.purpose,
        )


def _record(action: str, user: User, recording_id: UUID, **data: object) -> None:
    plain: dict[str, Any] = {name: str(it) for name, it in data.items()}
    record(action, actor=user.pk, target_type="recording", target=recording_id, **plain)
