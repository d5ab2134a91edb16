"""The lines of the manifest: a row for what was written, and the ledger's entry in one step."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from calls.archive import store
from calls.archive.segments import SegmentInfo, Span
from calls.models import Consent, LedgerEntry, Recording, Segment, Track
from calls.states import OPEN_RECORDINGS, LedgerKind


@dataclass(frozen=True, slots=True)
class TrackPlace:
    """Whose track it is."""

    recording: UUID
    participant: UUID
    leg: UUID
    track: UUID


class TooLate(Exception):
    """The recording is closed: what a recorder that was taken for dead still holds is not added.

    The file stays, unless it reaches out of its person's consent: a finaliser may yet adopt it.
    """


def add_segment(place: TrackPlace, info: SegmentInfo, *, is_late: bool = False) -> None:
    """Note a segment that lies in the spool; twice has one effect. Raises TooLate.

    `is_late` is said by the finaliser alone, which finds what a dead recorder had written.
    """
    with transaction.atomic():
        if not _is_open(place.recording) and not is_late:
            if Segment.objects.filter(name=info.name).exists():
                return  # the finaliser has found it meanwhile
            if not _is_consented(place, info):
                store.spool_path(info.name).unlink(missing_ok=True)
            raise TooLate(f"segment {info.name} came after its recording was closed")
        track = _track(place, begun_at=info.started_at)
        _row, made = Segment.objects.get_or_create(
            track=track,
            index=info.index,
            defaults={
                "name": info.name,
                "sha256": info.sha256,
                "size_bytes": info.size_bytes,
                "started_at": _moment(info.started_at),
                "ended_at": _moment(info.ended_at),
                "video_frames": info.video_frames,
                "audio_frames": info.audio_frames,
            },
        )
        if made:
            LedgerEntry.objects.append(
                place.recording,
                LedgerKind.SEGMENT,
                participant=place.participant,
                leg=place.leg,
                **_told(info),
            )


def _track(place: TrackPlace, *, begun_at: float) -> Track:
    """Its row, made with its first segment."""
    about = {
        "recording_id": place.recording,
        "participant_id": place.participant,
        "leg_id": place.leg,
        "started_at": _moment(begun_at),
    }
    return Track.objects.get_or_create(pk=place.track, defaults=about)[0]


def replace_segment(
    place: TrackPlace,
    old: SegmentInfo,
    new: SegmentInfo | None,
    cause: str,
    cut: tuple[Span, ...] = (),
) -> None:
    """Note that a segment was cut, or is gone if nothing of it is kept.

    `cut` tells what was taken out; without it, what came after the new end.
    """
    with transaction.atomic():
        Recording.objects.select_for_update().only("pk").get(pk=place.recording)
        row = Segment.objects.filter(track_id=old.track, index=old.index, name=old.name)
        if new is None:
            changed, _ = row.delete()
        else:
            changed = row.update(
                name=new.name,
                stored_at=None,
                spooled_at=timezone.now(),
                sha256=new.sha256,
                size_bytes=new.size_bytes,
                started_at=_moment(new.started_at),
                ended_at=_moment(new.ended_at),
                video_frames=new.video_frames,
                audio_frames=new.audio_frames,
            )
        if changed:
            end = new.ended_at if new else old.started_at
            LedgerEntry.objects.append(
                place.recording,
                LedgerKind.CUT,
                participant=place.participant,
                cause=cause,
                was=old.name,
                spans=_spans(cut or ((end, old.ended_at),)),
                segment=_told(new) if new else None,
            )


def end_track(place: TrackPlace, *, at: float, reason: str) -> None:
    """Note when and why a track ended; only the first word counts."""
    with transaction.atomic():
        row = Track.objects.filter(pk=place.track, ended_at__isnull=True)
        if row.update(ended_at=_moment(at), end_reason=reason):
            LedgerEntry.objects.append(
                place.recording,
                LedgerKind.TRACK_ENDED,
                participant=place.participant,
                track=place.track,
                ended=round(at, 3),
                reason=reason,
            )


def note_sending(place: TrackPlace, *, at: float, audio: bool, video: bool, why: str = "") -> None:
    """Note what a person sends to the recorder from now on; `why` as docs/recording.md."""
    LedgerEntry.objects.append(
        place.recording,
        LedgerKind.SENDING,
        participant=place.participant,
        leg=place.leg,
        since=round(at, 3),
        audio=audio,
        video=video,
        why=why,
    )


def note_connected(place: TrackPlace, *, at: float) -> None:
    """Note that a person's first frame has come."""
    LedgerEntry.objects.append(
        place.recording,
        LedgerKind.CONNECTED,
        participant=place.participant,
        leg=place.leg,
        track=place.track,
        since=round(at, 3),
    )


def _is_open(recording: UUID) -> bool:
    rows = Recording.objects.select_for_update().filter(pk=recording)
    return rows.values_list("state", flat=True).first() in OPEN_RECORDINGS


def _is_consented(place: TrackPlace, info: SegmentInfo) -> bool:
    """Whether all of it lies in its person's consent: then a finaliser may still adopt it."""
    consent = Consent.objects.filter(
        recording=place.recording, participant=place.participant, given_at__isnull=False
    ).first()
    if consent is None or consent.given_at is None:
        return False
    withdrawn_at = consent.withdrawn_at
    return consent.given_at.timestamp() <= info.started_at and (
        withdrawn_at is None or info.ended_at <= withdrawn_at.timestamp()
    )


def _told(info: SegmentInfo) -> dict[str, object]:
    return {
        "track": str(info.track),
        "index": info.index,
        "name": info.name,
        "sha256": info.sha256,
        "size": info.size_bytes,
        "from": round(info.started_at, 3),
        "until": round(info.ended_at, 3),
        "audio": _spans(info.audio),
        "video": _spans(info.video),
    }


def _spans(spans: tuple[Span, ...]) -> list[list[float]]:
    return [[round(start, 3), round(end, 3)] for start, end in spans]


def _moment(unix_secs: float) -> datetime:
    return datetime.fromtimestamp(unix_secs, UTC)
