"""Where a recording is checked: the database with its storage, or an exported archive."""

import hashlib
import json
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from django.db import transaction

from calls.archive import store
from calls.archive.ledger import is_whole
from calls.archive.persons import Body
from calls.archive.verify import (
    MISSING,
    Damage,
    Report,
    Source,
    finished_files,
    sound_bodies,
    standing_segments,
    verify,
)
from calls.chain import Link
from calls.models import Artifact, LedgerEntry, Recording, Segment
from calls.states import RecordingState

_PIECE_BYTES = 1024 * 1024
_TRIES = 3
# What a ZIP that was altered, and what stands in it, may raise.
_UNREADABLE = (
    AttributeError,
    BadZipFile,
    EOFError,
    KeyError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    zlib.error,
)


class NotAnArchive(Exception):
    """The file is not an exported recording, or cannot be read."""


def verify_stored(recording: Recording) -> Report:
    """Check a recording of this house, its rows against the ledger too. Raises StorageAway.

    One that was cut, or made anew, while it was read is read again.
    """
    for _ in range(_TRIES):
        head = _head(recording)
        report = _verify_stored(recording)
        if not report.damage or head == _head(recording):
            break
    return report


def _head(recording: Recording) -> str:
    return str(Recording.objects.values_list("ledger_head", flat=True).get(pk=recording.pk))


def _verify_stored(recording: Recording) -> Report:
    with transaction.atomic():
        # One that is recorded, or cut, at this moment grows meanwhile, its row locked each time.
        row = Recording.objects.select_for_update().get(pk=recording.pk)
        entries = LedgerEntry.objects.filter(recording=recording).order_by("number")
        links = [entry.link for entry in entries]
        bodies = sound_bodies(links)
        differing = [*_rows_against(recording, bodies), *_files_against(row, bodies)]
    report = verify(Source(links=links, head=row.ledger_head, read=_stored))
    report.damage += differing
    return report


def verify_archive(path: Path) -> Report:
    """Check an exported archive; needs no database and no key. Raises NotAnArchive."""
    with _opened(path) as archive:
        told = json.loads(archive.read("recording.json"))
        source = Source(
            links=list(_links(archive)),
            head=told["ledger"]["head"],
            read=lambda name: _packed(archive, f"segments/{name}"),
            # They lie in it decrypted: the list of sums says whether they are as they were packed.
            has_finished_files=False,
        )
        report = verify(source)
        bodies = sound_bodies(source.links)
        report.damage += _of_another(str(told["recording"]), bodies)
        report.damage += _strangers(archive, bodies)
        report.damage += _sums(archive, report)
        names = Counter(archive.namelist())
        report.damage += [
            Damage(name, "The archive holds two files of this name.")
            for name in sorted(names)
            if names[name] > 1
        ]
    return report


@contextmanager
def _opened(path: Path) -> Iterator[ZipFile]:
    try:
        with ZipFile(path) as archive:
            yield archive
    except _UNREADABLE as exc:
        raise NotAnArchive(f"{path.name}: {exc}") from exc


def _stored(name: str) -> Iterator[bytes]:
    with store.open_binary(name) as file:
        while piece := file.read(_PIECE_BYTES):
            yield piece


def _links(archive: ZipFile) -> Iterator[Link]:
    for line in archive.read("ledger.jsonl").splitlines():
        told = json.loads(line)
        yield Link(told["number"], told["body"], told["previous"], told["digest"])


def _packed(archive: ZipFile, name: str) -> Iterator[bytes]:
    """A piece that the ZIP itself knows to be damaged is read as it lies there: the hash tells."""
    if name not in archive.namelist():
        raise FileNotFoundError(name)
    try:
        with archive.open(name) as file:
            while piece := file.read(_PIECE_BYTES):
                yield piece
    except (BadZipFile, EOFError, NotImplementedError, RuntimeError, zlib.error):
        yield b"damaged"


def _of_another(recording: str, bodies: list[Body]) -> Iterator[Damage]:
    """Whether recording.json tells of the recording that the ledger is of."""
    names = (body["name"] for body in standing_segments(bodies).values())
    if not all(name.startswith(f"{recording}/") for name in names):
        yield Damage("recording.json", "It tells of another recording than the ledger.")


def _strangers(archive: ZipFile, bodies: list[Body]) -> Iterator[Damage]:
    """Segments that the ledger does not name."""
    if is_whole(bodies):
        known = {f"segments/{body['name']}" for body in standing_segments(bodies).values()}
        for name in sorted(set(archive.namelist()) - known):
            if name.startswith("segments/"):
                yield Damage(name, "The ledger does not know this segment.")


def _sums(archive: ZipFile, report: Report) -> Iterator[Damage]:
    """Everything beside the segments against SHA256SUMS, and what that does not know."""
    names = {name for name in archive.namelist() if name != "SHA256SUMS"}
    sums = archive.read("SHA256SUMS")
    report.sums = hashlib.sha256(sums).hexdigest()
    lines = sums.decode().splitlines()
    listed = {name: sha256 for sha256, _, name in (line.partition("  ") for line in lines)}
    for name in sorted(names - listed.keys()):
        yield Damage(name, "The list of sums does not know this file.")
    for name, sha256 in listed.items():
        if name.startswith("segments/"):
            continue  # the ledger says more of these
        report.files += name.startswith("files/")
        try:
            digest = hashlib.sha256()
            for piece in _packed(archive, name):
                digest.update(piece)
        except FileNotFoundError:
            yield Damage(name, MISSING)
        else:
            if digest.hexdigest() != sha256:
                yield Damage(name, "The file is not the one that was packed.")


def _rows_against(recording: Recording, bodies: list[Body]) -> list[Damage]:
    """The manifest that playback reads must name the segments that the ledger names."""
    if not is_whole(bodies):
        return []
    rows = Segment.objects.filter(track__recording=recording)
    known = dict(rows.values_list("name", "sha256"))
    told = {body["name"]: body["sha256"] for body in standing_segments(bodies).values()}
    damage = [
        Damage(name, "Its line in the manifest is missing.") for name in told if name not in known
    ]
    damage += [
        Damage(name, "The ledger does not know this segment.") for name in known if name not in told
    ]
    damage += [
        Damage(name, "Its line in the manifest was altered.")
        for name, sha256 in known.items()
        if told.get(name, sha256) != sha256
    ]
    return damage


def _files_against(recording: Recording, bodies: list[Body]) -> list[Damage]:
    """What is played must be what was finished; while it is prepared there may be more."""
    told = finished_files(bodies)
    rows = Artifact.objects.filter(recording=recording, participant__isnull=False)
    known = dict(rows.values_list("name", "sha256"))
    damage = [Damage(name, "Its row is missing.") for name in told if name not in known]
    if recording.state == RecordingState.READY and is_whole(bodies):
        damage += [
            Damage(name, "The ledger does not know this file.") for name in known.keys() - told
        ]
    damage += [
        Damage(name, "Its row was altered.")
        for name, sha256 in known.items()
        if told.get(name, sha256) != sha256
    ]
    return damage
