"""A whole recording as one ZIP, made while it is sent: nothing of it lies on a disk in the clear.

Ciphertext as it lies in the storage, with the ledger that proves it, and beside it the files that
people can play. `manage.py verify_recording --archive FILE.zip` checks it without a database.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from zipstream import ZipStream

from accounts.models import User
from calls.archive import store
from calls.archive.playback import open_artifact, read_artifact
from calls.archive.watermark import mark_for, marked_bytes, read_marked
from calls.models import Artifact, CallEvent, Consent, LedgerEntry, Participant, Recording, Segment
from calls.models.event import told

FORMAT = "parlour-recording-1"
_PART_BYTES = 1024 * 1024
_EXTENSIONS = {
    "video/webm": "webm",
    "video/x-matroska": "mkv",
    "video/mp4": "mp4",
    "image/jpeg": "jpg",
}
_README = """\
This archive holds one recording of a video visit.

recording.json   who was in it, who agreed to what and when, what happened, what was written
ledger.jsonl     every entry of the recording's ledger, each with the hash of the one before
segments/        what the recorder wrote, encrypted, exactly as it lies in the storage
files/           the same, decrypted: one file a person that any player opens, and its poster
SHA256SUMS       the SHA-256 of every file here

To check that nothing was changed since it was packed:
    sha256sum --check SHA256SUMS
To check that it is what was recorded (altered, missing or swapped parts are named):
    python manage.py verify_recording --archive THIS_FILE.zip
Compare the end of the ledger that the command prints with the one that Parlour shows: only then
it is certain that the ledger itself was not cut. The ledger covers segments/; recording.json and
files/ are covered by SHA256SUMS alone, which whoever changes them can write anew: compare the sum
of that list, which the command prints too, with the one in Parlour's audit log for this copy.

There is no key in this archive: the segments stay closed without the house that recorded them.
The files in files/ carry in their metadata who took this copy and when. Keep them accordingly.
"""


@dataclass(slots=True)
class Export:
    """A stream of `size_bytes` bytes; `missing` names what the storage no longer holds."""

    size_bytes: int
    chunks: Iterator[bytes]
    missing: list[str] = field(default_factory=list)
    sums: Callable[[], str] = str
    """The SHA-256 of SHA256SUMS, once all but the last piece was made; "" before."""


def export(recording: Recording, *, mark: str, reader: User | None = None) -> Export:
    """The archive, ready to be sent; `mark` is written into the files that people can play.

    What was kept from `reader` in the visit is not in it.

    Raises KeyUnavailable, StorageAway, Altered and FileNotFoundError before the first byte.
    """
    archive = _Archive()
    # As long as its ledger is now: what is added while it is packed is no part of the archive.
    recording.refresh_from_db(fields=["ledger_number", "ledger_head"])
    missing = _missing(recording)
    archive.add("README.txt", _README.encode())
    archive.add("recording.json", _json(_told(recording, missing, reader)))
    archive.add("ledger.jsonl", _ledger(recording))
    for segment in _segments(recording):
        if segment.name not in missing:
            size = segment.size_bytes
            archive.stream(f"segments/{segment.name}", _stored(segment.name), size)
    for artifact in _files(recording):
        _add_file(archive, artifact, mark)
    chunks, size_bytes = archive.finish()
    return Export(size_bytes, chunks, missing, archive.sums_digest)


class _Archive:
    """A ZIP whose size is known before anything is read, with the sums of all at its end."""

    def __init__(self) -> None:
        self._zip = ZipStream(sized=True)
        self._sums: list[tuple[str, hashlib._Hash]] = []
        self._digest: hashlib._Hash | None = None

    def add(self, name: str, data: bytes) -> None:
        self.stream(name, iter([data]), len(data))

    def stream(self, name: str, chunks: Iterable[bytes], size: int) -> None:
        digest = hashlib.sha256()
        self._sums.append((name, digest))
        self._zip.add(_summed(chunks, digest, size, name), name, size=size)

    def finish(self) -> tuple[Iterator[bytes], int]:
        size = sum(64 + 2 + len(name.encode()) + 1 for name, _ in self._sums)
        self._zip.add(self._lines(), "SHA256SUMS", size=size)
        # An empty piece would look like the end to who sends it.
        return (part for part in self._zip if part), len(self._zip)

    def sums_digest(self) -> str:
        return self._digest.hexdigest() if self._digest else ""

    def _lines(self) -> Iterator[bytes]:
        of_all = hashlib.sha256()
        for name, digest in self._sums:
            line = f"{digest.hexdigest()}  {name}\n".encode()
            of_all.update(line)
            yield line
        self._digest = of_all


def _summed(
    chunks: Iterable[bytes], digest: "hashlib._Hash", size: int, name: str
) -> Iterator[bytes]:
    """The chunks, hashed on their way; one that has another size than it was said breaks off."""
    sent = 0
    for chunk in chunks:
        digest.update(chunk)
        sent += len(chunk)
        yield chunk
    if sent != size:
        raise OSError(f"{name} has {sent} bytes in place of {size}.")


def _stored(name: str) -> Iterator[bytes]:
    with store.open_binary(name) as file:
        while chunk := file.read(_PART_BYTES):
            yield chunk


def _add_file(archive: _Archive, artifact: Artifact, mark: str) -> None:
    name = f"files/{file_name(artifact)}"
    open_artifact(artifact).close()  # what is wrong with it is raised here, not in mid-stream
    if artifact.kind == "poster":
        archive.stream(name, _later(artifact), artifact.size_bytes)
    else:
        put = mark_for(artifact, mark)
        chunks = (part for part in _marked_later(artifact, put))
        archive.stream(name, chunks, marked_bytes(artifact, put))


def _later(artifact: Artifact) -> Iterator[bytes]:
    yield from read_artifact(artifact)


def _marked_later(artifact: Artifact, mark: Any) -> Iterator[bytes]:
    yield from read_marked(artifact, mark)


def file_name(artifact: Artifact) -> str:
    """A name without anybody's name: the day, whose it is by role, and what it is."""
    begun = artifact.recording.started_at or artifact.created_at
    extension = _EXTENSIONS.get(artifact.content_type, "bin")
    person = artifact.participant
    whose = f"{person.role}-{str(person.pk)[:8]}" if person else "everybody"
    return f"{begun:%Y-%m-%d-%H%M}-{whose}.{extension}"


