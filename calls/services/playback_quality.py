"""How good each person's line was while they were recorded: a lane of the player's timeline."""

from collections.abc import Sequence
from uuid import UUID

from calls.models import Recording
from calls.protocol import SAMPLE_EVERY_SECS
from calls.services.flight import LOSS_SHARE, ROUND_TRIP_MS, Point, flight, loss_of

WEAK, BROKEN = "weak", "broken"
# A weak line is told earlier than blame is given: half of what the flight recorder judges by.
_WEAK_LOSS = LOSS_SHARE / 2
_WEAK_ROUND_TRIP_MS = ROUND_TRIP_MS // 2

Stretch = tuple[float, float, str]


def qualities(recording: Recording, duration_secs: float) -> dict[UUID, list[Stretch]]:
    """For each person the stretches that were WEAK or BROKEN, in seconds of the recording."""
    begin = recording.started_at
    if begin is None:
        return {}
    flown = flight(recording.call)
    return {
        person.pk: _stretches(
            [
                ((point.at - begin).total_seconds(), level)
                for point in flown.points
                if (level := _level(person.pk, point))
            ],
            duration_secs,
        )
        for person in flown.people
    }


def _level(sender: UUID, point: Point) -> str:
    """What one sample says of the line by which `sender` is seen and heard; "" for good."""
    loss = loss_of(sender, point)
    if loss is None and point.who != sender:
        return ""
    if point.who == sender and point.state == "reconnecting":
        return BROKEN
    if (loss or 0.0) > 2 * LOSS_SHARE:
        return BROKEN
    slow = point.round_trip_ms > _WEAK_ROUND_TRIP_MS
    low = point.who == sender and point.rung in ("audio", "text")
    return WEAK if (loss or 0.0) > _WEAK_LOSS or slow or low else ""


def _stretches(found: Sequence[tuple[float, str]], duration_secs: float) -> list[Stretch]:
    """Samples that follow one another made one stretch; each is about the seconds before it."""
    stretches: list[Stretch] = []
    for at, level in sorted(found):
        start, stop = max(0.0, at - SAMPLE_EVERY_SECS), min(at, duration_secs)
        if stop <= start:
            continue
        if stretches and stretches[-1][2] == level and start <= stretches[-1][1] + 1.0:
            stretches[-1] = (stretches[-1][0], max(stop, stretches[-1][1]), level)
        elif stretches and start < stretches[-1][1]:
            # Two samples of the same seconds: the worse of both is drawn.
            if level == BROKEN:
                stretches.append((start, stop, level))
        else:
            stretches.append((start, stop, level))
    return stretches
