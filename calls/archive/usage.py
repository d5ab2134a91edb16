"""How much the archive holds: by service and month, under a hold, due soon, still in spools.

Sizes are what the rows say; finished files take a thousandth more as ciphertext.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.functions import TruncMonth
from django.utils import timezone

from calls.models import Artifact, ErasureCertificate, LegalHold, RecorderNode, Recording, Segment
from calls.states import RecordingState

DUE_SOON = timedelta(days=30)
MONTHS = 12


@dataclass(slots=True)
class Amount:
    """Recordings and what they take."""

    recordings: int = 0
    size_bytes: int = 0

    def add(self, recordings: int, size_bytes: int) -> None:
        self.recordings += recordings
        self.size_bytes += size_bytes


@dataclass(slots=True)
class Usage:
    """The storage page's figures."""

    total: Amount = field(default_factory=Amount)
    held: Amount = field(default_factory=Amount)
    due_soon: Amount = field(default_factory=Amount)
    by_service: dict[str, Amount] = field(default_factory=dict)
    """The largest first; "" for calls without an appointment."""
    by_month: dict[date, Amount] = field(default_factory=dict)
    """By the month in which they were recorded, the last twelve that have any, oldest first."""
    spool: Amount = field(default_factory=Amount)
    """Files, here, that have not arrived in the storage."""
    spools_told_bytes: int = 0
    """What the recorders last said of their spools."""
    erased: int = 0
    not_cleared: int = 0
    """Erased recordings of which files may still lie somewhere."""


@dataclass(frozen=True, slots=True)
class _Row:
    service: str
    month: date | None
    held: bool
    due: bool
    recordings: int
    size_bytes: int


def usage() -> Usage:
    """As of now; one query over each of recordings, segments and files."""
    told = Usage()
    services: dict[str, Amount] = defaultdict(Amount)
    months: dict[date, Amount] = defaultdict(Amount)
    for row in _figures():
        amounts = [told.total, services[row.service]]
        amounts += [months[row.month]] if row.month else []
        amounts += [told.held] if row.held else []
        amounts += [told.due_soon] if row.due and not row.held else []
        for amount in amounts:
            amount.add(row.recordings, row.size_bytes)
    told.by_service = dict(sorted(services.items(), key=lambda it: -it[1].size_bytes))
    told.by_month = dict(sorted(months.items())[-MONTHS:])
    for model in (Segment, Artifact):
        waiting = model.objects.filter(stored_at__isnull=True)
        sums = waiting.aggregate(files=Count("pk"), size=Sum("size_bytes"))
        told.spool.add(sums["files"], sums["size"] or 0)
    spools = RecorderNode.objects.aggregate(size=Sum("spool_bytes"))
    told.spools_told_bytes = spools["size"] or 0
    told.erased = ErasureCertificate.objects.count()
    told.not_cleared = ErasureCertificate.objects.filter(cleared_at__isnull=True).count()
    return told


def _figures() -> Iterator[_Row]:
    kept = Recording.objects.filter(started_at__isnull=False).exclude(state=RecordingState.ERASED)
    yield from _rows(kept, "", counts=Count("pk"))
    segments = Segment.objects.exclude(track__recording__state=RecordingState.ERASED)
    yield from _rows(segments, "track__recording__", size=Sum("size_bytes"))
    files = Artifact.objects.exclude(recording__state=RecordingState.ERASED)
    yield from _rows(files, "recording__", size=Sum("size_bytes"))


def _rows(rows: QuerySet[Any], path: str, **sums: Any) -> Iterator[_Row]:
    """The sums by everything that the page tells apart; `path` leads to the recording."""
    soon = timezone.now() + DUE_SOON
    recording = OuterRef(f"{path}pk")
    grouped = (
        rows.annotate(
            month=TruncMonth(f"{path}started_at"),
            is_held=Exists(LegalHold.objects.standing().filter(recording=recording)),
            is_due=Case(
                When(Q(**{f"{path}delete_after__lte": soon}), then=Value(True)),
                default=Value(False),
                output_field=BooleanField(),
            ),
        )
        .order_by()
        .values("month", "is_held", "is_due", f"{path}call__service__name")
        .annotate(**sums)
    )
    for row in grouped:
        yield _Row(
            service=row[f"{path}call__service__name"] or "",
            month=row["month"].date() if row["month"] else None,
            held=row["is_held"],
            due=row["is_due"],
            recordings=row.get("counts", 0),
            size_bytes=row.get("size") or 0,
        )
