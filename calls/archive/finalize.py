"""From segments to what people play: one encrypted file a person, and its poster.

It may run twice at once, or die anywhere, and there is still one artifact of each: the file is
made under a name of its own, and the row, which the database allows once, is written last.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from django.db import IntegrityError, transaction

from calls.archive import spool, store
from calls.archive.adopting import adopt_unlisted
from calls.archive.cutting import cut_what_must_go
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
    spool.require_stored(recording.pk, stopped_at=recording.stopped_at)
    close_open_tracks(recording)
    if not recording.wrapped_key:
        return 0
    key = recording_key(recording)
    adopt_unlisted(recording, key)
    if not recorded_people(recording):
        return 0
    cut_what_must_go(recording, key)
    people = [person for person in recorded_people(recording) if not _is_made(recording, person)]
    jobs = [_job(recording, person, key, mux) for person in people]
    if not go_on():
        raise LeaseLost
    is_long = recording.length_secs >= LONG_SECS
    for person, made in zip(
        people, side_by_side(jobs) if is_long else (job() for job in jobs), strict=True
    ):
        if not go_on():
            _drop(made)
            raise LeaseLost
        if made is not None:
            _keep_person(recording, person, key, made)
    media = Artifact.objects.filter(recording=recording, kind="media", participant__isnull=False)
    return media.count()


class LeaseLost(Exception):
    """Another worker has taken over; what is left to do is theirs."""


@dataclass(frozen=True, slots=True)
class _Made:
    """A person's file in the spool, without its row."""

    name: str
    size_bytes: int
    muxed: Muxed
    damage: list[Damage]


def _job(
    recording: Recording, person: Participant, key: DataKey, mux: Mux
) -> Callable[[], _Made | None]:
    """What makes a person's file, and needs no database; None where nothing can be played."""
    tracks = tracks_of(recording, person, key=key)
    context = artifact_context(recording=recording.pk, participant=person.pk, kind="media")
    name = f"{recording.pk}/{person.pk}/{uuid4()}.media"

    def make() -> _Made | None:
        try:
            with SealedFile.create(store.spool_path(name), key, context=context) as file:
                muxed = mux(tracks, file)
                return _Made(name, file.size_bytes, muxed, _damage(tracks))
        except NothingRecorded:
            store.spool_path(name).unlink(missing_ok=True)
            logger.warning("nothing of participant %s could be played", person.pk)
            return None
        except BaseException:
            store.spool_path(name).unlink(missing_ok=True)
            raise

    return make


def _keep_person(recording: Recording, person: Participant, key: DataKey, made: _Made) -> None:
    artifacts = [_media(recording, person, made)]
    if made.muxed.poster is not None:
        artifacts.append(_write_poster(recording, person, key, made.muxed))
    _keep(artifacts)


def _is_made(recording: Recording, person: Participant) -> bool:
    return Artifact.objects.filter(recording=recording, participant=person, kind="media").exists()


def _drop(made: _Made | None) -> None:
    if made is not None:
        store.spool_path(made.name).unlink(missing_ok=True)


def _media(recording: Recording, person: Participant, made: _Made) -> Artifact:
    name, muxed = made.name, made.muxed
    begun_at = recording.started_at.timestamp() if recording.started_at else muxed.started_at
    return Artifact(
        recording=recording,
        participant=person,
        kind="media",
        name=name,
        content_type=muxed.content_type,
        sha256=store.sha256(name),
        size_bytes=made.size_bytes,
        offset_secs=muxed.started_at - begun_at,
        duration_secs=muxed.duration_secs,
        details={
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


def _write_poster(
    recording: Recording, person: Participant, key: DataKey, muxed: Muxed
) -> Artifact:
    assert muxed.poster is not None
    context = artifact_context(recording=recording.pk, participant=person.pk, kind="poster")
    name = f"{recording.pk}/{person.pk}/{uuid4()}.poster"
    with SealedFile.create(store.spool_path(name), key, context=context) as file:
        file.write(muxed.poster)
    return Artifact(
        recording=recording,
        participant=person,
        kind="poster",
        name=name,
        content_type="image/jpeg",
        sha256=store.sha256(name),
        size_bytes=len(muxed.poster),
        details={"width": muxed.width, "height": muxed.height},
    )


def _keep(artifacts: list[Artifact]) -> None:
    """Write the rows; if another worker was faster, its files stand and ours go."""
    try:
        with transaction.atomic():
            for artifact in artifacts:
                artifact.save(force_insert=True)
    except IntegrityError:
        logger.info("artifacts of recording %s were made meanwhile", artifacts[0].recording_id)
        for artifact in artifacts:
            store.spool_path(artifact.name).unlink(missing_ok=True)


def _damage(tracks: list[VerifiedTrack]) -> list[Damage]:
    return [damage for track in tracks for damage in track.damage.values()]
