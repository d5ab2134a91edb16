"""A recording of which copies are taken, by those who may."""

import hashlib
import io
from typing import Any

import av
import pytest
from asgiref.sync import async_to_sync
from django.test.client import Client
from django.urls import reverse

from accounts.models import User
from calls.archive.keys import recording_key
from calls.archive.sealedfile import SealedFile
from calls.archive.segments import seal_segment
from calls.archive.store import spool_path
from calls.archive.vault import artifact_context
from calls.archive.watermark import PLACE
from calls.models import Artifact, Recording, Segment
from calls.recorder.webm import mux_person
from tests.recorder.footage import Reel, cut, records
from tests.recordings.story import recorded_visit
from tests.support.cast import Cast, make_cast


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


@pytest.fixture
def recording(cast: Cast) -> Recording:
    """Mei's file as it is made now, with a blank for the mark; Ada's of before."""
    recording = recorded_visit(cast.call)
    mei = recording.artifacts.get(kind="media", participant__role="patient")
    key = recording_key(recording)
    context = artifact_context(recording=recording.pk, participant=mei.participant_id, kind="media")
    with SealedFile.create(spool_path(mei.name), key, context=context) as file:
        muxed = mux_person([Reel(cut(records(start=1000.0)))], file)
        mei.size_bytes = file.size_bytes
    mei.details = {PLACE: muxed.mark_at}
    mei.save()
    for segment in Segment.objects.select_related("track"):
        sealed = seal_segment(
            b"frames",
            key,
            recording=recording.pk,
            participant=segment.track.participant_id,
            track=segment.track_id,
            index=segment.index,
        )
        path = spool_path(segment.name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(sealed)
        segment.sha256, segment.size_bytes = hashlib.sha256(sealed).hexdigest(), len(sealed)
        segment.save()
    return recording


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def file_of(recording: Recording, role: str) -> Artifact:
    return recording.artifacts.get(kind="media", participant__role=role)


def page_of(file: Artifact) -> str:
    return reverse("recording_download", args=(file.recording_id, file.pk))


def granted(client: Client, address: str, purpose: str = "") -> str:
    response = client.post(address, {"purpose": purpose})
    assert response.status_code == 303, response.status_code
    return str(response["Location"])


def body(response: Any) -> bytes:
    async def read() -> bytes:
        return b"".join([part async for part in response.streaming_content])

    return async_to_sync(read)()


def comment(data: bytes) -> str:
    with av.open(io.BytesIO(data), "r") as container:
        assert len(list(container.decode(video=0))) > 100
        return container.metadata.get("COMMENT", "")
