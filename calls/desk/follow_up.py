"""What usually comes next: by somebody's own visits, and by what others did. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import NamedTuple
from uuid import UUID

# With fewer visits nobody can say "usually".
LEAST_VISITS = 3
SHORTEST_GAP = timedelta(days=5)
# Each gap lies within so much of the middle one, or there is no rhythm.
MOST_UNEVEN = 0.5
# It is time when so much of the gap is over, and no more when it has passed so many times.
DUE_AFTER = 0.75
LAPSED_AFTER = 3
# A booking belongs to a contact for so long.
FOLLOWS_WITHIN = timedelta(days=14)
# What fewer people did is theirs alone.
LEAST_PEOPLE = 3
LEAST_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Visits of one kind every so many days, the last one when."""

    days: int
    last: datetime


class Contact(NamedTuple):
    person: UUID
    at: datetime


class Booking(NamedTuple):
    person: UUID
    service: UUID
    at: datetime


class Followed(NamedTuple):
    """In so many `times` of the contacts their person booked this within two weeks."""

    service: UUID
    times: int
    contacts: int


def rhythm_of(visits: Collection[datetime]) -> Rhythm | None:
    """The middle gap between visits of one kind; None with fewer than three, or if they are
    uneven or only days apart."""
    moments = sorted(visits)
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    if len(moments) < LEAST_VISITS:
        return None
    middle = timedelta(seconds=median(gap.total_seconds() for gap in gaps))
    if middle < SHORTEST_GAP or any(abs(gap - middle) > MOST_UNEVEN * middle for gap in gaps):
        return None
    return Rhythm(days=round(middle / timedelta(days=1)), last=moments[-1])


def is_due(rhythm: Rhythm, now: datetime) -> bool:
    """Whether it is about time for the next one; not after they have stopped coming."""
    gap = timedelta(days=rhythm.days)
    return DUE_AFTER * gap <= now - rhythm.last <= LAPSED_AFTER * gap


def has_lapsed(rhythm: Rhythm, now: datetime) -> bool:
    return now - rhythm.last > LAPSED_AFTER * timedelta(days=rhythm.days)


def followed_by(
    contacts: Collection[Contact], bookings: Sequence[Booking], now: datetime
) -> Followed | None:
    """What was booked most after these contacts, if after at least half of them and by at least
    three people. Contacts of the last two weeks do not count yet."""
    over = [contact for contact in contacts if contact.at + FOLLOWS_WITHIN <= now]
    best: Followed | None = None
    for service in dict.fromkeys(booking.service for booking in bookings):
        mine = [booking for booking in bookings if booking.service == service]
        led = [contact for contact in over if _led_to(contact, mine)]
        if len({contact.person for contact in led}) < LEAST_PEOPLE:
            continue
        if len(led) >= LEAST_SHARE * len(over) and (best is None or len(led) > best.times):
            best = Followed(service, len(led), len(over))
    return best


def _led_to(contact: Contact, bookings: Collection[Booking]) -> bool:
    return any(
        booking.person == contact.person and contact.at <= booking.at <= contact.at + FOLLOWS_WITHIN
        for booking in bookings
    )
