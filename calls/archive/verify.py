"""Is a recording what was recorded? The ledger's chain, each segment and each finished file.

Needs no key: hashes of the ciphertext say it. The source is the database with its storage, or an
exported archive (sources.py), which needs neither.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from calls.archive.accounts import Account, accounts
from calls.archive.persons import Body
from calls.chain import Link, check

ReadPieces = Callable[[str], Iterator[bytes]]
"""Yields what is stored under a name; raises FileNotFoundError."""

MISSING = "The file is missing."


@dataclass(frozen=True, slots=True)
class Damage:
    """One thing that is not as it was recorded, and why."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where a recording is checked: its ledger, what it must end with, and how files are read."""

    links: Sequence[Link]
    head: str | None
    read: ReadPieces
    has_finished_files: bool = True
    """Whether the finished files can be read as ciphertext."""


@dataclass(slots=True)
class Report:
    """What was found; `damage` is empty where all is as it was recorded."""

    head: str
    entries: int
    segments: int = 0
    files: int = 0
    sums: str = ""
    """SHA-256 of an archive's list of sums; "" for a recording of this house."""
    damage: list[Damage] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)


def verify(source: Source) -> Report:
    """Read everything once. Raises StorageAway if the storage does not answer."""
    head = source.links[-1].digest if source.links else ""
    report = Report(head=head, entries=len(source.links))
    for broken in check(source.links, head=source.head):
        report.damage.append(Damage(f"ledger entry {broken.number}", broken.why))
    bodies = sound_bodies(source.links)
    if len(bodies) < len(source.links) and not report.damage:
        report.damage.append(Damage("ledger", "An entry makes no sense."))
    standing = standing_segments(bodies)
    report.segments = len(standing)
    report.damage += _doubled(standing)
    report.damage += _altered(source, {told["name"]: told["sha256"] for told in standing.values()})
    if source.has_finished_files:
        files = finished_files(bodies)
        report.files = len(files)
        report.damage += _altered(source, files)
    report.accounts = _accounts(bodies, report)
    return report


def sound_bodies(links: Iterable[Link]) -> list[Body]:
    """The bodies that can be read; the chain names one that was altered so that it cannot."""
    return [link.body for link in links if _is_sound(link.body)]


def _is_sound(body: Body) -> bool:
    try:
        if body["kind"] == "segment":
            return _names_segment(body)
        if body["kind"] == "cut":
            left = body.get("segment")
            return isinstance(body["was"], str) and (not left or _names_segment(left))
        if body["kind"] == "finalised":
            return all(_names_file(file) for file in body["files"])
        return isinstance(body["kind"], str)
    except (KeyError, TypeError, AttributeError):
        return False


def _names_file(told: Body) -> bool:
    return isinstance(told["name"], str) and isinstance(told["sha256"], str)


def _names_segment(told: Body) -> bool:
    return _names_file(told) and isinstance(told["track"], str) and isinstance(told["index"], int)


def standing_segments(bodies: Iterable[Body]) -> dict[tuple[str, int], Body]:
    """What the ledger says of each segment now, after all that was cut, by track and index."""
    standing: dict[tuple[str, int], Body] = {}
    places: dict[str, set[tuple[str, int]]] = defaultdict(set)

    def put(told: Body) -> None:
        place = told["track"], told["index"]
        standing[place] = told
        places[told["name"]].add(place)

    for body in bodies:
        if body["kind"] == "segment":
            put(body)
        elif body["kind"] == "cut":
            for place in places.pop(body["was"], ()):
                if standing.get(place, {}).get("name") == body["was"]:
                    del standing[place]
            if left := body.get("segment"):
                put(left)
    return standing


def finished_files(bodies: Iterable[Body]) -> dict[str, str]:
    """SHA-256 by name, as the ledger last said."""
    files: dict[str, str] = {}
    for body in bodies:
        if body["kind"] == "finalised":
            files = {file["name"]: file["sha256"] for file in body["files"]}
        elif body["kind"] == "erased":
            files = {}
    return files


def _doubled(standing: Mapping[tuple[str, int], Body]) -> list[Damage]:
    """Two segments of one name cannot both be true."""
    names = Counter(told["name"] for told in standing.values())
    twice = sorted(name for name, lines in names.items() if lines > 1)
    return [Damage(name, "Two lines of the ledger name this file.") for name in twice]


def _altered(source: Source, expected: Mapping[str, str]) -> list[Damage]:
    damage = []
    owners = {sha256: name for name, sha256 in expected.items()}
    for name, sha256 in expected.items():
        try:
            found = _sha256(source.read(name))
        except FileNotFoundError:
            damage.append(Damage(name, MISSING))
            continue
        if found == sha256:
            continue
        other = owners.get(found)
        why = f"This is {other}." if other else "The file is not the one that was recorded."
        damage.append(Damage(name, why))
    return damage


def _sha256(pieces: Iterator[bytes]) -> str:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()


def _accounts(bodies: Sequence[Body], report: Report) -> list[Account]:
    """None where an altered entry makes no sense any more, which is damage."""
    try:
        return accounts(bodies)
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as exc:
        report.damage.append(Damage("ledger", f"It cannot be accounted for: {exc!r}"))
        return []


def as_json(report: Report) -> dict[str, Any]:
    """The report for machines."""
    return {
        "head": report.head,
        "entries": report.entries,
        "segments": report.segments,
        "files": report.files,
        "sums": report.sums,
        "damage": [{"name": each.name, "why": each.why} for each in report.damage],
        "accounts": [
            {
                "participant": str(account.participant),
                **{
                    kind: {
                        "expected_secs": round(kept.expected_secs, 3),
                        "captured_secs": round(kept.captured_secs, 3),
                        "gaps": [
                            {
                                "from": round(gap.start_secs, 3),
                                "until": round(gap.end_secs, 3),
                                "cause": gap.cause,
                            }
                            for gap in kept.gaps
                        ],
                    }
                    for kind, kept in (
                        ("whole", account.whole),
                        ("audio", account.audio),
                        ("video", account.video),
                    )
                },
            }
            for account in report.accounts
        ],
    }