def _missing(recording: Recording) -> list[str]:
    """Segments of the manifest that are in neither the storage nor this machine's spool."""
    there = set(store.list_names(str(recording.pk)))
    return [
        segment.name
        for segment in _segments(recording)
        if segment.name not in there and not store.spool_path(segment.name).exists()
    ]


def _segments(recording: Recording) -> Iterator[Segment]:
    rows = Segment.objects.filter(track__recording=recording).select_related("track")
    yield from rows.order_by("track__started_at", "track", "index")


def _files(recording: Recording) -> Iterator[Artifact]:
    rows = Artifact.objects.filter(recording=recording)
    yield from rows.select_related("recording", "participant").order_by("created_at", "kind")


def _ledger(recording: Recording) -> bytes:
    entries = LedgerEntry.objects.filter(
        recording=recording, number__lte=recording.ledger_number
    ).order_by("number")
    return b"".join(
        json.dumps(
            {
                "number": entry.number,
                "body": entry.body,
                "previous": entry.previous,
                "digest": entry.digest,
            }
        ).encode()
        + b"\n"
        for entry in entries
    )


def _told(recording: Recording, missing: list[str], reader: User | None) -> dict[str, Any]:
    """What recording.json says."""
    people = Participant.objects.filter(call=recording.call_id).exclude(role="recorder")
    return {
        "format": FORMAT,
        "packed_at": timezone.now().isoformat(),
        "recording": str(recording.pk),
        "call": str(recording.call_id),
        "state": recording.state,
        "started_at": _moment(recording.started_at),
        "stopped_at": _moment(recording.stopped_at),
        "ledger": {"number": recording.ledger_number, "head": recording.ledger_head},
        "people": [
            {"id": str(one.pk), "name": one.name, "role": one.role}
            for one in people.select_related("user")
        ],
        "consents": [_consent(row) for row in recording.consents.order_by("participant_id")],
        "facts": _facts(recording, reader),
        "segments": [_segment(row) for row in _segments(recording)],
        "missing": missing,
        "files": [_file(row) for row in _files(recording)],
    }


def _consent(row: Consent) -> dict[str, Any]:
    return {
        "participant": str(row.participant_id),
        "state": row.state,
        "text_version": row.text_version,
        "language": row.language,
        "given_at": _moment(row.given_at),
        "refused_at": _moment(row.refused_at),
        "withdrawn_at": _moment(row.withdrawn_at),
    }


def _facts(recording: Recording, reader: User | None) -> list[dict[str, Any]]:
    """Since it was asked for; chat only while it was recorded, for the rest is no part of it."""
    rows = CallEvent.objects.filter(call=recording.call_id, at__gte=recording.asked_at)
    begun, stopped = recording.started_at, recording.stopped_at
    me = Participant.objects.filter(call=recording.call_id, user=reader).first() if reader else None
    return [
        {
            "number": fact.seq,
            "at": _moment(fact.at),
            "kind": fact.kind,
            "by": str(fact.by_id or ""),
            "data": told(fact, me),
        }
        for fact in rows.order_by("seq")
        if fact.kind != "chat"
        or (begun and fact.at >= begun and (stopped is None or fact.at <= stopped))
    ]


def _segment(row: Segment) -> dict[str, Any]:
    return {
        "name": row.name,
        "participant": str(row.track.participant_id),
        "track": str(row.track_id),
        "index": row.index,
        "sha256": row.sha256,
        "size": row.size_bytes,
    }


def _file(row: Artifact) -> dict[str, Any]:
    return {
        "name": f"files/{file_name(row)}",
        "participant": str(row.participant_id or ""),
        "kind": row.kind,
        "begins_at_secs": row.offset_secs,
        "length_secs": row.duration_secs,
        "stored_as": row.name,
        "stored_sha256": row.sha256,
    }


def _moment(at: Any) -> str | None:
    return at.isoformat() if at else None


def _json(told: dict[str, Any]) -> bytes:
    return json.dumps(told, indent=1, ensure_ascii=False).encode()
