"""Segments that a recorder wrote, and died before their rows were: found again in the spool.

Only what opens under the recording's key, in the very place that its name says, is one of its own.
What of it may be kept is decided afterwards, as of all the others (cutting.py).
"""

import logging
import re
from uuid import UUID

from calls.archive import store
from calls.archive.lines import TrackPlace, add_segment
from calls.archive.segments import SegmentDamaged, SegmentInfo, open_segment, unpack
from calls.archive.vault import DataKey
from calls.archive.writing import OpenSegment, info_of_sealed
from calls.models import Consent, LedgerEntry, Leg, Recording, Segment, Track
from calls.states import LedgerKind

logger = logging.getLogger(__name__)

_NAME = re.compile(r"[0-9a-f-]{36}/([0-9a-f-]{36})/([0-9a-f-]{36})/(\d{6})\.seg", re.ASCII)


def adopt_unlisted(recording: Recording, key: DataKey) -> int:
    """Give the recording's segments in this machine's spool the rows that they lack; how many.

    Nobody captures it any more. What does not open is left for the reconciliation to name.
    """
    known = set(Segment.objects.filter(track__recording=recording).values_list("name", flat=True))
    cut = LedgerEntry.objects.filter(recording=recording, body__kind=LedgerKind.CUT.value)
    known |= set(cut.values_list("body__was", flat=True))
    adopted = 0
    for file in store.list_folder(store.spool_root(), str(recording.pk)):
        found = _NAME.fullmatch(file.name)
        if found is None or file.name in known:
            continue
        place = _place(recording, UUID(found[1]), UUID(found[2]))
        if place is None or _is_taken(place, int(found[3])):
            continue
        try:
            info = _info(place, int(found[3]), file.name, key)
        except (SegmentDamaged, FileNotFoundError):
            logger.warning("segment %s has no line and cannot be read", file.name)
            continue
        add_segment(place, info, is_late=True)
        adopted += 1
    return adopted


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


def _is_taken(place: TrackPlace, index: int) -> bool:
    return Segment.objects.filter(track=place.track, index=index).exists()


def _info(place: TrackPlace, index: int, name: str, key: DataKey) -> SegmentInfo:
    sealed = store.spool_path(name).read_bytes()
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
    return info_of_sealed(whole, sealed, track=place.track, name=name)
