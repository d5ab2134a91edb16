"""A visit that was recorded: two people, two real encrypted WebM files, and what happened."""

import functools
import hashlib
import subprocess
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.utils import timezone

from calls.archive.keys import make_recording_key
from calls.archive.sealedfile import SealedFile
from calls.archive.store import spool_root
from calls.archive.vault import artifact_context
from calls.models import (
    Artifact,
    CallEvent,
    CallSession,
    Consent,
    Leg,
    Participant,
    Recording,
    Segment,
    Track,
)
from calls.protocol import FactKind
from calls.states import CallState, ConsentState, LegState, ParticipantState, RecordingState
from tests.support.cast import TEXT_VERSION, Cast, make_cast
from tests.support.servers import program

SECS = 12
# Mei is recorded from the first half second, with a hole; Ada begins a second later.
MEI_OFFSET_SECS, ADA_OFFSET_SECS = 0.5, 1.5
MEI_SPANS = ((0.5, 5.0), (8.0, 12.5))
ADA_SPANS = ((1.5, 13.5),)


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def recording(cast: Cast) -> Recording:
    return recorded_visit(cast.call)


def recorded_visit(call: CallSession, *, text_version: str = TEXT_VERSION) -> Recording:
    """The ended call with its ready recording, begun five minutes ago."""
    begin = timezone.now() - timedelta(minutes=5)
    mei, ada = call.participants.get(role="patient"), call.participants.get(role="agent")
    call.participants.update(state=ParticipantState.LEFT, admitted_at=begin)
    call.state, call.live_at = CallState.ENDED, begin - timedelta(minutes=1)
    call.ended_at = begin + timedelta(seconds=14)
    call.save()
    recording = Recording.objects.create(
        call=call,
        state=RecordingState.READY,
        asked_by=ada,
        asked_at=begin - timedelta(seconds=20),
        queued_at=begin - timedelta(seconds=2),
        started_at=begin,
        stopped_at=begin + timedelta(seconds=14),
        ready_at=begin + timedelta(seconds=20),
    )
    for person in (ada, mei):
        Consent.objects.create(
            recording=recording,
            participant=person,
            state=ConsentState.GIVEN,
            text_version=text_version,
            language="en",
            given_at=begin - timedelta(seconds=5),
        )
    _write_facts(call, begin, mei=mei, ada=ada)
    _write_file(recording, mei, offset_secs=MEI_OFFSET_SECS, spans=MEI_SPANS)
    _write_file(recording, ada, offset_secs=ADA_OFFSET_SECS, spans=ADA_SPANS)
    return recording


def _write_facts(call: CallSession, begin: datetime, *, mei: Participant, ada: Participant) -> None:
    facts: tuple[tuple[float, FactKind, Participant | None, dict[str, str]], ...] = (
        (-15, FactKind.CHAT, mei, {"text": "Written before anybody agreed"}),
        (-5, FactKind.CONSENT_GIVEN, mei, {"participant": str(mei.pk)}),
        (0, FactKind.RECORDING_STARTED, None, {}),
        (3, FactKind.CHAT, mei, {"text": "<b>Can you</b> see the rash?"}),
        (5, FactKind.DROPPED, mei, {"participant": str(mei.pk)}),
        (8, FactKind.JOINED, mei, {"participant": str(mei.pk)}),
        (9.5, FactKind.CHAT, ada, {"text": "Yes, much clearer now. Please turn to the light."}),
        (14, FactKind.RECORDING_STOPPED, None, {"reason": "ended"}),
        (14, FactKind.ENDED, ada, {"reason": "agent"}),
    )
    for secs, kind, by, data in facts:
        call.last_seq += 1
        CallEvent.objects.create(
            call=call,
            seq=call.last_seq,
            at=begin + timedelta(seconds=secs),
            kind=kind,
            by=by,
            data=data,
        )
    call.save()


def _write_file(
    recording: Recording,
    person: Participant,
    *,
    offset_secs: float,
    spans: tuple[tuple[float, float], ...],
) -> None:
    key = make_recording_key(recording)
    name = f"{recording.pk}/{person.pk}/{uuid4()}.media"
    path = spool_root() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    context = artifact_context(recording=recording.pk, participant=person.pk, kind="media")
    content = webm()
    with SealedFile.create(path, key, context=context) as file:
        file.write(content)
    Artifact.objects.create(
        recording=recording,
        participant=person,
        kind="media",
        name=name,
        content_type="video/webm",
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        size_bytes=len(content),
        offset_secs=offset_secs,
        duration_secs=SECS,
    )
    _write_manifest(recording, person, spans)


def _write_manifest(
    recording: Recording, person: Participant, spans: tuple[tuple[float, float], ...]
) -> None:
    assert recording.started_at
    begin = recording.started_at
    leg = Leg.objects.create(
        participant=person, state=LegState.CLOSED, seen_at=begin, closed_at=begin
    )
    track = Track.objects.create(
        recording=recording,
        participant=person,
        leg=leg,
        started_at=begin,
        ended_at=begin + timedelta(seconds=14),
        end_reason="ended",
    )
    for index, (start, stop) in enumerate(spans):
        Segment.objects.create(
            track=track,
            index=index,
            name=f"{recording.pk}/{person.pk}/{track.pk}/{index:06d}.seg",
            sha256="0" * 64,
            size_bytes=1,
            started_at=begin + timedelta(seconds=start),
            ended_at=begin + timedelta(seconds=stop),
        )


@functools.cache
def webm() -> bytes:
    """Twelve seconds of ffmpeg's test picture (VP8) with a tone (Opus), seekable."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "test.webm"
        command = [program("ffmpeg"), "-loglevel", "error", "-f", "lavfi"]
        command += ["-i", f"testsrc=size=640x480:rate=25:duration={SECS}", "-f", "lavfi"]
        command += ["-i", f"sine=frequency=440:duration={SECS}", "-c:v", "libvpx"]
        command += ["-deadline", "realtime", "-cpu-used", "8", "-b:v", "400k", "-g", "50"]
        command += ["-c:a", "libopus", "-b:a", "32k", str(path)]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
        return path.read_bytes()
