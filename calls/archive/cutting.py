"""What may not be kept is taken out of the segments: outside a consent, or asked for by its person.

It may be killed anywhere and be run again: the new segment is written first, then its row and the
ledger's entry in one step, and at the end every file that an entry calls cut is deleted.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from calls.archive import notes, store
from calls.archive.adopting import left_of_earlier_cut
from calls.archive.finished import delete_gone, forget, require_lease
from calls.archive.lines import TrackPlace, replace_segment
from calls.archive.manifest import info_of
from calls.archive.segments import (
    Record,
    SegmentDamaged,
    SegmentInfo,
    cuts_of,
    read_segment,
    unpack,
)
from calls.archive.store import spool_root
from calls.archive.vault import DataKey
from calls.archive.writing import OpenSegment, only, write_segment
from calls.models import (
    Consent,
    CutOut,
    LedgerEntry,
    LegalHold,
    Recording,
    Segment,
    Track,
)
from calls.states import ConsentState, LedgerKind

logger = logging.getLogger(__name__)

# Frames lie on the player's timeline up to that far from when they arrived.
MARGIN_SECS = 0.5
_EVER = (0.0, 1e11)
WISH = "cut_out"


@dataclass(frozen=True, slots=True)
class _Banned:
    """One interval (Unix seconds) of one person that may not be kept."""

    participant: UUID
    start: float
    end: float
    cause: str


def cut_what_must_go(recording: Recording, key: DataKey) -> None:
    """Rewrite the segments of a recording that nobody captures any more.

    What people want to have taken out waits while a legal hold stands. Raises StorageAway, and
    DiskFull or OSError where the spool cannot be written: it is to be run again.
    """
    # What came late may lie in an interval that was taken out long ago.
    wishes = list(CutOut.objects.filter(recording=recording)) if _may_cut(recording.pk) else []
    to_do = [wish for wish in wishes if wish.done_at is None]
    for wish in to_do:
        notes.ensure(notes.cut_name(recording.pk, wish.pk), _note(wish))
    all_banned = _banned(recording, wishes)
    for track in Track.objects.filter(recording=recording).order_by("started_at", "pk"):
        banned = [each for each in all_banned if each.participant == track.participant_id]
        if banned:
            _cut_track(track, banned, key)
    with transaction.atomic():
        if to_do and _may_cut(recording.pk):
            require_lease(recording)
            forget(recording, {wish.participant_id for wish in to_do})
            done = CutOut.objects.filter(pk__in=[wish.pk for wish in to_do])
            done.update(done_at=timezone.now())
    _delete_cut(recording)
    delete_gone(recording)


def _note(wish: CutOut) -> dict[str, str]:
    """What an older database, restored, is told of it."""
    return {
        "wish": str(wish.pk),
        "recording": str(wish.recording_id),
        "participant": str(wish.participant_id),
        "asked_by": str(wish.asked_by_id),
        "asked_at": wish.asked_at.isoformat(),
        "starts_at": wish.starts_at.isoformat(),
        "ends_at": wish.ends_at.isoformat(),
    }


def _may_cut(recording: UUID) -> bool:
    """Whether no legal hold stands; within a transaction none comes until its end."""
    with transaction.atomic():
        Recording.objects.select_for_update().only("pk").get(pk=recording)
        return not LegalHold.objects.stands_on(recording)


def _banned(recording: Recording, wishes: Sequence[CutOut]) -> list[_Banned]:
    banned = [
        _Banned(
            each.participant_id,
            each.starts_at.timestamp() - MARGIN_SECS,
            each.ends_at.timestamp() + MARGIN_SECS,
            WISH,
        )
        for each in wishes
    ]
    consents = {row.participant_id: row for row in Consent.objects.filter(recording=recording)}
    people = Track.objects.filter(recording=recording).values_list("participant", flat=True)
    for person in set(people):
        consent = consents.get(person)
        if consent is None or consent.given_at is None:
            banned.append(_Banned(person, *_EVER, "not_yet_consented"))
            continue
        banned.append(_Banned(person, 0.0, _before(consent.given_at), "not_yet_consented"))
        if consent.state == ConsentState.WITHDRAWN and consent.withdrawn_at is not None:
            banned.append(_Banned(person, _after(consent.withdrawn_at), _EVER[1], "withdrawn"))
    return banned


def _before(moment: datetime) -> float:
    return moment.timestamp() - 1e-6


def _after(moment: datetime) -> float:
    """What arrived in the very moment is kept, as the recorder does."""
    return moment.timestamp() + 1e-6


def _cut_track(track: Track, banned: Sequence[_Banned], key: DataKey) -> None:
    sieve = _Sieve(banned)
    place = TrackPlace(track.recording_id, track.participant_id, track.leg_id, track.pk)
    for row in track.segments.order_by("index"):
        info = info_of(row)
        if sieve.broken or sieve.why(info):
            _cut_segment(place, info, sieve, key, was_stored=row.stored_at is not None)


class _Sieve:
    """Keeps what may be kept; after a hole no picture until the next keyframe, which needs none."""

    def __init__(self, banned: Sequence[_Banned]) -> None:
        self._banned = banned
        self.broken = False
        self.cause = ""
        self.dropped: list[float] = []

    def why(self, segment: SegmentInfo) -> str:
        """The cause of the first interval that reaches into the segment, "" if none does."""
        return next(
            (
                each.cause
                for each in self._banned
                if each.start <= segment.ended_at and each.end >= segment.started_at
            ),
            "",
        )

    def begin(self) -> None:
        self.cause, self.dropped = "", []

    def keeps(self, record: Record) -> bool:
        at = record.arrived_at
        cause = next((each.cause for each in self._banned if each.start <= at <= each.end), "")
        is_picture = record.kind == "video" and hasattr(record, "keyframe")
        if not cause and is_picture and self.broken:
            self.broken = not getattr(record, "keyframe", False)
            cause = self.cause or self._banned[0].cause if self.broken else ""
        elif cause and is_picture:
            self.broken = True
        if cause:
            self.cause = self.cause or cause
            self.dropped.append(at)
        return not cause


def _cut_segment(
    place: TrackPlace, old: SegmentInfo, sieve: _Sieve, key: DataKey, *, was_stored: bool
) -> None:
    rest = _rest(place, old, sieve, key, was_stored=was_stored)
    if rest is None:
        return
    new = rest.found
    if rest.left is not None:
        people = {"recording": place.recording, "participant": place.participant}
        new = write_segment(spool_root(), rest.left, key, **people, track=place.track)
    dropped = sieve.dropped or [old.started_at, old.ended_at]
    with transaction.atomic():
        # Of a damaged one nobody knows whether a consent or a wish wants it gone.
        if rest.cause not in ("damaged", WISH) or _may_cut(place.recording):
            replace_segment(place, old, new, rest.cause, ((min(dropped), max(dropped)),))
            if rest.found is not None and store.is_stored(rest.found.name):
                Segment.objects.filter(name=rest.found.name).update(stored_at=timezone.now())
        elif rest.left is not None and new is not None:
            store.spool_path(new.name).unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class _Rest:
    """What stays of a segment that is cut: nothing, what is to be written, or what was before."""

    cause: str
    left: OpenSegment | None = None
    found: SegmentInfo | None = None


def _rest(
    place: TrackPlace, old: SegmentInfo, sieve: _Sieve, key: DataKey, *, was_stored: bool
) -> _Rest | None:
    """None where all of it is kept, or none of it is here."""
    why = sieve.why(old)
    sieve.begin()
    try:
        plaintext, found = _read(place, old, key)
        kept = [sieve.keeps(record) for record in unpack(plaintext)]
    except SegmentDamaged:
        is_there = store.exists(old.name)
        if not is_there and (not was_stored or why != WISH):
            return None  # it is cut when it comes, if it ever does
        # It cannot be said what it holds, so nothing of it is kept. One that is gone though it
        # was stored was all taken out before a backup was restored.
        logger.exception("segment %s cannot be cut; it is deleted", old.name)
        sieve.dropped = [old.started_at, old.ended_at]
        return _Rest(sieve.cause or "damaged" if is_there else WISH)
    if all(kept):
        return None if found is old else _Rest(why, found=found)
    whole = OpenSegment(
        found.index,
        found.started_at,
        found.ended_at,
        bytearray(plaintext),
        cuts=cuts_of(found.name) + 1,
    )
    return _Rest(sieve.cause, left=only(whole, kept))


def _read(place: TrackPlace, old: SegmentInfo, key: DataKey) -> tuple[bytes, SegmentInfo]:
    """The segment's plaintext; if it is gone, what an earlier cut left of it, and which that is.

    An older database, restored, knows nothing of that cut. Raises SegmentDamaged.
    """
    people = {"recording": place.recording, "participant": place.participant}
    try:
        return read_segment(store.read_bytes, old, key, **people), old
    except SegmentDamaged:
        if store.exists(old.name) or (left := left_of_earlier_cut(place, old, key)) is None:
            raise
        return left


def _delete_cut(recording: Recording) -> None:
    """Every file that an entry says was cut; most are gone already."""
    entries = LedgerEntry.objects.filter(recording=recording, body__kind=LedgerKind.CUT.value)
    for was in entries.values_list("body__was", flat=True):
        if isinstance(was, str):
            store.delete(was)
