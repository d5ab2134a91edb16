"""Contacts as the figures see them."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from uuid import UUID

from calls.desk.figures import Contact
from calls.desk.states import IN_LINE, EntryKind, EntryState
from calls.models import QueueEntry

_FIELDS = (
    *("queue_id", "kind", "state", "agent_id"),
    *("arrived_at", "answered_at", "away_since", "ended_at"),
)


def contacts(
    since: datetime, until: datetime, targets: Mapping[UUID, int], *, now: datetime
) -> Iterator[Contact]:
    """Those who came in this time, in no order; one query, served by `entry_by_day`.

    `targets`: seconds by queue; contacts of other queues are left out.
    """
    rows = QueueEntry.objects.filter(arrived_at__gte=since, arrived_at__lt=until).order_by()
    for queue_id, kind, state, agent_id, arrived, answered, away, ended in rows.values_list(
        *_FIELDS
    ).iterator():
        if queue_id not in targets:
            continue
        gone = (away or ended) if state == EntryState.LEFT and answered is None else None
        waits_on = state in IN_LINE and answered is None
        yield Contact(
            queue=queue_id,
            kind=EntryKind(kind),
            arrived=arrived.timestamp(),
            target_secs=targets[queue_id],
            answered=answered.timestamp() if answered else None,
            gone=gone.timestamp() if gone else None,
            waited_until=(away or now).timestamp() if waits_on else None,
            agent=agent_id,
        )
