"""Wraps the key of every recording and of every file of a visit anew under the first key.

Media are not touched. Whoever captures or plays meanwhile has the data key in memory, or unwraps
what the row held when they read it: both the old and the new key are deployed. A row is changed
only if it still holds what was read, so an erased recording stays erased, and two rotations at
once have one effect.
"""

import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from audit.log import record
from calls.archive.keyring import KeyRing
from calls.archive.keys import ring
from calls.archive.vault import Altered
from calls.models import Attachment, Recording

logger = logging.getLogger(__name__)

BATCH = 200
Owner = type[Recording] | type[Attachment]
OWNERS: tuple[Owner, ...] = (Recording, Attachment)


@dataclass(slots=True)
class Rotated:
    """What a rotation did."""

    rewrapped: int = 0
    already: int = 0
    failed: list[UUID] = field(default_factory=list)
    """Under a key that is not deployed, or damaged: as they were."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the keys are wrapped now."""

    current: int
    old: dict[str, int]
    """By the place of the old key."""
    unknown: int
    """Under a key that is not deployed."""


def rotate() -> Rotated:
    """Rewrap what needs it. Raises KeyUnavailable when a key service is away: begin again later."""
    keys = ring()
    done = Rotated()
    try:
        for model, pk, wrapped in _wrapped_keys():
            if not keys.needs_rewrap(wrapped):
                done.already += 1
            elif keys.holder(wrapped) is None:
                done.failed.append(pk)
            else:
                _rewrap(keys, model, pk, wrapped, done)
    finally:
        if done.rewrapped:
            record(
                "recording.rotate_keys",
                actor="",
                target_type="recording_keys",
                target=keys.first.name,
                rewrapped=done.rewrapped,
                failed=len(done.failed),
            )
    return done


def standing() -> Standing:
    """Count without changing anything, and without asking a key service."""
    keys = ring()
    current, unknown, old = 0, 0, Counter[str]()
    for _model, _pk, wrapped in _wrapped_keys():
        holder = keys.holder(wrapped)
        if holder is None:
            unknown += 1
        elif keys.needs_rewrap(wrapped):
            old[holder.name] += 1
        else:
            current += 1
    return Standing(current, dict(old), unknown)


def _rewrap(keys: KeyRing, model: Owner, pk: UUID, wrapped: bytes, done: Rotated) -> None:
    try:
        anew = keys.rewrap(wrapped, pk)
    except Altered:
        logger.exception("the key of %s %s cannot be wrapped anew", model.__name__, pk)
        done.failed.append(pk)
        return
    rows = model.objects.filter(pk=pk, wrapped_key=wrapped)
    done.rewrapped += rows.update(wrapped_key=anew)


def _wrapped_keys() -> Iterator[tuple[Owner, UUID, bytes]]:
    """Every one, a few at a time in the order of their ids; new ones have the first key."""
    for model in OWNERS:
        rows = model.objects.exclude(wrapped_key=b"").order_by("pk")
        some = list(rows.values_list("pk", "wrapped_key")[:BATCH])
        while some:
            for pk, wrapped in some:
                yield model, pk, bytes(wrapped)
            some = list(rows.filter(pk__gt=some[-1][0]).values_list("pk", "wrapped_key")[:BATCH])
