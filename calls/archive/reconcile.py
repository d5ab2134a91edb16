"""Rows and files compared, in both directions: what is missing, what nobody names, what may go.

Nothing of a recording that is not over is touched, nothing under a legal hold, nothing younger than
a day, and no segment that the ledger does not say was cut: a segment without a line may be all that
is left of seconds whose line was lost with its recorder.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from itertools import chain, groupby
from pathlib import PurePosixPath
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from calls.archive import store
from calls.archive.batching import batches
from calls.archive.keys import recording_key
from calls.archive.notes import FOLDERS
from calls.archive.segments import index_of
from calls.archive.store import StoredFile
from calls.archive.vault import KeyUnavailable, VaultError, segment_context
from calls.models import Artifact, LedgerEntry, LegalHold, Recording, Segment
from calls.states import LedgerKind, RecordingState

logger = logging.getLogger(__name__)

MOST_KEPT = 200
BATCH = 25
SETTLED_AFTER = timedelta(hours=24)
AWAITED_FOR = timedelta(hours=1)
_OVER = (
    RecordingState.READY,
    RecordingState.FAILED,
    RecordingState.REFUSED,
    RecordingState.ERASED,
)
# Findings whose file may be deleted.
MAY_GO = ("cut", "leftover", "erased")


@dataclass(frozen=True, slots=True)
class Finding:
    """One row without a file, or one file without a row; `kind` as docs/privacy.md tells."""

    kind: str
    recording: str
    name: str
    size_bytes: int
    deleted: bool = False
    held: bool = False


@dataclass(slots=True)
class Outcome:
    """All that one comparison found; of the findings themselves the first ones."""

    counts: Counter[str]
    findings: list[Finding]

    def add(self, finding: Finding) -> None:
        self.counts[finding.kind] += 1
        self.counts["deleted"] += finding.deleted
        self.counts["deleted_bytes"] += finding.size_bytes if finding.deleted else 0
        if len(self.findings) < MOST_KEPT:
            self.findings.append(finding)

    def add_all(self, findings: Iterable[Finding], *, delete: bool) -> None:
        for finding in findings:
            self.add(_deal_with(finding) if delete else finding)

    def as_json(self) -> dict[str, object]:
        return {"counts": dict(self.counts), "findings": [asdict(it) for it in self.findings]}


def reconcile(*, delete: bool) -> Outcome:
    """Compare everything that can be seen from here: the storage, and this machine's spool.

    With `delete`, delete what may go. Raises StorageAway.
    """
    outcome = _outcome()
    seen: set[UUID] = set()
    for folders in _folders(store.list_files()):
        comparison = _Comparison(folders)
        outcome.add_all(comparison.unnamed(), delete=delete)
        outcome.add_all(comparison.missing(outcome.counts), delete=delete)
        seen |= comparison.recordings.keys()
    # And those of which the storage holds nothing.
    over = Recording.objects.filter(state__in=_OVER).exclude(state=RecordingState.ERASED)
    others = (pk for pk in over.values_list("pk", flat=True).iterator() if pk not in seen)
    for some in batches(others, BATCH):
        comparison = _Comparison({str(pk): [] for pk in some})
        outcome.add_all(comparison.missing(outcome.counts), delete=delete)
    return _add_spool(outcome, delete=delete)


def reconcile_spool(*, delete: bool) -> Outcome:
    """Compare the files of this machine's spool with the rows. Raises StorageAway."""
    return _add_spool(_outcome(), delete=delete)


def _add_spool(outcome: Outcome, *, delete: bool) -> Outcome:
    for folders in _folders(store.list_folder(store.spool_root())):
        outcome.add_all(_Comparison(folders).unnamed(), delete=delete)
        outcome.counts["files"] += sum(map(len, folders.values()))
    return outcome


def _outcome() -> Outcome:
    return Outcome(Counter(files=0, rows=0, deleted=0, deleted_bytes=0), [])


def _folders(files: Iterable[StoredFile]) -> Iterator[dict[str, list[StoredFile]]]:
    """So many recordings' files at a time, by the first part of their names; no notes."""
    groups = groupby(files, key=lambda file: PurePosixPath(file.name).parts[0])
    recordings = ((folder, list(found)) for folder, found in groups if folder not in FOLDERS)
    for some in batches(recordings, BATCH):
        yield dict(some)


