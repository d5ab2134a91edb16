"""Cut-outs: somebody takes an interval of their own sound and picture out of a recording, for good.

Asking sends the recording back to the finalisers at once, so that nothing of it is played until
they have taken the interval out of the segments (calls/archive/cutting.py) and made its files anew.
"""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.log import record
from calls.models import CutOut, Participant, Recording
from calls.services import holds
from calls.services import recording as recordings
from calls.services.holds import KeepingError, NotNow, NotYours
from calls.states import RecordingState

logger = logging.getLogger(__name__)

ACTION = "recording.cut_out"
# What a finished recording may still be in, when something is taken out of it.
_FINISHED = (RecordingState.READY, RecordingState.FAILED)
_CLOCK = re.compile(r"(?:(?:(\d{1,2}):)?(\d{1,3}):)?(\d{1,5})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Wish:
    """An interval that is still to be taken out; seconds of the recording's timeline."""

    who: Participant
    start_secs: float
    stop_secs: float


class BadInterval(KeepingError):
    """It does not lie on the timeline of the recording, or is none."""


def own_seat(user: User, recording: Recording) -> Participant | None:
    """The participant that `user` was in this recording; None if nothing of them was captured."""
    rows = recording.call.participants.filter(user=user, tracks__recording=recording)
    return rows.filter(tracks__segments__isnull=False).first()


def interval(recording: Recording, starts: str, ends: str) -> tuple[datetime, datetime]:
    """From two places on the timeline, "m:ss" or "h:mm:ss", to their times; raises BadInterval."""
    start, end = _seconds(starts), _seconds(ends)
    if end <= start:
        raise BadInterval(_("The end must be later than the beginning."))
    if recording.started_at is None or recording.stopped_at is None:
        raise BadInterval(_("Nothing was recorded."))
    length = (recording.stopped_at - recording.started_at).total_seconds()
    if start >= length:
        raise BadInterval(_("The recording is shorter than that."))
    begin = recording.started_at
    return begin + timedelta(seconds=start), begin + timedelta(seconds=end)


def waiting(recording: Recording) -> list[Wish]:
    """What somebody asked for and a legal hold put off; none for what has not begun."""
    begin = recording.started_at
    if begin is None:
        return []
    rows = CutOut.objects.filter(recording=recording, done_at__isnull=True)
    return [
        Wish(
            row.participant,
            (row.starts_at - begin).total_seconds(),
            min((row.ends_at - begin).total_seconds(), recording.length_secs),
        )
        for row in rows.select_related("participant__user")
    ]


def cut_out(
    user: User,
    recording: Recording,
    participant: Participant,
    starts_at: datetime,
    ends_at: datetime,
) -> CutOut:
    """Take an interval of the person's own out; nothing is played until it is done.

    Raises NotYours, Held, NotNow, and audits each refusal.
    """
    try:
        with transaction.atomic():
            return _cut_out(user, recording, participant, starts_at, ends_at)
    except KeepingError:
        record(ACTION, actor=user.pk, target_type="recording", target=recording.pk, allowed=False)
        raise


def _cut_out(
    user: User,
    recording: Recording,
    participant: Participant,
    starts_at: datetime,
    ends_at: datetime,
) -> CutOut:
    row = holds.locked(recording.pk)
    if participant.user_id != user.pk or participant.call_id != row.call_id:
        raise NotYours(_("Only what was recorded of yourself can be taken out."))
    if holds.is_held(row):
        raise holds.Held(_("A legal hold stands: nothing may be taken out of this recording."))
    if row.state not in _FINISHED or not recordings.finalise_again(row):
        raise NotNow(_("The recording is being prepared. Please try again in a moment."))
    wish = CutOut.objects.create(
        recording=row,
        participant=participant,
        asked_by=user,
        asked_at=timezone.now(),
        starts_at=starts_at,
        ends_at=ends_at,
    )
    record(
        ACTION,
        actor=user.pk,
        target_type="recording",
        target=row.pk,
        cut_out=str(wish.pk),
        starts_at=starts_at.isoformat(),
        ends_at=ends_at.isoformat(),
    )
    return wish


def cut_again(told: Mapping[str, Any]) -> bool:
    """A backup brought back what `told`, the storage's note, says was taken out.

    In whatever state the recording is: a finaliser finds the wish, at the latest when the last
    legal hold is lifted. False if it is known already, and done or under way.
    """
    try:
        with transaction.atomic():
            row = Recording.objects.select_for_update().get(pk=told["recording"])
            wish, is_new = CutOut.objects.get_or_create(
                pk=told["wish"],
                defaults={
                    "recording": row,
                    "participant": row.call.participants.get(pk=told["participant"]),
                    "asked_by": User.objects.get(pk=told["asked_by"]),
                    "asked_at": datetime.fromisoformat(told["asked_at"]),
                    "starts_at": datetime.fromisoformat(told["starts_at"]),
                    "ends_at": datetime.fromisoformat(told["ends_at"]),
                },
            )
            is_due = wish.done_at is None and row.state in _FINISHED and not holds.is_held(row)
            begins = is_due and recordings.finalise_again(row)
            if is_new or begins:
                record(
                    ACTION,
                    actor="",
                    target_type="recording",
                    target=row.pk,
                    restored=str(wish.pk),
                )
            return is_new or begins
    except (ObjectDoesNotExist, KeyError, ValueError):
        logger.exception("what was cut out of %s cannot be again", told.get("recording"))
        return False


def _seconds(text: str) -> int:
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        raise BadInterval(_("Please write a time of the recording as minutes:seconds."))
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds
