"""The flight recorder of a call: what both sides measured, what happened, and what went wrong."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from uuid import UUID

from django.db.models import QuerySet

from calls.models import CallEvent, CallSession, Participant, ParticipantRole, QualitySample
from calls.protocol import SAMPLE_EVERY_SECS, FactKind

# Less is hidden by Opus and VP8 or sent again in time (docs/quality.md).
LOSS_SHARE = 0.05
# ITU-T G.114: 400 ms one way is more than a talk bears.
ROUND_TRIP_MS = 800
# A reload is back sooner, and is nobody's network.
AWAY = timedelta(seconds=5)
_APART = timedelta(seconds=3 * SAMPLE_EVERY_SECS)
_BEFORE = timedelta(seconds=SAMPLE_EVERY_SECS)


@dataclass(frozen=True, slots=True)
class Point:
    """One sample: `who` measured the connection to `other`, both participants."""

    at: datetime
    who: UUID
    other: UUID
    rung: str = "full"
    state: str = "connected"
    loss_in: float | None = None
    loss_out: float | None = None
    round_trip_ms: int = 0
    jitter_ms: int = 0
    in_kbps: int = 0
    out_kbps: int = 0
    in_width: int = 0
    in_height: int = 0
    in_fps: int = 0
    local: str = ""
    remote: str = ""
    protocol: str = ""


@dataclass(frozen=True, slots=True)
class Happening:
    """One fact without what was said in it; `who` is the participant that it is about."""

    kind: FactKind
    at: datetime
    who: UUID | None = None
    again: bool = False
    """They were in the call before: they came back."""
    manner: str = ""
    """Of a supervisor, from now on."""


class Kind(StrEnum):
    """What can be said of a call in one sentence, the worst first."""

    GONE = "gone"
    AWAY = "away"
    INTERRUPTED = "interrupted"
    LOST = "lost"
    NO_SAMPLES = "no_samples"
    LOSS_BOTH = "loss_both"
    LOSS = "loss"
    DELAY = "delay"
    SERVER_AWAY = "server_away"
    RELAY = "relay"
    FINE = "fine"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`who` is on whose side it was; `worst` is a share for losses, milliseconds for a delay."""

    kind: Kind
    who: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    worst: float = 0.0

    @property
    def length(self) -> timedelta:
        return self.until - self.since if self.since and self.until else timedelta()


@dataclass(frozen=True, slots=True)
class Flight:
    """All that the page shows; of `people` the patient comes first, recorders are left out."""

    people: Sequence[Participant]
    points: Sequence[Point]
    happenings: Sequence[Happening]
    verdict: Verdict


_MEASURES = tuple(name for name in Point.__slots__ if name not in ("who", "other"))


def flight(call: CallSession) -> Flight:
    """The flight recorder of `call`, in three queries however long it was."""
    everybody = list(Participant.objects.filter(call=call).select_related("user"))
    rows = QualitySample.objects.filter(call=call).order_by("at")
    points = [
        Point(who=who, other=other, **dict(zip(_MEASURES, rest, strict=True)))
        for who, other, *rest in rows.values_list(
            "leg__participant", "other__participant", *_MEASURES
        )
    ]
    happenings = _happenings(CallEvent.objects.filter(call=call).order_by("seq"))
    people = [one for one in everybody if one.role != ParticipantRole.RECORDER]
    return Flight(
        people=sorted(people, key=lambda one: (one.role != ParticipantRole.PATIENT, one.name)),
        points=points,
        happenings=happenings,
        verdict=verdict(points, happenings),
    )


def verdict(points: Sequence[Point], happenings: Sequence[Happening]) -> Verdict:
    """What went wrong, and on whose side: the first of Kind's order that applies.

    A loss is laid at the door of who sends: an uplink is the narrow end of most lines. Where both
    directions lost at the same time, it is nobody's alone. Who lost the server while the others
    went on hearing from them was not away.
    """
    absences = sorted(_absences(happenings), key=lambda one: one.length, reverse=True)
    judged = [replace(one, kind=_kind_of(points, one)) for one in absences]
    worst = {one.kind: one for one in reversed(judged)}  # the longest of each kind
    if away := worst.get(Kind.GONE) or worst.get(Kind.AWAY):
        return away
    broken = _stretches([(one.at, 1.0) for one in points if one.state == "reconnecting"], least=1)
    if broken:
        since, until, _ = max(broken, key=lambda one: one[1] - one[0])
        return Verdict(Kind.INTERRUPTED, since=since, until=until)
    if lost := worst.get(Kind.LOST):
        return lost
    if not points:
        return Verdict(Kind.NO_SAMPLES)
    return _losses(points) or _delays(points) or worst.get(Kind.SERVER_AWAY) or _paths(points)


