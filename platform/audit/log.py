"""Writes the audit log."""

from typing import Any

from audit.models import AuditEntry

MOST_OF_A_TARGET = AuditEntry._meta.get_field("target").max_length


def record(
    action: str,
    *,
    actor: object,
    target_type: str,
    target: object,
    allowed: bool = True,
    address: str | None = None,
    purpose: str = "",
    **data: Any,
) -> AuditEntry:
    """Add one entry, in the transaction that is open. `actor`, `target`: ids, "" for none.

    A target longer than any id, as somebody may try, is kept in part. `purpose` is why, in the
    words of who did it, where they were asked for it.
    """
    if purpose:
        data["purpose"] = purpose
    return AuditEntry.objects.create(
        action=action,
        actor=str(actor or ""),
        target_type=target_type,
        target=str(target)[:MOST_OF_A_TARGET],
        allowed=allowed,
        address=address,
        data=data,
    )
