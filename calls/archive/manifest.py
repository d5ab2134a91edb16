"""What a recording consists of, read and checked against what was written down when it was made."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from calls.archive import store
from calls.archive.segments import SegmentDamaged, SegmentInfo, index_of, read_segment
from calls.archive.vault import DataKey
from calls.archive.verify import Damage
from calls.models import LedgerEntry, Participant, Recording, Segment, Track
from calls.states import LedgerKind

logger = logging.getLogger(__name__)


@dataclass
class VerifiedTrack:
    """A TrackReader whose segments are checked, each time they are read."""

    key: DataKey
    recording: UUID
    participant: UUID
    manifest: Sequence[SegmentInfo]
    cut: frozenset[int] = frozenset()
    """Places of which the ledger says that nothing was left."""
    damage: dict[str, Damage] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many segments the manifest names."""
        return len(self.manifest)

    def segments(self, wanted: Callable[[int], bool] = lambda _: True) -> Iterator[bytes | None]:
        """Yield the plaintexts in order; a damaged or missing one is noted, and None."""
        expected = 0
        for place, info in enumerate(self.manifest):
            if not wanted(place):
                expected = info.index + 1
                continue
            if info.index != expected:
                if not self.cut.issuperset(range(expected, info.index)):
                    name = f"{info.name.rpartition('/')[0]}/{expected:06d}"
                    self.damage[name] = Damage(name, "Its line in the manifest is missing.")
                yield None
            expected = info.index + 1
            try:
                plaintext = read_segment(
                    store.read_bytes,
                    info,
                    self.key,
                    recording=self.recording,
                    participant=self.participant,
                )
            except SegmentDamaged as exc:
                self.damage[info.name] = Damage(info.name, str(exc))
                logger.warning("segment %s of recording %s: %s", info.name, self.recording, exc)
                yield None
            else:
                yield plaintext


def recorded_people(recording: Recording) -> list[Participant]:
    """Everyone of whom something was captured."""
    captured = Participant.objects.filter(tracks__recording=recording)
    return list(captured.filter(tracks__segments__isnull=False).distinct().order_by("pk"))


def tracks_of(
    recording: Recording, participant: Participant, *, key: DataKey
) -> list[VerifiedTrack]:
    """One person's tracks in the order of their start."""
    tracks = Track.objects.filter(recording=recording, participant=participant)
    cuts = LedgerEntry.objects.filter(recording=recording, body__kind=LedgerKind.CUT.value)
    bodies = cuts.values_list("body", flat=True)
    emptied = [str(body.get("was")) for body in bodies if not body.get("segment")]
    return [
        VerifiedTrack(
            key=key,
            recording=recording.pk,
            participant=participant.pk,
            manifest=[info_of(segment) for segment in track.segments.order_by("index")],
            cut=frozenset(
                index_of(name)
                for name in emptied
                if f"/{track.pk}/" in name and name.endswith(".seg")
            ),
        )
        for track in tracks.order_by("started_at", "pk")
    ]


def check(recording: Recording, *, key: DataKey) -> list[Damage]:
    """Read every segment once; return what is altered, missing or in another one's place."""
    damage: list[Damage] = []
    for participant in recorded_people(recording):
        for track in tracks_of(recording, participant, key=key):
            for _plaintext in track.segments():
                pass
            damage += track.damage.values()
    return damage


def info_of(segment: Segment) -> SegmentInfo:
    """What the row says of its segment."""
    return SegmentInfo(
        track=segment.track_id,
        index=segment.index,
        name=segment.name,
        sha256=segment.sha256,
        size_bytes=segment.size_bytes,
        started_at=segment.started_at.timestamp(),
        ended_at=segment.ended_at.timestamp(),
        audio_frames=segment.audio_frames,
        video_frames=segment.video_frames,
    )
