"""A finished recording of Mei and Dr. Ada: rows, ledger, and files sealed under its own key."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import Role, User
from calls.archive import store
from calls.archive.keys import make_recording_key
from calls.archive.segments import segment_name
from calls.archive.vault import DataKey, artifact_context, segment_context
from calls.models import (
    Artifact,
    CallSession,
    LedgerEntry,
    Leg,
    Participant,
    Recording,
    Segment,
    Track,
)
from calls.states import LedgerKind, LegState, RecordingState
from tests.support.cast import Cast, person

PLAIN = b"what was said in the visit "


def administrators() -> tuple[User, User]:
    return (
        person("kai@example.com", "Kai Admin", Role.ADMINISTRATOR),
        person("noor@example.com", "Noor Haddad", Role.ADMINISTRATOR),
    )


def kept(call: CallSession, *, spooled: bool = False, state: str = "ready") -> Recording:
    """Two people, two segments and one file each, in the storage or still in the spool."""
    begin = timezone.now() - timedelta(days=2)
    recording = Recording.objects.create(
        call=call,
        state=RecordingState(state),
        asked_by=call.participants.get(role="agent"),
        asked_at=begin,
        started_at=begin,
        stopped_at=begin + timedelta(seconds=8),
        ready_at=begin + timedelta(seconds=9),
    )
    key = make_recording_key(recording)
    LedgerEntry.objects.append(recording.pk, LedgerKind.BEGUN, quality="small")
    for someone in call.participants.exclude(role="recorder"):
        _keep_track(recording, someone, key, spooled=spooled)
    recording.refresh_from_db()
    return recording


def lay(name: str, data: bytes, *, spooled: bool = False) -> None:
    """A file of the archive, in the spool or already in the storage."""
    path = store.spool_path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    if not spooled:
        store.put(name)
        path.unlink()


def names_of(recording: Recording) -> list[str]:
    """The files that the rows name."""
    segments = Segment.objects.filter(track__recording=recording).values_list("name", flat=True)
    files = Artifact.objects.filter(recording=recording).values_list("name", flat=True)
    return [*segments, *files]


def files_left(recording: Recording) -> list[str]:
    """What lies under the recording's name in storage and spool, whoever names it."""
    spooled = store.list_folder(store.spool_root(), str(recording.pk))
    return [*store.list_names(f"{recording.pk}/"), *(file.name for file in spooled)]


def _keep_track(recording: Recording, someone: Participant, key: DataKey, *, spooled: bool) -> None:
    assert recording.started_at
    assert recording.stopped_at
    leg = Leg.objects.create(
        participant=someone,
        state=LegState.CLOSED,
        seen_at=recording.started_at,
        closed_at=recording.stopped_at,
    )
    track = Track.objects.create(
        recording=recording, participant=someone, leg=leg, started_at=recording.started_at
    )
    stored_at = None if spooled else recording.stopped_at
    for index in range(2):
        place: Any = {"recording": recording.pk, "participant": someone.pk, "track": track.pk}
        name = segment_name(**place, index=index)
        sealed = key.seal(PLAIN, context=segment_context(**place, index=index))
        lay(name, sealed, spooled=spooled)
        Segment.objects.create(
            track=track,
            index=index,
            name=name,
            sha256=store.sha256(name),
            size_bytes=len(sealed),
            started_at=recording.started_at + timedelta(seconds=4 * index),
            ended_at=recording.started_at + timedelta(seconds=4 * index + 4),
            stored_at=stored_at,
        )
    name = f"{recording.pk}/{someone.pk}/{uuid4()}.media"
    context = artifact_context(recording=recording.pk, participant=someone.pk, kind="media")
    lay(name, key.seal(PLAIN, context=context), spooled=spooled)
    Artifact.objects.create(
        recording=recording,
        participant=someone,
        kind="media",
        name=name,
        content_type="video/webm",
        sha256=store.sha256(name),
        size_bytes=len(PLAIN),
        stored_at=stored_at,
    )


@pytest.fixture
def people(cast: Cast) -> tuple[User, User]:
    """Two administrators."""
    return administrators()


@pytest.fixture
def recording(cast: Cast) -> Recording:
    """It is ready, and all of it lies in the storage."""
    return kept(cast.call)
