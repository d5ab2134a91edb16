"""From segments to what people play: one encrypted file a person, and its poster.

It may run twice at once, or die anywhere, and there is still one artifact of each: the file is
made under a name of its own, and the row, which the database allows once, is written last.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from uuid import uuid4

from django.db import IntegrityError, transaction

from calls.archive import spool, store
from calls.archive.adopting import adopt_unlisted
from calls.archive.cutting import cut_what_must_go
from calls.archive.finished import (
    MADE_OF,
    NAMED,
    LeaseLost,
    forget_outdated,
    made_of,
    require_lease,
)
from calls.archive.keys import recording_key
from calls.archive.ledger import close_open_tracks
from calls.archive.manifest import VerifiedTrack, recorded_people, tracks_of
from calls.archive.media import Mux, Muxed, NothingRecorded
from calls.archive.sealedfile import SealedFile
from calls.archive.side_by_side import side_by_side
from calls.archive.vault import DataKey, artifact_context
from calls.archive.verify import Damage
from calls.archive.watermark import PLACE
from calls.models import Artifact, Participant, Recording

logger = logging.getLogger(__name__)

# Shorter recordings are made before a process of its own has begun.
LONG_SECS = 120.0


def finalize(recording: Recording, *, mux: Mux, go_on: Callable[[], bool]) -> int:
    """Make what is missing of a recording's artifacts; returns how many people can be played.

    `go_on` is asked before and after: false means that the lease was lost, and raises LeaseLost.
    Raises KeyUnavailable without the recording's key, NotYetStored and StorageAway while segments
    cannot be had: later they can.
    """
    spool.require_stored(recording.pk)
    key = recording_key(recording) if recording.wrapped_key else None
    if key is not None:
        adopt_unlisted(recording, key)
    close_open_tracks(recording)
    if key is None:
        return 0
    cut_what_must_go(recording, key)
    forget_outdated(recording, key)
    people = [person for person in recorded_people(recording) if not _is_made(recording, person)]
    if not go_on():
        raise LeaseLost
    jobs = [_Job.of(recording, person, key) for person in people]
    _make(jobs, mux, go_on, at_once=recording.length_secs >= LONG_SECS)
    media = Artifact.objects.filter(recording=recording, kind="media", participant__isnull=False)
    return media.count()


@dataclass(frozen=True, slots=True)
class _Made:
    """A person's file in the spool, without its row."""

    size_bytes: int
    muxed: Muxed
    damage: list[Damage]


@dataclass(frozen=True, slots=True)
class _Job:
    """What makes a person's file, and needs no database."""

    recording: Recording
    person: Participant
    key: DataKey
    tracks: list[VerifiedTrack]
    stem: str
    """How the names of its files begin; no other attempt has the same."""

    @classmethod
    def of(cls, recording: Recording, person: Participant, key: DataKey) -> "_Job":
        stem = f"{recording.pk}/{person.pk}/{uuid4()}"
        return cls(recording, person, key, tracks_of(recording, person, key=key), stem)

    def name(self, kind: str) -> str:
        return f"{self.stem}.{kind}"

    def file(self, kind: str) -> SealedFile:
        """A new file in the spool, sealed for its very name."""
        name = self.name(kind)
        context = artifact_context(
            recording=self.recording.pk, participant=self.person.pk, kind=kind, name=name
        )
        return SealedFile.create(store.spool_path(name), self.key, context=context)

    def make(self, mux: Mux) -> _Made | None:
        """None where nothing can be played."""
        try:
            with self.file("media") as file:
                muxed = mux(self.tracks, file)
                return _Made(file.size_bytes, muxed, _damage(self.tracks))
        except NothingRecorded:
            logger.warning("nothing of participant %s could be played", self.person.pk)
            return None

    def keep(self, made: _Made) -> bool:
        """Write the rows; False if another worker was faster, whose files then stand."""
        artifacts = [_media(self, made)]
        if made.muxed.poster is not None:
            artifacts.append(_write_poster(self, made.muxed.poster, made.muxed))
        try:
            _keep(self.recording, artifacts)
        except IntegrityError:
            logger.info("artifacts of recording %s were made meanwhile", self.recording.pk)
            return False
        return True

    def drop(self) -> None:
        for kind in ("media", "poster"):
            store.spool_path(self.name(kind)).unlink(missing_ok=True)


def _make(jobs: list[_Job], mux: Mux, go_on: Callable[[], bool], *, at_once: bool) -> None:
    """Make each person's file; what is not kept goes, however this ends."""
    works = [partial(job.make, mux) for job in jobs]
    to_drop = {job.stem: job for job in jobs}
    try:
        made_ones = side_by_side(works) if at_once else (work() for work in works)
        for job, made in zip(jobs, made_ones, strict=True):
            if not go_on():
                raise LeaseLost
            if made is not None and job.keep(made):
                del to_drop[job.stem]
    finally:
        for job in to_drop.values():
            job.drop()


def _is_made(recording: Recording, person: Participant) -> bool:
    return Artifact.objects.filter(recording=recording, participant=person, kind="media").exists()


def _media(job: _Job, made: _Made) -> Artifact:
    recording, name, muxed = job.recording, job.name("media"), made.muxed
    begun_at = recording.started_at.timestamp() if recording.started_at else muxed.started_at
    return Artifact(
        recording=recording,
        participant=job.person,
        kind="media",
        name=name,
        content_type=muxed.content_type,
        sha256=store.sha256(name),
        size_bytes=made.size_bytes,
        offset_secs=muxed.started_at - begun_at,
        duration_secs=muxed.duration_secs,
        details={
            NAMED: True,
            MADE_OF: made_of(job.tracks),
            "codecs": list(muxed.codecs),
            "audio_frames": muxed.audio_frames,
            "video_frames": muxed.video_frames,
            "dropped_frames": muxed.dropped_frames,
            "width": muxed.width,
            "height": muxed.height,
            "lufs": muxed.loudness_lufs,
            PLACE: muxed.mark_at,
            "damaged": [{"name": each.name, "why": each.why} for each in made.damage],
        },
    )


def _write_poster(job: _Job, image: bytes, muxed: Muxed) -> Artifact:
    name = job.name("poster")
    with job.file("poster") as file:
        file.write(image)
    return Artifact(
        recording=job.recording,
        participant=job.person,
        kind="poster",
        name=name,
        content_type="image/jpeg",
        sha256=store.sha256(name),
        size_bytes=len(image),
        details={NAMED: True, "width": muxed.width, "height": muxed.height},
    )


def _keep(recording: Recording, artifacts: list[Artifact]) -> None:
    """Raises LeaseLost if it is not this worker's any more, IntegrityError if all is made."""
    with transaction.atomic():
        require_lease(recording)
        for artifact in artifacts:
            artifact.save(force_insert=True)


def _damage(tracks: list[VerifiedTrack]) -> list[Damage]:
    return [damage for track in tracks for damage in track.damage.values()]
