"""Changing when somebody is there: the weekly shifts, and single days in their place.

What is booked already stays booked, and is named where it lies outside the new hours.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.log import record
from calls.desk.stretches import merged
from calls.models import Appointment, Availability, DayHours
from calls.services.scheduling import places, waiting_list
from calls.services.scheduling.errors import BookingError
from calls.services.scheduling.hours import Hours, Window
from calls.states import AppointmentState

MOST_SHIFTS = 70
LOOKED_AHEAD = timedelta(days=180)
MOST_OUTSIDE = 50


@dataclass(frozen=True, order=True)
class Shift:
    """Hours of a weekday (Monday = 0) by the agent's own clock; until 23:59 is until midnight."""

    weekday: int
    starts: time
    ends: time


class WrongHours(BookingError):
    reason = _("Each shift needs an end after its beginning, and no two may overlap.")


class OutdatedWeek(BookingError):
    reason = _("These hours were changed somewhere else meanwhile. Please look again.")


def week_of(agent: User) -> list[Shift]:
    rows = Availability.objects.filter(agent=agent).order_by("weekday", "starts")
    return [Shift(row.weekday, row.starts, row.ends) for row in rows]


def version_of(shifts: Sequence[Shift]) -> str:
    """Names a week: another one has another version."""
    words = ";".join(f"{one.weekday} {one.starts} {one.ends}" for one in sorted(shifts))
    return hashlib.sha256(words.encode()).hexdigest()[:16]


def set_week(agent: User, shifts: Sequence[Shift], *, by: User, seen: str) -> None:
    """These shifts in place of the ones that were there; `seen` is the version that was edited.

    Raises WrongHours, or OutdatedWeek if the week is no longer that version.
    """
    week = sorted(set(shifts))
    if len(week) > MOST_SHIFTS or not all(0 <= one.weekday <= 6 for one in week):
        raise WrongHours
    for day in range(7):
        check_clocks([(one.starts, one.ends) for one in week if one.weekday == day])
    with transaction.atomic():
        places.lock_people(agent.pk)
        if version_of(week_of(agent)) != seen:
            raise OutdatedWeek
        Availability.objects.filter(agent=agent).delete()
        Availability.objects.bulk_create(
            Availability(agent=agent, weekday=one.weekday, starts=one.starts, ends=one.ends)
            for one in week
        )
        record("hours.week", actor=by.pk, target_type="user", target=agent.pk, shifts=len(week))
    _offer_again(agent)


def set_day(agent: User, day: date, clocks: Sequence[tuple[time, time]], *, by: User) -> None:
    """Other hours on one date, in place of the weekly ones and of a public holiday; none: away.

    Raises WrongHours.
    """
    check_clocks(clocks)
    with transaction.atomic():
        places.lock_people(agent.pk)
        DayHours.objects.filter(agent=agent, date=day).delete()
        rows = [DayHours(agent=agent, date=day, starts=start, ends=end) for start, end in clocks]
        DayHours.objects.bulk_create(rows or [DayHours(agent=agent, date=day)])
        record(
            "hours.day",
            actor=by.pk,
            target_type="user",
            target=agent.pk,
            date=day.isoformat(),
            shifts=len(clocks),
        )
    _offer_again(agent)


def forget_day(agent: User, day: date, *, by: User) -> None:
    """The weekly hours hold for that date again."""
    with transaction.atomic():
        places.lock_people(agent.pk)
        if DayHours.objects.filter(agent=agent, date=day).delete()[0]:
            record(
                "hours.day_as_always",
                actor=by.pk,
                target_type="user",
                target=agent.pk,
                date=day.isoformat(),
            )
    _offer_again(agent)


def keep_holidays_of(agent: User, place: str, *, by: User) -> None:
    """The public holidays of `place` (a country or a part of one) hold for the agent; "" those of
    the house."""
    with transaction.atomic():
        User.objects.filter(pk=agent.pk).update(holiday_place=place)
        record("hours.holidays", actor=by.pk, target_type="user", target=agent.pk, place=place)
    _offer_again(agent)


def days_of(agent: User, *, since: date) -> dict[date, list[DayHours]]:
    """The single days from `since` on, in order; of a day without hours one row."""
    found: dict[date, list[DayHours]] = {}
    for row in DayHours.objects.filter(agent=agent, date__gte=since).order_by("date", "starts"):
        found.setdefault(row.date, []).append(row)
    return found


def visits_outside(agent: User) -> list[Appointment]:
    """Booked visits of the next months that lie outside the agent's hours, the next one first."""
    now = timezone.now()
    window = Window(now, now + LOOKED_AHEAD)
    spans = merged(Hours([agent], window).shifts(agent))
    booked = Appointment.objects.filter(
        agent=agent,
        state=AppointmentState.BOOKED,
        starts_at__gt=now,
        starts_at__lt=window.end,
    ).select_related("service", "patient", "dependant")
    outside = []
    for visit in booked.order_by("starts_at"):
        start, end = _secs(visit.starts_at), _secs(visit.ends_at)
        if not any(begin <= start and end <= until for begin, until in spans):
            outside.append(visit)
        if len(outside) == MOST_OUTSIDE:
            break
    return outside


def check_clocks(clocks: Sequence[tuple[time, time]]) -> None:
    """Raise WrongHours unless each ends after it begins and none overlaps another."""
    ordered = sorted(clocks)
    if any(ends <= starts for starts, ends in ordered):
        raise WrongHours
    if any(later[0] < earlier[1] for earlier, later in pairwise(ordered)):
        raise WrongHours


def _secs(moment: datetime) -> int:
    return int(moment.timestamp())


def _offer_again(agent: User) -> None:
    """What became free may be what somebody waits for."""
    for service in agent.services.filter(is_active=True):
        waiting_list.offer_next(service)
