"""How long recordings are kept: the days of their service, counted from when they were ready."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import DateTimeField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from audit.log import record
from calls.models import LegalHold, Recording, Service
from calls.states import RECORDING, RecordingState, sources

# Those that may be erased: over, with or without a fault.
KEPT = tuple(sources(RECORDING, RecordingState.ERASED))
# When a recording was over: what its days are counted from.
_OVER_AT = Coalesce("ready_at", "stopped_at", "asked_at")


@dataclass(frozen=True, slots=True)
class Change:
    """What a service's days would do to the recordings that exist."""

    longer: int
    shorter: int
    due_at_once: int
    """Of the shorter ones, those that would be erased at the next sweep."""
    kept_by_two: int
    """Those that would be shorter, but only two people together delete."""
    held: int
    """Of the due ones, those that a legal hold keeps all the same."""


def keep_until(recording: Recording, *, over_at: datetime) -> datetime | None:
    """What `delete_after` is to be for a recording that became ready, or failed, at `over_at`.

    One that was ready before keeps what it has: a cut-out does not begin its time anew.
    """
    if recording.ready_at is not None:
        return recording.delete_after
    service = Service.objects.filter(calls=recording.call_id).first()
    if service is None or service.retention_days is None:
        return None
    return over_at + timedelta(days=service.retention_days)


def due(limit: int) -> Iterator[UUID]:
    """Recordings whose time is over and that no legal hold keeps, the longest overdue first."""
    rows = not_held(Recording.objects.filter(state__in=KEPT, delete_after__lte=timezone.now()))
    yield from rows.order_by("delete_after").values_list("pk", flat=True)[:limit]


def not_held(rows: QuerySet[Recording]) -> QuerySet[Recording]:
    return rows.exclude(Exists(LegalHold.objects.standing().filter(recording=OuterRef("pk"))))


def preview(service: Service) -> Change:
    """What `apply` would change now."""
    rows = _of(service)
    later = _later(service, rows)
    shorter = _by_one_person(service, later)
    due_rows = _already_over(service, shorter)
    free = not_held(due_rows).count()
    return Change(
        longer=_longer(service, rows).count(),
        shorter=shorter.count(),
        kept_by_two=later.count() - shorter.count(),
        due_at_once=free,
        held=due_rows.count() - free,
    )


def apply(user: User, service: Service, *, shorten: bool) -> int:
    """Let the existing recordings follow the service's days; how many did.

    Lengthening is always done; shortening, which erases, only where `shorten` says so, and only of
    what one person may delete.
    """
    with transaction.atomic():
        changed = _longer(service, _of(service)).update(delete_after=_wanted(service))
        if shorten:
            rows = _by_one_person(service, _later(service, _of(service)))
            changed += rows.update(delete_after=_wanted(service))
        record(
            "service.retention.apply",
            actor=user.pk,
            target_type="service",
            target=service.pk,
            days=service.retention_days,
            shorten=shorten,
            recordings=changed,
        )
    return changed


def _of(service: Service) -> QuerySet[Recording]:
    return Recording.objects.filter(call__service=service, state__in=KEPT, started_at__isnull=False)


def _longer(service: Service, rows: QuerySet[Recording]) -> QuerySet[Recording]:
    ends = rows.filter(delete_after__isnull=False)
    return ends.filter(delete_after__lt=_wanted(service)) if service.retention_days else ends


def _later(service: Service, rows: QuerySet[Recording]) -> QuerySet[Recording]:
    if not service.retention_days:
        return rows.none()
    return rows.filter(Q(delete_after__isnull=True) | Q(delete_after__gt=_wanted(service)))


def _by_one_person(service: Service, rows: QuerySet[Recording]) -> QuerySet[Recording]:
    return rows.none() if service.deletion_needs_two else rows.filter(deletion_needs_two=False)


def _already_over(service: Service, rows: QuerySet[Recording]) -> QuerySet[Recording]:
    if not service.retention_days:
        return rows.none()
    latest = timezone.now() - timedelta(days=service.retention_days)
    return rows.annotate(over_at=_OVER_AT).filter(over_at__lte=latest)


def _wanted(service: Service) -> Combinable | None:
    """The end of their time as an expression; None for no end."""
    if not service.retention_days:
        return None
    days = timedelta(days=service.retention_days)
    return ExpressionWrapper(_OVER_AT + days, output_field=DateTimeField())
