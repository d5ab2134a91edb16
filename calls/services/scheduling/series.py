"""A series: the same weekday and wall-clock time, every week, with the same agent."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from calls.models import Appointment, Service
from calls.permissions import appointments_to_change_for
from calls.services.notices import notify
from calls.services.scheduling import booking
from calls.services.scheduling.free_times import Supply, bookable_window
from calls.services.scheduling.hours import ONE_DAY, Window, as_moment
from calls.states import AppointmentState


@dataclass(frozen=True)
class Occurrence:
    """One date of a series. `starts_at` is None if that day has no free time at all.

    `moved` says that the wanted time is not free and this is the nearest one of that day.
    """

    day: date
    starts_at: datetime | None
    moved: bool = False


def plan(
    service: Service, agent: User, starts_at: datetime, *, zone: ZoneInfo, count: int, patient: User
) -> list[Occurrence]:
    """The `count` weekly dates from `starts_at` on, by the clock of `zone`, and what is free then.

    Dates past the service's horizon are left out. Takes one search over the whole series.
    """
    wanted = [weekly(starts_at, zone, number) for number in range(count)]
    horizon = bookable_window(service)
    wanted = [moment for moment in wanted if moment < horizon.end]
    if not wanted:
        return []
    window = Window(wanted[0] - ONE_DAY, wanted[-1] + ONE_DAY).within(horizon)
    free = Supply(service, [agent], window, patient=patient).free_starts()
    return [_occurrence(moment, free, zone) for moment in wanted]


def weekly(starts_at: datetime, zone: ZoneInfo, weeks: int) -> datetime:
    """The same wall-clock time in `zone` so many weeks later, in UTC."""
    local = starts_at.astimezone(zone)
    later = local.replace(tzinfo=None) + timedelta(weeks=weeks)
    return later.replace(tzinfo=zone, fold=local.fold).astimezone(UTC)


def book(
    patient: User,
    agent: User,
    starts: Sequence[datetime],
    *,
    service: Service,
    zone: ZoneInfo,
    details: booking.Details = booking.NOTHING_MORE,
) -> list[Appointment]:
    """All of them or none, confirmed with one notice. Raises the BookingError of the first that
    cannot be had."""
    together = replace(details, series=uuid4(), quiet=True)
    with transaction.atomic():
        booked = [
            booking.book(
                patient, agent, service=service, starts_at=moment, zone=zone, details=together
            )
            for moment in starts
        ]
        notify.booked_series(booked)
    return booked


def with_rest(appointments: QuerySet[Appointment], user: User) -> QuerySet[Appointment]:
    """Each with `rest`: how many visits of the same series that `user` may change are still to come
    after it."""
    later = appointments_to_change_for(user).filter(
        series=OuterRef("series"),
        state=AppointmentState.BOOKED,
        starts_at__gt=OuterRef("starts_at"),
    )
    counted = later.order_by().values("series").annotate(count=Count("pk")).values("count")
    return appointments.annotate(rest=Coalesce(Subquery(counted), 0))


def _occurrence(moment: datetime, free: list[int], zone: ZoneInfo) -> Occurrence:
    day = moment.astimezone(zone).date()
    at = int(moment.timestamp())
    same_day = [start for start in free if as_moment(start).astimezone(zone).date() == day]
    if at in same_day:
        return Occurrence(day, moment)
    nearest = min(same_day, key=lambda start: (abs(start - at), start), default=None)
    return Occurrence(day, None if nearest is None else as_moment(nearest), moved=True)
