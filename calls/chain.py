"""Entries that each carry the hash of the one before: what is altered, removed or swapped shows.

Pure, so that an exported archive is checked by the same code without a database.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

BEGINNING = "0" * 64


@dataclass(frozen=True, slots=True)
class Link:
    """One entry as it is hashed; `body` is plain JSON: strings, numbers, lists, objects."""

    number: int
    body: Mapping[str, Any]
    previous: str
    digest: str


@dataclass(frozen=True, slots=True)
class Broken:
    """One entry that does not follow from those before it."""

    number: int
    why: str


def digest_of(number: int, body: Mapping[str, Any], previous: str) -> str:
    """SHA-256, in hexadecimal, over number, body and the previous digest."""
    text = json.dumps(
        [number, body, previous], sort_keys=True, separators=(",", ":"), ensure_ascii=True
    )
    return hashlib.sha256(text.encode()).hexdigest()


def check(links: Iterable[Link], *, head: str | None = None) -> list[Broken]:
    """What is wrong with a whole chain, in order; `head` is the digest that it must end with.

    After an entry that was altered the check goes on from the digest written down, so that one
    fault is named once.
    """
    broken: list[Broken] = []
    expected, previous = 1, BEGINNING
    for link in links:
        if link.number != expected:
            broken.append(Broken(expected, "This entry is missing or out of its place."))
        elif link.previous != previous:
            broken.append(Broken(link.number, "This entry does not follow the one before it."))
        if digest_of(link.number, link.body, link.previous) != link.digest:
            broken.append(Broken(link.number, "This entry was altered."))
        expected, previous = link.number + 1, link.digest
    if head is not None and previous != head:
        broken.append(Broken(expected, "The chain does not end where it was closed."))
    return broken
