"""Rows and files compared, in both directions: what is missing, what nobody names, what may go.

Nothing of a recording that is not over is touched, nothing under a legal hold, nothing younger than
a day, and no segment that the ledger does not say was cut: a segment without a line may be all that
is left of seconds whose line was lost with its recorder.
"""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from itertools import chain, groupby, islice
from pathlib import PurePosixPath
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from calls.archive import store
from calls.archive.erasure import FOLDER
from calls.archive.keys import recording_key
from calls.archive.segments import index_of
from calls.archive.store import StoredFile
from calls.archive.vault import VaultError, segment_context
from calls.models import Artifact, LedgerEntry, LegalHold, Recording, Segment
from calls.states import LedgerKind, RecordingState

logger = logging.getLogger(__name__)

MOST_KEPT = 200
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

    def as_json(self) -> dict[str, object]:
        return {"counts": dict(self.counts), "findings": [asdict(it) for it in self.findings]}


def reconcile(*, delete: bool) -> Outcome:
    """Compare everything; with `delete`, delete what may go. Raises StorageAway."""
    outcome = Outcome(Counter(files=0, rows=0, deleted=0, deleted_bytes=0), [])
    files = chain(store.list_files(), store.list_folder(store.spool_root()))
    groups = groupby(files, key=lambda file: PurePosixPath(file.name).parts[0])
    while some := [(folder, list(found)) for folder, found in islice(groups, 100)]:
        known = Recording.objects.in_bulk([pk for folder, _ in some if (pk := _as_id(folder))])
        for folder, found in some:
            outcome.counts["files"] += len(found)
            if folder == FOLDER:
                continue
            recording = known.get(_as_id(folder) or UUID(int=0))
            for finding in _unnamed(folder, recording, found):
                outcome.add(_deal_with(finding) if delete else finding)
    for finding in _missing(outcome):
        outcome.add(finding)
    return outcome


def _unnamed(
    folder: str, recording: Recording | None, found: list[StoredFile]
) -> Iterator[Finding]:
    """Files that no row names, of one folder."""
    if recording is None:
        yield from (Finding("unknown", folder, file.name, file.size_bytes) for file in found)
        return
    if recording.state not in _OVER:
        return
    named = _named(recording.pk)
    held = LegalHold.objects.stands_on(recording.pk)
    settled = timezone.now() - SETTLED_AFTER
    for file in found:
        if file.name in named or file.changed_at > settled:
            continue
        kind = _kind_of(recording, file.name)
        yield Finding(kind, folder, file.name, file.size_bytes, held=held)


def _named(recording_id: UUID) -> set[str]:
    segments = Segment.objects.filter(track__recording=recording_id)
    files = Artifact.objects.filter(recording=recording_id)
    return {*segments.values_list("name", flat=True), *files.values_list("name", flat=True)}


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
    except (ValueError, FileNotFoundError, VaultError):
        return False
    return True


def _deal_with(finding: Finding) -> Finding:
    """Delete the file if it may still go, the recording's row locked against a hold."""
    if finding.kind not in MAY_GO or finding.held:
        return finding
    recording_id = UUID(finding.recording)
    with transaction.atomic():
        recording = Recording.objects.select_for_update().get(pk=recording_id)
        if recording.state not in _OVER or finding.name in _named(recording_id):
            return finding
        if LegalHold.objects.stands_on(recording_id):
            return replace(finding, held=True)
        if finding.kind == "leftover" and not all(map(store.exists, _named(recording_id))):
            return finding  # rows of an older database, restored: it may be all that can be played
        store.delete(finding.name)
    logger.info("deleted %s: %s", finding.name, finding.kind)
    return replace(finding, deleted=True)


def _missing(outcome: Outcome) -> Iterator[Finding]:
    """Rows of recordings that are over whose file lies nowhere; counts the rows."""
    over = Recording.objects.filter(state__in=_OVER).exclude(state=RecordingState.ERASED)
    for recording_id in over.order_by("pk").values_list("pk", flat=True).iterator():
        rows = list(_rows(recording_id))
        outcome.counts["rows"] += len(rows)
        if not rows:
            continue
        there = {file.name for file in _files_of(recording_id)}
        for name, size_bytes, stored_at, since in rows:
            if name in there:
                continue
            if stored_at is None:
                if since < timezone.now() - AWAITED_FOR:
                    yield Finding("awaited", str(recording_id), name, size_bytes)
            elif not store.exists(name):  # it may have moved while the lists were read
                yield Finding("missing", str(recording_id), name, size_bytes)


def _files_of(recording_id: UUID) -> Iterable[StoredFile]:
    prefix = str(recording_id)
    return chain(
        store.list_files(f"{prefix}/"),
        store.list_folder(store.spool_root(), prefix),
    )


def _rows(recording_id: UUID) -> Iterator[tuple[str, int, datetime | None, datetime]]:
    """Name, bytes, stored at and written at of each file that rows name."""
    segments = Segment.objects.filter(track__recording=recording_id)
    yield from segments.values_list("name", "size_bytes", "stored_at", "ended_at")
    files = Artifact.objects.filter(recording=recording_id)
    yield from files.values_list("name", "size_bytes", "stored_at", "created_at")


def _as_id(text: str) -> UUID | None:
    with suppress(ValueError):
        return UUID(text)
    return None
