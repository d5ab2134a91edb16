"""The order in which what belongs to the desk is locked: calls, desks, entries, offers.

Within each kind by their ids. Who changes an offer locks its entry before it. So no two of them
wait for each other.
"""

from collections.abc import Collection, Iterable
from uuid import UUID

from calls.models import DeskAgent, QueueEntry


def lock_desks(user_ids: Iterable[UUID]) -> None:
    """Lock the desks of these agents in the transaction that is open."""
    rows = DeskAgent.objects.select_for_update(of=("self",)).filter(user__in=user_ids)
    list(rows.order_by("pk").values_list("pk"))


def lock_entries(entry_ids: Collection[UUID]) -> dict[UUID, QueueEntry]:
    """The entries as they are now, locked in the transaction that is open."""
    rows = QueueEntry.objects.select_for_update(of=("self",)).filter(pk__in=entry_ids)
    return {row.pk: row for row in rows.order_by("pk")}
