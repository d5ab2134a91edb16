"""For every person of a recording: which seconds were captured, and why any is missing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Max, QuerySet

from calls.models import Consent, Participant, Recording, Track

# Shorter holes are the time between two packets, not a gap.
LEAST_GAP_SECS = 1.0
KILLED = "recorder_killed"


@dataclass(frozen=True, slots=True)
class Gap:
    """Seconds of the recording's own time in which nothing of the person was captured."""

    start_secs: float
    end_secs: float
    cause: str
    """A word of docs/recording.md."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """One person's account, on the recording's own timeline."""

    participant: UUID
    captured_secs: float
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class _Span:
    start: datetime
    end: datetime
    cause: str
    """Why nothing follows it, if nothing does."""


def ledgers(recording: Recording) -> list[Ledger]:
    """One for each person who agreed at any time, in a stable order; none before the start."""
    if recording.started_at is None:
        return []
    consents = Consent.objects.filter(recording=recording, given_at__isnull=False)
    return [_ledger(recording, consent) for consent in consents.order_by("participant_id")]


def close_open_tracks(recording: Recording) -> None:
    """Tracks whose recorder died without a word end with their last segment."""
    open_tracks: QuerySet[Track] = Track.objects.filter(recording=recording, ended_at__isnull=True)
    for track in open_tracks.annotate(last=Max("segments__ended_at")):
        Track.objects.filter(pk=track.pk, ended_at__isnull=True).update(
            ended_at=track.last or track.started_at, end_reason=KILLED
        )


def _ledger(recording: Recording, consent: Consent) -> Ledger:
    assert recording.started_at is not None
    assert consent.given_at is not None
    spans = list(_spans(recording, consent.participant))
    begin = recording.started_at
    end = recording.stopped_at or max((span.end for span in spans), default=begin)
    gaps = []
    cause = "not_yet_consented" if consent.given_at > begin else "connecting"
    position = begin
    for span in spans:
        gaps.append(_gap(begin, position, span.start, cause))
        position, cause = max(position, span.end), span.cause
    gaps.append(_gap(begin, position, end, cause))
    return Ledger(
        participant=consent.participant_id,
        captured_secs=sum((span.end - span.start).total_seconds() for span in spans),
        gaps=tuple(gap for gap in gaps if gap.end_secs - gap.start_secs >= LEAST_GAP_SECS),
    )


def _gap(begin: datetime, start: datetime, end: datetime, cause: str) -> Gap:
    return Gap((start - begin).total_seconds(), (end - begin).total_seconds(), cause)


def _spans(recording: Recording, person: Participant) -> Iterator[_Span]:
    """What each track captured, segments that follow one another made one span."""
    tracks = Track.objects.filter(recording=recording, participant=person)
    for track in tracks.order_by("started_at", "pk"):
        times = list(track.segments.order_by("index").values_list("started_at", "ended_at"))
        for start, end in _joined(times):
            is_last = end == times[-1][1]
            yield _Span(start, end, (track.end_reason or KILLED) if is_last else "network")


def _joined(times: Sequence[tuple[datetime, datetime]]) -> Iterator[tuple[datetime, datetime]]:
    begun: datetime | None = None
    reached: datetime | None = None
    for start, end in times:
        if reached is not None and (start - reached).total_seconds() >= LEAST_GAP_SECS:
            assert begun is not None
            yield begun, reached
            begun = None
        begun = begun or start
        reached = end
    if begun is not None and reached is not None:
        yield begun, reached
