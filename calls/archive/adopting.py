"""Segments that a recorder wrote, and died before their rows were: found again in the spool.

Only what opens under the recording's key, in the very place that its name says, is one of its own.
What of it may be kept is decided afterwards, as of all the others (cutting.py).
"""

import logging
import re
from contextlib import suppress
from uuid import UUID

from calls.archive import store
from calls.archive.lines import TrackPlace, add_segment
from calls.archive.segments import (
    SegmentDamaged,
    SegmentInfo,
    cuts_of,
    open_segment,
    segment_name,
    unpack,
)
from calls.archive.vault import DataKey
from calls.archive.writing import OpenSegment, info_of_sealed
from calls.models import (
    Consent,
    CutOut,
    LedgerEntry,
    Leg,
    LegalHold,
    Recording,
    Segment,
    Track,
)
from calls.states import LedgerKind

logger = logging.getLogger(__name__)

_ID = "[0-9a-f-]{36}"
# What is left of one that was cut is among them: an older database, restored, may know neither.
_NAME = re.compile(rf"{_ID}/({_ID})/({_ID})/(\d{{6}})(?:-\d+)?\.seg", re.ASCII)
_MOST_CUTS = 8


def adopt_unlisted(recording: Recording, key: DataKey) -> int:
    """Give the recording's segments in this machine's spool the rows that they lack; how many.

    Nobody captures it any more. What does not open is left for the reconciliation to name. Under a
    legal hold nothing can be taken out of what is found, so if something was, nothing is taken in.
    """
    if _may_not_cut_again(recording):
        return 0
    known = set(Segment.objects.filter(track__recording=recording).values_list("name", flat=True))
    cut = LedgerEntry.objects.filter(recording=recording, body__kind=LedgerKind.CUT.value)
    known |= {was for was in cut.values_list("body__was", flat=True) if isinstance(was, str)}
    adopted = 0
    # The latest cut of a segment first: what was before it is not taken in again.
    files = sorted(
        store.list_folder(store.spool_root(), str(recording.pk)),
        key=lambda file: cuts_of(file.name) if file.name.endswith(".seg") else 0,
        reverse=True,
    )
    for file in files:
        found = _NAME.fullmatch(file.name)
        if found is None or file.name in known:
            continue
        place = _place(recording, UUID(found[1]), UUID(found[2]))
        if place is None or _is_taken(place, int(found[3]), file.name):
            continue
        try:
            _plaintext, info = _opened(place, int(found[3]), file.name, key)
        except (SegmentDamaged, FileNotFoundError):
            logger.warning("segment %s has no line and cannot be read", file.name)
            continue
        add_segment(place, info, is_late=True)
        adopted += 1
    return adopted


def left_of_earlier_cut(
    place: TrackPlace, old: SegmentInfo, key: DataKey
) -> tuple[bytes, SegmentInfo] | None:
    """What was left of a segment when it was cut last, and what the manifest is to say of it.

    None if there is nothing, or nothing that can be read. Raises StorageAway.
    """
    people = {"recording": place.recording, "participant": place.participant}
    for cuts in range(cuts_of(old.name) + _MOST_CUTS, cuts_of(old.name), -1):
        name = segment_name(**people, track=place.track, index=old.index, cuts=cuts)
        if not store.exists(name):
            continue
        with suppress(SegmentDamaged, FileNotFoundError):
            return _opened(place, old.index, name, key)
    return None


def _may_not_cut_again(recording: Recording) -> bool:
    done = CutOut.objects.filter(recording=recording, done_at__isnull=False)
    return done.exists() and LegalHold.objects.stands_on(recording.pk)


def _place(recording: Recording, participant: UUID, track: UUID) -> TrackPlace | None:
    """Whose it is; None where that person never agreed, or has no connection to name."""
    agreed = Consent.objects.filter(
        recording=recording, participant=participant, given_at__isnull=False
    )
    if not agreed.exists():
        return None
    leg = Track.objects.filter(pk=track).values_list("leg", flat=True).first()
    if leg is None:
        legs = Leg.objects.filter(participant=participant).order_by("-connected_at")
        leg = legs.values_list("pk", flat=True).first()
    return TrackPlace(recording.pk, participant, leg, track) if leg else None


def _is_taken(place: TrackPlace, index: int, name: str) -> bool:
    """Whether its place has a line; what that was cut from goes, unless a legal hold stands."""
    row = Segment.objects.filter(track=place.track, index=index).first()
    is_older = row is not None and cuts_of(name) < cuts_of(row.name)
    if is_older and not LegalHold.objects.stands_on(place.recording):
        store.spool_path(name).unlink(missing_ok=True)
    return row is not None


def _opened(place: TrackPlace, index: int, name: str, key: DataKey) -> tuple[bytes, SegmentInfo]:
    """Raises SegmentDamaged, FileNotFoundError, StorageAway."""
    try:
        sealed = store.read_bytes(name)
    except (FileNotFoundError, store.StorageAway):
        raise
    except OSError as exc:
        raise SegmentDamaged("The file cannot be read.") from exc
    plaintext = open_segment(
        sealed,
        key,
        recording=place.recording,
        participant=place.participant,
        track=place.track,
        index=index,
    )
    whole: OpenSegment | None = None
    for record in unpack(plaintext):
        whole = whole or OpenSegment(index, record.arrived_at, record.arrived_at)
        whole.add(record)
    if whole is None:
        raise SegmentDamaged("The segment is empty.")
    return plaintext, info_of_sealed(whole, sealed, track=place.track, name=name)
