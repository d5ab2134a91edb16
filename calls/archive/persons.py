"""What a ledger's entries say of each person, in their order: consent, connections, segments, cuts.

Pure, as the accounts that are made of it (accounts.py); times are Unix seconds.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Body = Mapping[str, Any]
Span = tuple[float, float]

KILLED = "recorder_killed"
# Why nothing of somebody is sent to a recorder, whatever their page says.
HELD, LISTENING = "held", "listening"


@dataclass(slots=True)
class TrackSpan:
    """One connection: its first and last frame, and its end."""

    begun: float
    last: float
    ended: float | None = None
    reason: str = KILLED


@dataclass(slots=True)
class Person:
    """What the entries say of one person, in their order."""

    consent: list[tuple[float, str]] = field(default_factory=list)
    sending: list[tuple[float, bool, bool, str]] = field(default_factory=list)
    segments: dict[tuple[str, int], Body] = field(default_factory=dict)
    places: dict[str, tuple[str, int]] = field(default_factory=dict)
    """By the names of the segments."""
    tracks: dict[str, TrackSpan] = field(default_factory=dict)
    cuts: list[tuple[Span, str]] = field(default_factory=list)


def people(bodies: Iterable[Body]) -> dict[str, Person]:
    """By their ids."""
    found: dict[str, Person] = {}
    for body in bodies:
        if "participant" in body:
            person = found.setdefault(body["participant"], Person())
            if (read := _READERS.get(body["kind"])) is not None:
                read(person, body)
    return found


def _read_consent(person: Person, body: Body) -> None:
    person.consent.append((body["at"], body["state"]))


def _read_sending(person: Person, body: Body) -> None:
    person.sending.append((body["since"], body["audio"], body["video"], body.get("why", "")))


def _read_connected(person: Person, body: Body) -> None:
    person.tracks.setdefault(body["track"], TrackSpan(body["since"], body["since"]))


def _read_segment(person: Person, body: Body) -> None:
    _put_segment(person, body)
    track = person.tracks.setdefault(body["track"], TrackSpan(body["from"], body["from"]))
    track.begun = min(track.begun, body["from"])
    track.last = max(track.last, body["until"])


def _put_segment(person: Person, told: Body) -> None:
    place = told["track"], told["index"]
    person.segments[place] = told
    person.places[told["name"]] = place


def _read_cut(person: Person, body: Body) -> None:
    place = person.places.pop(body["was"], None)
    if place is not None and person.segments[place]["name"] == body["was"]:
        del person.segments[place]
    if left := body.get("segment"):
        _put_segment(person, left)
    person.cuts += [((start, end), body["cause"]) for start, end in body["spans"]]


def _read_track_ended(person: Person, body: Body) -> None:
    if (track := person.tracks.get(body["track"])) is not None:
        track.ended, track.reason = body["ended"], body["reason"]


_READERS = {
    "consent": _read_consent,
    "sending": _read_sending,
    "connected": _read_connected,
    "segment": _read_segment,
    "cut": _read_cut,
    "track_ended": _read_track_ended,
}
