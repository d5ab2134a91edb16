"""One file of everybody, made from the finished files of each on request, and sealed like them."""

import logging
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction

from accounts.templatetags.interface import initials
from calls.archive import store
from calls.archive.evening import gains_db
from calls.archive.finished import NAMED
from calls.archive.keys import recording_key
from calls.archive.playback import open_artifact
from calls.archive.sealedfile import SealedFile
from calls.archive.vault import artifact_context
from calls.archive.watermark import PLACE
from calls.models import Artifact, Recording
from calls.states import RecordingState

logger = logging.getLogger(__name__)

GoOn = Callable[[int], None]
"""Hears how many percent are done; raises if the work is to be dropped."""


class NothingToMix(Exception):
    """The recording has no finished files, or is not ready any more."""


class SourcesChanged(Exception):
    """A file was made anew meanwhile (somebody had a part cut out): the work begins again."""


@dataclass(frozen=True, slots=True)
class MixSource:
    """One person's file as the mixer reads it."""

    initials: str
    role: str
    file: SealedFile
    offset_secs: float
    gain_db: float


@dataclass(frozen=True, slots=True)
class Mixed:
    """What the mixed file holds."""

    content_type: str
    duration_secs: float
    width: int
    height: int
    mark_at: int | None
    damaged: Sequence[int]
    """Numbers of the sources that broke off."""


class Mix(Protocol):
    """Mixes sources into a file of the form "mp4" or "webm" (calls/recorder/mix.py)."""

    def __call__(
        self,
        sources: Sequence[MixSource],
        output: SealedFile,
        *,
        form: str,
        duration_secs: float,
        go_on: GoOn,
    ) -> Mixed: ...


def make_mixed(recording: Recording, *, form: str, mix: Mix, go_on: GoOn) -> Artifact:
    """The file of everybody, made unless it is there already.

    Raises NothingToMix, SourcesChanged, KeyUnavailable, StorageAway, Altered, FileNotFoundError,
    and what go_on raises.
    """
    made = _existing(recording.pk, form)
    if made is not None:
        return made
    files = sources_of(recording.pk)
    if recording.state != RecordingState.READY or not files:
        raise NothingToMix
    key = recording_key(recording)
    name = f"{recording.pk}/{uuid4()}.{form}"
    context = artifact_context(recording=recording.pk, participant=None, kind=form, name=name)
    path = store.spool_path(name)
    try:
        with ExitStack() as stack:
            sources = _opened(files, stack)
            with SealedFile.create(path, key, context=context) as output:
                ends = [file.offset_secs + file.duration_secs for file in files]
                mixed = mix(sources, output, form=form, duration_secs=max(ends), go_on=go_on)
                size_bytes = output.size_bytes
        artifact = _artifact(recording, form, name, mixed, size_bytes=size_bytes)
        return _keep(artifact, [file.pk for file in files])
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def sources_of(recording: UUID) -> list[Artifact]:
    """Each person's finished file, the patient's first."""
    rows = Artifact.objects.filter(recording=recording, kind="media", participant__isnull=False)
    files = rows.select_related("recording", "participant__user")
    return sorted(files, key=lambda file: (_role(file) != "patient", file.name))


def _opened(files: Sequence[Artifact], stack: ExitStack) -> list[MixSource]:
    gains = gains_db([file.details.get("lufs") for file in files])
    return [
        MixSource(
            initials=initials(file.participant.name) if file.participant else "",
            role=_role(file),
            file=stack.enter_context(open_artifact(file)),
            offset_secs=file.offset_secs,
            gain_db=gain,
        )
        for file, gain in zip(files, gains, strict=True)
    ]


def _role(file: Artifact) -> str:
    return file.participant.role if file.participant else ""


def _artifact(
    recording: Recording, form: str, name: str, mixed: Mixed, *, size_bytes: int
) -> Artifact:
    return Artifact(
        recording=recording,
        participant=None,
        kind=form,
        name=name,
        content_type=mixed.content_type,
        sha256=store.sha256(name),
        size_bytes=size_bytes,
        duration_secs=mixed.duration_secs,
        details={
            NAMED: True,
            "width": mixed.width,
            "height": mixed.height,
            PLACE: mixed.mark_at,
            "broken_off": list(mixed.damaged),
        },
    )


def _keep(artifact: Artifact, sources: Sequence[UUID]) -> Artifact:
    """Write the row; of two workers the first one's file stands, the other's goes."""
    try:
        with transaction.atomic():
            row = Recording.objects.select_for_update().get(pk=artifact.recording_id)
            current = [file.pk for file in sources_of(row.pk)]
            if row.state != RecordingState.READY or not row.wrapped_key:
                raise NothingToMix
            if sorted(current) != sorted(sources):
                raise SourcesChanged
            artifact.save(force_insert=True)
    except IntegrityError:
        made = _existing(artifact.recording_id, artifact.kind)
        if made is None:
            raise
        store.spool_path(artifact.name).unlink(missing_ok=True)
        return made
    return artifact


def _existing(recording: UUID, form: str) -> Artifact | None:
    rows = Artifact.objects.filter(recording=recording, participant__isnull=True, kind=form)
    return rows.first()
