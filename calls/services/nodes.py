"""The recorders as they tell of themselves: which are there, and what they have room for."""

import socket
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from calls.models import RecorderNode, Recording
from calls.states import RecordingState

TOLD_EVERY_SECS = 2.0
# Who has said nothing for so long is gone; one that is frozen says nothing either.
GONE_AFTER = timedelta(seconds=10)
FORGOTTEN_AFTER = timedelta(days=1)
CAPTURING = (RecordingState.QUEUED, RecordingState.RECORDING, RecordingState.STOPPING)


@dataclass(frozen=True, slots=True)
class Figures:
    """What a recorder tells of itself."""

    capacity: int
    disk_free_bytes: int
    spool_files: int
    spool_bytes: int
    memory_bytes: int
    is_leaving: bool = False


def host_name() -> str:
    """This machine's; it begins the name of every lease that a process here takes."""
    return socket.gethostname()[:60]


def tell(name: str, figures: Figures, *, started_at: datetime, host: str) -> None:
    """Note that a recorder is there; `host` begins the names under which it takes leases."""
    now = timezone.now()
    leases = Recording.objects.filter(
        state__in=CAPTURING, lease_owner__startswith=f"{host}:", lease_expires_at__gt=now
    )
    RecorderNode.objects.update_or_create(
        name=name,
        defaults={
            **asdict(figures),
            "started_at": started_at,
            "seen_at": now,
            "running": leases.count(),
        },
    )


def leave(name: str) -> None:
    """A recorder ends, and takes no more."""
    RecorderNode.objects.filter(name=name).update(is_leaving=True, seen_at=timezone.now())


def alive() -> QuerySet[RecorderNode]:
    """Those that take recordings now."""
    seen = timezone.now() - GONE_AFTER
    return RecorderNode.objects.filter(seen_at__gte=seen, is_leaving=False)


def forget_gone() -> None:
    """Drop those that have been away for a day."""
    RecorderNode.objects.filter(seen_at__lt=timezone.now() - FORGOTTEN_AFTER).delete()