class _Comparison:
    """Some recordings' files, by folder, and what the rows say of them."""

    def __init__(self, folders: Mapping[str, list[StoredFile]]) -> None:
        self._folders = folders
        ids = [pk for folder in folders if (pk := store.as_id(folder)) is not None]
        self.recordings = Recording.objects.in_bulk(ids)
        over = [row.pk for row in self.recordings.values() if row.state in _OVER]
        self._rows = _rows(over)

    def unnamed(self) -> Iterator[Finding]:
        """Files that no row names."""
        settled = timezone.now() - SETTLED_AFTER
        for folder, found in self._folders.items():
            recording = self.recordings.get(store.as_id(folder) or UUID(int=0))
            if recording is None:
                yield from (Finding("unknown", folder, it.name, it.size_bytes) for it in found)
                continue
            if recording.state not in _OVER:
                continue
            named = {row.name for row in self._rows[recording.pk]}
            for file in found:
                if file.name in named or file.changed_at > settled:
                    continue
                held = LegalHold.objects.stands_on(recording.pk)
                kind = _kind_of(recording, file.name)
                yield Finding(kind, folder, file.name, file.size_bytes, held=held)

    def missing(self, counts: Counter[str]) -> Iterator[Finding]:
        """Rows whose file lies nowhere; counts files and rows."""
        counts["files"] += sum(map(len, self._folders.values()))
        for recording in self.recordings.values():
            if recording.state == RecordingState.ERASED:
                continue
            rows = self._rows[recording.pk]
            counts["rows"] += len(rows)
            there = {file.name for file in self._folders[str(recording.pk)]}
            awaited_since = timezone.now() - AWAITED_FOR
            for row in rows:
                is_on_its_way = row.stored_at is None and row.since >= awaited_since
                # It may lie in the spool, or have moved while the lists were read.
                if row.name in there or is_on_its_way or store.exists(row.name):
                    continue
                kind = "missing" if row.stored_at else "awaited"
                yield Finding(kind, str(recording.pk), row.name, row.size_bytes)


def _named(recording_id: UUID) -> set[str]:
    return {row.name for row in _rows([recording_id])[recording_id]}


def _kind_of(recording: Recording, name: str) -> str:
    """Why there is a file that no row names."""
    if recording.state == RecordingState.ERASED:
        return "erased"
    if not name.endswith(".seg"):
        return "leftover"
    if _was_cut(recording.pk, name):
        return "cut"
    return "unlisted" if _is_readable(recording, name) else "unreadable"


def _was_cut(recording_id: UUID, name: str) -> bool:
    """Whether the ledger says that what lay under this name was taken out: none is used twice."""
    cuts = LedgerEntry.objects.filter(recording=recording_id, body__kind=LedgerKind.CUT.value)
    return cuts.filter(body__was=name).exists()


def _is_readable(recording: Recording, name: str) -> bool:
    """Whether it is a segment of this recording under the name that it was sealed for."""
    try:
        _folder, participant, track, _file = name.split("/")
        context = segment_context(
            recording=recording.pk,
            participant=UUID(participant),
            track=UUID(track),
            index=index_of(name),
        )
        recording_key(recording).open(store.read_bytes(name), context=context)
    except KeyUnavailable:
        return True  # nobody can say that it is not
    except (ValueError, FileNotFoundError, VaultError):
        return False
    return True


def _deal_with(finding: Finding) -> Finding:
    """Delete the file if it may still go, the recording's row locked against a hold."""
    if finding.kind not in MAY_GO or finding.held:
        return finding
    recording_id = UUID(finding.recording)
    if finding.kind == "leftover" and not all(map(store.exists, _named(recording_id))):
        return finding  # rows of an older database, restored: it may be all that can be played
    with transaction.atomic():
        recording = Recording.objects.select_for_update().get(pk=recording_id)
        if recording.state not in _OVER or finding.name in _named(recording_id):
            return finding
        if LegalHold.objects.stands_on(recording_id):
            return replace(finding, held=True)
        store.delete(finding.name)
    logger.info("deleted %s: %s", finding.name, finding.kind)
    return replace(finding, deleted=True)


class _Row(NamedTuple):
    """A file as its row tells of it."""

    recording: UUID
    name: str
    size_bytes: int
    stored_at: datetime | None
    since: datetime


def _rows(recordings: Collection[UUID]) -> defaultdict[UUID, list[_Row]]:
    """Each file that rows of these recordings name."""
    rows = defaultdict[UUID, list[_Row]](list)
    segments = Segment.objects.filter(track__recording__in=recordings)
    files = Artifact.objects.filter(recording__in=recordings)
    for told in chain(
        segments.values_list("track__recording", "name", "size_bytes", "stored_at", "ended_at"),
        files.values_list("recording", "name", "size_bytes", "stored_at", "created_at"),
    ):
        row = _Row(*told)
        rows[row.recording].append(row)
    return rows
