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
from django.db.models import QuerySet
from django.utils import timezone

from calls.archive import store
from calls.archive.lines import TrackPlace, replace_segment
from calls.archive.manifest import info_of
from calls.archive.segments import Record, SegmentDamaged, cuts_of, read_segment, unpack
from calls.archive.store import spool_root
from calls.archive.vault import DataKey
from calls.archive.writing import OpenSegment, only, write_segment
from calls.models import (
    Artifact,
    Consent,
    CutOut,
    FileJob,
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
    wishes = list(CutOut.objects.filter(recording=recording, done_at__isnull=True))
    if not _may_cut(recording.pk):
        wishes = []
    all_banned = _banned(recording, wishes)
    for track in Track.objects.filter(recording=recording).order_by("started_at", "pk"):
        banned = [each for each in all_banned if each.participant == track.participant_id]
        if banned:
            _cut_track(track, banned, key)
    with transaction.atomic():
        if wishes and _may_cut(recording.pk):
            _forget_files(recording, {wish.participant_id for wish in wishes})
            done = CutOut.objects.filter(pk__in=[wish.pk for wish in wishes])
            done.update(done_at=timezone.now())
    _delete_cut(recording)


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
        start, end = row.started_at.timestamp(), row.ended_at.timestamp()
        if sieve.broken or any(each.start <= end and each.end >= start for each in banned):
            _cut_segment(place, row, sieve, key)


class _Sieve:
    """Keeps what may be kept; after a hole no picture until the next keyframe, which needs none."""

    def __init__(self, banned: Sequence[_Banned]) -> None:
        self._banned = banned
        self.broken = False
        self.cause = ""
        self.dropped: list[float] = []

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


def _cut_segment(place: TrackPlace, row: Segment, sieve: _Sieve, key: DataKey) -> None:
    old = info_of(row)
    sieve.begin()
    left: OpenSegment | None = None
    people = {"recording": place.recording, "participant": place.participant}
    try:
        plaintext = read_segment(store.read_bytes, old, key, **people)
        kept = [sieve.keeps(record) for record in unpack(plaintext)]
        if all(kept):
            return
        whole = OpenSegment(old.index, old.started_at, old.ended_at, bytearray(plaintext))
        left = only(whole, kept)
    except SegmentDamaged:
        # It cannot be said what it holds, so nothing of it is kept.
        logger.exception("segment %s cannot be cut; it is deleted", old.name)
        sieve.dropped = [old.started_at, old.ended_at]
    new = None
    if left is not None:
        left.cuts = cuts_of(old.name) + 1
        new = write_segment(spool_root(), left, key, **people, track=place.track)
    cut = (min(sieve.dropped), max(sieve.dropped))
    with transaction.atomic():
        # Of a damaged one nobody knows whether a consent or a wish wants it gone.
        if sieve.cause not in ("", WISH) or _may_cut(place.recording):
            replace_segment(place, old, new, sieve.cause or "damaged", (cut,))
        elif new is not None:
            store.delete(new.name)


def _forget_files(recording: Recording, people: set[UUID]) -> None:
    """The finished files of whoever was cut, and those of everybody, are made anew.

    The file goes before its row: killed between, this finds the row again.
    """
    if not people:
        return
    files = Artifact.objects.filter(recording=recording)
    _delete_files(files.filter(participant__in=people))
    _delete_files(files.filter(participant__isnull=True))
    FileJob.objects.filter(recording=recording).delete()


def _delete_files(files: QuerySet[Artifact]) -> None:
    for file in files:
        store.delete(file.name)
        file.delete()


def _delete_cut(recording: Recording) -> None:
    """Every file that an entry says was cut; most are gone already."""
    entries = LedgerEntry.objects.filter(recording=recording, body__kind=LedgerKind.CUT.value)
    for was in entries.values_list("body__was", flat=True):
        store.delete(was)