def _kind_of(points: Sequence[Point], absence: Verdict) -> Kind:
    """Whose fault it was that somebody was lost to the server, by what the others measured of them
    meanwhile; a sample is about the seconds before it. Without samples nobody knows."""
    if absence.kind != Kind.AWAY or absence.since is None or absence.until is None:
        return absence.kind
    since, until = absence.since + _BEFORE, absence.until
    about = [one for one in points if one.other == absence.who and since <= one.at <= until]
    if any(one.state != "connected" for one in about):
        return Kind.AWAY
    return Kind.SERVER_AWAY if any(one.in_kbps for one in about) else Kind.LOST


def loss_of(sender: UUID, point: Point) -> float | None:
    """What `point` says about the loss of what `sender` sent; None if it knows nothing of it."""
    if point.who == sender:
        return point.loss_out
    return point.loss_in if point.other == sender else None


def _absences(happenings: Sequence[Happening]) -> list[Verdict]:
    """Each time somebody's connection to the server was gone, until they or the call came to it."""
    found = []
    lost: dict[UUID | None, datetime] = {}
    for one in happenings:
        if one.kind == FactKind.DROPPED:
            lost.setdefault(one.who, one.at)
        elif one.kind in (FactKind.ENTERED, FactKind.JOINED) and one.who in lost:
            found.append(Verdict(Kind.AWAY, one.who, lost.pop(one.who), one.at))
        elif one.kind == FactKind.ENDED:
            found += [Verdict(Kind.GONE, who, since, one.at) for who, since in lost.items()]
            lost = {}
    return [one for one in found if one.length >= AWAY]


def _losses(points: Sequence[Point]) -> Verdict | None:
    found = []
    for sender in sorted({point.who for point in points} | {point.other for point in points}):
        lost = [(point.at, loss_of(sender, point) or 0.0) for point in points]
        bad = [(at, share) for at, share in lost if share > LOSS_SHARE]
        found += [(sender, *stretch) for stretch in _stretches(bad, least=2)]
    if not found:
        return None
    who, since, until, worst = max(found, key=lambda one: (one[2] - one[1]) * one[3])
    both = [one for one in found if one[0] != who and one[1] < until and one[2] > since]
    if both:
        worst = max(worst, *(one[3] for one in both))
        return Verdict(Kind.LOSS_BOTH, None, since, until, worst)
    return Verdict(Kind.LOSS, who, since, until, worst)


def _delays(points: Sequence[Point]) -> Verdict | None:
    slow = [(p.at, float(p.round_trip_ms)) for p in points if p.round_trip_ms > ROUND_TRIP_MS]
    stretches = _stretches(slow, least=2)
    if not stretches:
        return None
    since, until, worst = max(stretches, key=lambda one: one[1] - one[0])
    return Verdict(Kind.DELAY, None, since, until, worst)


def _paths(points: Sequence[Point]) -> Verdict:
    relayed = any("relay" in (point.local, point.remote) for point in points)
    return Verdict(Kind.RELAY if relayed else Kind.FINE)


def _stretches(
    bad: Sequence[tuple[datetime, float]], *, least: int
) -> list[tuple[datetime, datetime, float]]:
    """Since when, until when and how bad: samples that follow each other, `least` or more."""
    groups: list[list[tuple[datetime, float]]] = [list(bad[:1])] if bad else []
    for before, now in pairwise(bad):
        if now[0] - before[0] <= _APART:
            groups[-1].append(now)
        else:
            groups.append([now])
    return [
        (group[0][0] - _BEFORE, group[-1][0], max(value for _, value in group))
        for group in groups
        if len({at for at, _ in group}) >= least
    ]


def _happenings(events: QuerySet[CallEvent]) -> list[Happening]:
    seen: set[UUID] = set()
    found = []
    for event in events:
        about = event.data.get("participant")
        who = UUID(about) if about else event.by_id
        again = event.kind == FactKind.JOINED and who in seen
        if who is not None and event.kind == FactKind.JOINED:
            seen.add(who)
        manner = str(event.data.get("manner", ""))
        found.append(Happening(FactKind(event.kind), event.at, who, again, manner))
    return found
