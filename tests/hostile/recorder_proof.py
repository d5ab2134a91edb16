"""What must hold of a recording whatever died meanwhile: read from its archive, frame by frame."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from typing import Any

import av

from tests.support.speaker import Conversation, Stamp, stamp_of

# A segment is four seconds at most; what was on its way to it is lost with it.
LOST_SECS = 4.3
NEW_LEG_SECS = 10.0
FIRST_KEPT_SECS = NEW_LEG_SECS + LOST_SECS
ACCOUNT_SECS = 1.0
# The senders' pictures begin again with each second: until then nobody can decode them.
KEYFRAME_SECS = 1.0
PLACE_SECS = 0.15
LEAST_HOLE_SECS = 1.0


@dataclass(frozen=True)
class Blow:
    """Something was done to the recorder at `at`; from `over_at` on nothing stood in its way."""

    at: float
    over_at: float


@dataclass
class Track:
    """One person's finished file: the stamp of each picture, and where on the clock it lies."""

    role: str
    begins_at: float
    ends_at: float
    pictures: list[tuple[Stamp, float]]

    @property
    def times(self) -> list[float]:
        return [stamp.sent_at for stamp, _ in self.pictures]

    def holes(self) -> list[tuple[float, float]]:
        pairs = pairwise(sorted(self.times))
        return [(one, two) for one, two in pairs if two - one >= LEAST_HOLE_SECS]


def tracks(archive: dict[str, Any]) -> list[Track]:
    return [_track(archive, file) for file in archive["files"] if file["kind"] == "media"]


def _track(archive: dict[str, Any], file: dict[str, Any]) -> Track:
    zero = archive["started_at"] + file["offset_secs"]
    pictures = []
    with av.open(file["path"]) as container:
        for packet in container.demux(video=0):
            stamp = stamp_of(bytes(packet)) if packet.size else None
            if stamp is not None and packet.pts is not None and packet.time_base is not None:
                pictures.append((stamp, zero + float(packet.pts * packet.time_base)))
    return Track(file["role"], zero, zero + file["duration_secs"], pictures)


def faults(archive: dict[str, Any], visit: Conversation, blows: Sequence[Blow]) -> list[str]:
    """All that is wrong with a recording that is over, in words; none if all bounds hold."""
    if archive["state"] != "ready":
        return [f"it is {archive['state']} ({archive['reason']})"]
    found = [] if archive["verified"] else [f"not verified: {archive['check']}"]
    kinds = sorted((file["role"], file["kind"]) for file in archive["files"])
    expected = [(role, kind) for role in ("agent", "patient") for kind in ("media", "poster")]
    if kinds != expected:
        found.append(f"its files are {kinds}")
    for track in tracks(archive):
        sent = visit.sent(track.role)
        found += [f"{track.role}: {fault}" for fault in _of_track(track, sent, blows)]
        found += [f"{track.role}: {fault}" for fault in _of_accounts(archive, track)]
    return found


def _of_track(track: Track, sent: Sequence[float], blows: Sequence[Blow]) -> Iterable[str]:
    misplaced = sorted(abs(at - stamp.sent_at) for stamp, at in track.pictures)
    if misplaced[int(0.95 * len(misplaced))] > PLACE_SECS:
        yield f"pictures lie {misplaced[int(0.95 * len(misplaced))]:.2f} s from when they left"
    for blow, lost, back in outcomes(track, sent, blows):
        if lost > LOST_SECS:
            yield f"{lost:.1f} s before the blow at {blow.at:.1f} are lost"
        if back is not None and back > NEW_LEG_SECS:
            yield f"captured again only {back:.1f} s after the blow at {blow.over_at:.1f}"


def outcomes(
    track: Track, sent: Sequence[float], blows: Sequence[Blow]
) -> Iterable[tuple[Blow, float, float | None]]:
    """For each blow the seconds sent before it that are lost, and those until there was more.

    None where the next blow came so soon that it may have taken the first segment with it.
    """
    before = 0.0
    for number, blow in enumerate(blows):
        following = blows[number + 1] if number + 1 < len(blows) else None
        back = min((at for at in track.times if at > blow.over_at), default=inf) - blow.over_at
        due_at = blow.over_at + min(back, FIRST_KEPT_SECS)
        overtaken = following is not None and following.at < due_at
        yield blow, _lost_secs(track, sent, before, blow.at), None if overtaken else back
        before = blow.over_at


def _lost_secs(track: Track, sent: Sequence[float], after: float, until: float) -> float:
    """How much of what was sent between two blows is missing at the end of it.

    Where nothing is kept, the second came before or soon after there was a recorder again: only
    what was sent once there had to be one is counted.
    """
    tried = [at for at in sent if after < at <= until]
    if not tried:
        return 0.0
    kept = [at for at in track.times if after < at <= until]
    since = max(kept) if kept else tried[0] + (NEW_LEG_SECS if after else 0.0)
    return max(0.0, tried[-1] - since)


def _of_accounts(archive: dict[str, Any], track: Track) -> Iterable[str]:
    """What the ledger says of the picture is what the file shows, hole by hole and in all."""
    begin, end = archive["started_at"], archive["stopped_at"]
    (account,) = (
        each
        for each in archive["accounts"]
        if (each["role"], each["kind"]) == (track.role, "video")
    )
    gaps = [(begin + start, begin + end) for start, end, _ in account["gaps"]]
    if abs(account["expected_secs"] - (end - begin)) > ACCOUNT_SECS:
        yield f"{account['expected_secs']:.1f} s are expected of {end - begin:.1f} s"
    missing = [(begin, min(track.times)), *track.holes(), (max(track.times), end)]
    for start, stop in missing:
        covered = sum(max(0.0, min(stop, to) - max(start, since)) for since, to in gaps)
        if stop - start - covered > ACCOUNT_SECS + KEYFRAME_SECS:
            yield f"{stop - start:.1f} s from {start - begin:.1f} have no gap in the ledger"
    shown = end - begin - sum(max(0.0, stop - start) for start, stop in missing)
    allowed = ACCOUNT_SECS + len(missing) * KEYFRAME_SECS
    if abs(account["captured_secs"] - shown) > allowed:
        yield f"{account['captured_secs']:.1f} s by the ledger, {shown:.1f} s in the file"
