"""Deleting a recording by decision: with a purpose, and by two people where its service says so.

Only administrators ask and decide (calls/permissions.py: `recordings_to_keep_for`): supervisors
hear and see recordings, but what is to be kept is decided by those who answer for the house.
"""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.log import record
from calls.models import Deletion, Recording
from calls.permissions import deletion_needs_two
from calls.services import erasure, holds
from calls.states import DELETION, DeletionState, sources


class AlreadyDecided(holds.KeepingError):
    """Somebody else was faster."""


def needs_two(recording: Recording) -> bool:
    """Whether another administrator has to agree: the service wants it now, or did at the start."""
    return recording.deletion_needs_two or deletion_needs_two(recording.call)


def ask(user: User, recording_id: UUID, *, purpose: str) -> Deletion:
    """Wish the recording deleted; where one person is enough, it is erased at once.

    Raises Held, TooLate, NotNow, AlreadyDecided (somebody else's wish is open).
    """
    with transaction.atomic():
        recording = holds.locked(recording_id)
        _refuse_if_not_deletable(recording)
        if open_deletion(recording) is not None:
            raise AlreadyDecided(_("Somebody has already asked to delete this recording."))
        two = needs_two(recording)
        deletion = Deletion.objects.create(
            recording=recording,
            asked_by=user,
            asked_at=timezone.now(),
            purpose=purpose,
            needs_two=two,
        )
        _record("ask", user, deletion, purpose)
        if not two:
            _carry_out(user, deletion)
    return deletion


def agree(user: User, deletion_id: UUID, *, purpose: str = "") -> Deletion:
    """The second person agrees, and the recording is erased.

    Raises NotYours for who asked, AlreadyDecided, Held, TooLate, NotNow.
    """
    with transaction.atomic():
        deletion = _locked(deletion_id)
        if deletion.needs_two and deletion.asked_by_id == user.pk:
            raise holds.NotYours(_("Somebody other than who asked must agree."))
        _refuse_if_not_deletable(holds.locked(deletion.recording_id))
        _record("agree", user, deletion, purpose)
        _carry_out(user, deletion)
    return deletion


def refuse(user: User, deletion_id: UUID, *, purpose: str = "") -> Deletion:
    """The recording stays; who asked takes the wish back with it. Raises AlreadyDecided."""
    with transaction.atomic():
        deletion = _locked(deletion_id)
        _advance(deletion, DeletionState.REFUSED, user)
        _record("refuse", user, deletion, purpose)
    return deletion


def open_deletion(recording: Recording) -> Deletion | None:
    """The wish that waits for a second person, if there is one."""
    rows = Deletion.objects.select_related("asked_by")
    return rows.filter(recording=recording, state=DeletionState.ASKED).first()


def _refuse_if_not_deletable(recording: Recording) -> None:
    holds.refuse_if_held(recording)
    erasure.refuse_if_not_over(recording)


def _locked(deletion_id: UUID) -> Deletion:
    """The wish as it is while its recording is locked; raises AlreadyDecided."""
    deletion = Deletion.objects.select_related("asked_by").get(pk=deletion_id)
    holds.locked(deletion.recording_id)
    deletion.refresh_from_db(fields=["state"])
    if deletion.state != DeletionState.ASKED:
        raise AlreadyDecided(_("This was decided before, or the recording is gone."))
    return deletion


def _carry_out(user: User, deletion: Deletion) -> None:
    """Agreed and done in one transaction: no hold and no second answer comes between."""
    _advance(deletion, DeletionState.AGREED, user)
    people = [deletion.asked_by] if user == deletion.asked_by else [deletion.asked_by, user]
    erasure.erase(
        deletion.recording_id,
        cause="deletion",
        by=people,
        purpose=deletion.purpose,
        deletion=deletion,
    )
    deletion.refresh_from_db(fields=["state"])


def _advance(deletion: Deletion, target: DeletionState, user: User) -> None:
    rows = Deletion.objects.filter(pk=deletion.pk, state__in=sources(DELETION, target))
    if not rows.update(state=target, decided_by=user, decided_at=timezone.now()):
        raise AlreadyDecided(_("This was decided before, or the recording is gone."))
    deletion.state = target


def _record(verb: str, user: User, deletion: Deletion, purpose: str) -> None:
    data: dict[str, Any] = {"deletion": str(deletion.pk), "purpose": purpose}
    record(
        f"recording.delete.{verb}",
        actor=user.pk,
        target_type="recording",
        target=deletion.recording_id,
        **data,
    )
