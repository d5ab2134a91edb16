"""From a ledger's entries to an account of each person: what was captured, why anything is missing.

Pure: an exported archive is accounted for by the same code. Times are Unix seconds in the entries
and seconds since the recording's start in the accounts.
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from calls.archive.persons import HELD, LISTENING, Body, Person, Span, people

Kind = Literal["audio", "video"]

# Shorter holes are the time between two packets, not a gap.
LEAST_GAP_SECS = 1.0
# A track whose frames ended that long before it did had lost its network.
_SILENT_SECS = 2.0
_ORDERLY = ("stopped", "ended", "left", "abandoned")


@dataclass(frozen=True, slots=True)
class Gap:
    """Seconds of the recording's own time in which nothing was captured."""

    start_secs: float
    end_secs: float
    cause: str
    """A word of docs/recording.md."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What was captured of one person; captured and gaps make up what was expected."""

    expected_secs: float
    gaps: tuple[Gap, ...] = ()

    @property
    def captured_secs(self) -> float:
        return self.expected_secs - sum(gap.end_secs - gap.start_secs for gap in self.gaps)


@dataclass(frozen=True, slots=True)
class Account:
    """One person's account: of anything at all, of their sound, of their picture."""

    participant: UUID
    whole: Kept
    audio: Kept
    video: Kept

    @property
    def captured_secs(self) -> float:
        return self.whole.captured_secs

    @property
    def gaps(self) -> tuple[Gap, ...]:
        return self.whole.gaps


def accounts(entries: Iterable[Body]) -> list[Account]:
    """One for each person who answered, by their ids; none before anything was captured."""
    bodies = list(entries)
    begin = next((body["at"] for body in bodies if body["kind"] == "begun"), None)
    if begin is None:
        return []
    persons = people(bodies)
    end = _end(bodies, begin)
    has_picture = not any(b.get("quality") == "audio" for b in bodies if b["kind"] == "begun")
    return [
        Account(
            UUID(name),
            whole=_kept(person, begin, end, None),
            audio=_kept(person, begin, end, "audio"),
            video=_kept(person, begin, end, "video") if has_picture else Kept(0.0),
        )
        for name, person in sorted(persons.items())
        if person.consent
    ]


def _end(bodies: Sequence[Body], begin: float) -> float:
    stopped = [float(body["at"]) for body in bodies if body["kind"] == "stopped"]
    if stopped:
        return max(begin, stopped[0])
    reached = (body["until"] for body in bodies if body["kind"] == "segment")
    return float(max([begin, *reached]))


def _kept(person: Person, begin: float, end: float, kind: Kind | None) -> Kept:
    """`kind` None asks for anything at all."""
    gaps: list[Gap] = []
    for start, stop in _holes(_captured(person, kind, end), begin, end):
        gaps += _explained(person, start, stop, kind, begin)
    return Kept(expected_secs=end - begin, gaps=tuple(gaps))


def _captured(person: Person, kind: Kind | None, end: float) -> list[Span]:
    spans: list[Span] = []
    for told in person.segments.values():
        for one in (kind,) if kind else ("audio", "video"):
            spans += [(start, stop) for start, stop in told[one]]
    spans.sort()
    silent = _silent(person, kind, end) if kind else []
    return [part for span in spans for part in _without(span, silent)]


def _silent(person: Person, kind: Kind, end: float) -> list[Span]:
    """When the person said that they send nothing of it, whatever else arrived."""
    spans: list[Span] = []
    for place, (since, audio, video, _why) in enumerate(person.sending):
        last = place + 1 == len(person.sending)
        until = end if last else person.sending[place + 1][0]
        if not (audio if kind == "audio" else video) and until > since:
            spans.append((since, until))
    return spans


def _without(span: Span, taken: Sequence[Span]) -> list[Span]:
    parts, position = [], span[0]
    for start, stop in taken:
        if stop <= position or start >= span[1]:
            continue
        if start > position:
            parts.append((position, start))
        position = max(position, stop)
    if position <= span[1]:
        parts.append((position, span[1]))
    return parts


