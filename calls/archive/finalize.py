"""From segments to what people play: one encrypted file a person, and its poster.

It may run twice at once, or die anywhere, and there is still one artifact of each: the file is
made under a name of its own, and the row, which the database allows once, is written last.
"""

import logging
from collections.abc import Callable
from uuid import uuid4

from django.db import IntegrityError, transaction

from calls.archive import spool, store
from calls.archive.cutting import cut_what_must_go
from calls.archive.keys import recording_key
from calls.archive.ledger import close_open_tracks
from calls.archive.manifest import VerifiedTrack, recorded_people, tracks_of
from calls.archive.media import Mux, Muxed, NothingRecorded
from calls.archive.sealedfile import SealedFile
from calls.archive.vault import DataKey, artifact_context
from calls.archive.verify import Damage
from calls.archive.watermark import PLACE
from calls.models import Artifact, Participant, Recording

logger = logging.getLogger(__name__)


def finalize(recording: Recording, *, mux: Mux, go_on: Callable[[], bool]) -> int:
    """Make what is missing of a recording's artifacts; returns how many people can be played.

    `go_on` is asked before each person: false means that the lease was lost, and raises LeaseLost.
    Raises KeyUnavailable without the recording's key, NotYetStored and StorageAway while segments
    cannot be had: later they can.
    """
    spool.require_stored(recording.pk, stopped_at=recording.stopped_at)
    close_open_tracks(recording)
    if not recorded_people(recording):
        return 0
    key = recording_key(recording)
    cut_what_must_go(recording, key)
    people = recorded_people(recording)
    return sum(_finalize_person(recording, person, key, mux=mux, go_on=go_on) for person in people)


class LeaseLost(Exception):
    """Another worker has taken over; what is left to do is theirs."""


def _finalize_person(
    recording: Recording, person: Participant, key: DataKey, *, mux: Mux, go_on: Callable[[], bool]
) -> bool:
    """True if the person can be played, by this call or an earlier one."""
    if not go_on():
        raise LeaseLost
    if Artifact.objects.filter(recording=recording, participant=person, kind="media").exists():
        return True
    tracks = tracks_of(recording, person, key=key)
    context = artifact_context(recording=recording.pk, participant=person.pk, kind="media")
    name = f"{recording.pk}/{person.pk}/{uuid4()}.media"
    try:
        with SealedFile.create(store.spool_path(name), key, context=context) as file:
            muxed = mux(tracks, file)
            size_bytes = file.size_bytes
    except NothingRecorded:
        store.spool_path(name).unlink(missing_ok=True)
        logger.warning("nothing of participant %s could be played", person.pk)
        return False
    except BaseException:
        store.spool_path(name).unlink(missing_ok=True)
        raise
    artifacts = [_media(recording, person, name, muxed, _damage(tracks), size_bytes=size_bytes)]
    if muxed.poster is not None:
        artifacts.append(_write_poster(recording, person, key, muxed))
    _keep(artifacts)
    return True


def _media(
    recording: Recording,
    person: Participant,
    name: str,
    muxed: Muxed,
    damage: list[Damage],
    *,
    size_bytes: int,
) -> Artifact:
    begun_at = recording.started_at.timestamp() if recording.started_at else muxed.started_at
    return Artifact(
        recording=recording,
        participant=person,
        kind="media",
        name=name,
        content_type=muxed.content_type,
        sha256=store.sha256(name),
        size_bytes=size_bytes,
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
            "damaged": [{"name": each.name, "why": each.why} for each in damage],
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