def _holes(spans: Sequence[Span], begin: float, end: float) -> list[Span]:
    """What the spans leave uncovered, where it is long enough to be a gap."""
    holes, position = [], begin
    for start, stop in spans:
        if start - position >= LEAST_GAP_SECS:
            holes.append((position, min(start, end)))
        position = max(position, stop)
    if end - position >= LEAST_GAP_SECS:
        holes.append((position, end))
    return [(start, stop) for start, stop in holes if stop > start]


def _explained(
    person: Person, start: float, stop: float, kind: Kind | None, begin: float
) -> list[Gap]:
    """The hole in parts of one cause each; a short part goes with its longer neighbour."""
    edges = sorted({start, stop, *(at for at in _edges(person) if start < at < stop)})
    parts = [
        Gap(left - begin, right - begin, _cause(person, (left + right) / 2, kind))
        for left, right in itertools.pairwise(edges)
    ]
    parts = _joined(parts)
    while len(parts) > 1 and (short := _shortest(parts)) is not None:
        beside = parts[max(0, short - 1) : short] + parts[short + 1 : short + 2]
        cause = max(beside, key=_length).cause
        parts[short] = Gap(parts[short].start_secs, parts[short].end_secs, cause)
        parts = _joined(parts)
    return parts


def _joined(parts: Iterable[Gap]) -> list[Gap]:
    """Neighbours of one cause made one."""
    joined: list[Gap] = []
    for part in parts:
        if joined and joined[-1].cause == part.cause:
            part = Gap(joined.pop().start_secs, part.end_secs, part.cause)
        joined.append(part)
    return joined


def _shortest(parts: Sequence[Gap]) -> int | None:
    """The place of the shortest part that is too short to be told, the later of two such."""
    place = min(range(len(parts)), key=lambda place: (_length(parts[place]), -place))
    return place if _length(parts[place]) < LEAST_GAP_SECS else None


def _length(gap: Gap) -> float:
    return gap.end_secs - gap.start_secs


def _edges(person: Person) -> list[float]:
    """Every moment at which a cause may change."""
    edges = [at for at, _ in person.consent] + [since for since, *_ in person.sending]
    for track in person.tracks.values():
        edges += [track.begun, track.last, *([] if track.ended is None else [track.ended])]
    return edges + [at for span, _ in person.cuts for at in span]


def _cause(person: Person, at: float, kind: Kind | None) -> str:
    """1. Taken out. 2. Not agreed. 3. Nothing sent. 4. No connection. 5. Nothing arrived."""
    for (start, stop), cause in person.cuts:
        if start <= at <= stop:
            return cause
    said = [state for since, state in person.consent if since <= at]
    if not said or said[-1] == "asked":
        return "not_yet_consented"
    if said[-1] in ("refused", "withdrawn"):
        return said[-1]
    return _sent_nothing(person, at, kind) or _connection(person, at)


def _sent_nothing(person: Person, at: float, kind: Kind | None) -> str:
    told = [(audio, video, why) for since, audio, video, why in person.sending if since <= at]
    if not told:
        return ""
    audio, video, why = told[-1]
    if why in (HELD, LISTENING):
        return why
    if kind == "video" and not video:
        return "weak_line" if why == "line" else "camera_off"
    if (kind == "audio" or not video) and not audio:
        return "muted"
    return ""


def _connection(person: Person, at: float) -> str:
    before = [track for track in person.tracks.values() if track.begun <= at]
    if not before:
        return "connecting"
    track = max(before, key=lambda track: track.begun)
    ended = track.last if track.ended is None else track.ended
    if at <= track.last:
        return "network"
    if at <= ended and track.reason in _ORDERLY and ended - track.last > _SILENT_SECS:
        return "network"
    return track.reason
