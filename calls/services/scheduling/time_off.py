"""Time off: an agent is away, and the database holds that nothing else takes that time."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.log import record
from calls.models import TakenTime, TimeOff
from calls.services.scheduling import places, waiting_list
from calls.services.scheduling.errors import BookingError

LONGEST = timedelta(days=366)


class NoTimeOff(BookingError):
    reason = _("Time off needs a beginning, a later end that is not past, and at most a year.")


class InTheWay(BookingError):
    """Something takes part of that time. `taken` says what, in order: TakenTime with its owner."""

    reason = _("There are visits or other time off in that time. Move or cancel them first.")

    def __init__(self, taken: Sequence[TakenTime]) -> None:
        super().__init__()
        self.taken = tuple(taken)


def take(
    agent: User, *, starts_at: datetime, ends_at: datetime, by: User, note: str = ""
) -> TimeOff:
    """The agent is away from `starts_at` until `ends_at`. Raises NoTimeOff or InTheWay."""
    if not starts_at < ends_at <= starts_at + LONGEST or ends_at <= timezone.now():
        raise NoTimeOff
    try:
        with transaction.atomic():
            places.lock_people(agent.pk)
            away = TimeOff.objects.create(
                agent=agent, starts_at=starts_at, ends_at=ends_at, note=note, created_by=by
            )
            TakenTime.objects.create(
                person=agent, time_off=away, starts_at=starts_at, ends_at=ends_at
            )
            record(
                "time_off.take",
                actor=by.pk,
                target_type="timeoff",
                target=away.pk,
                agent=str(agent.pk),
                starts_at=starts_at.isoformat(),
                ends_at=ends_at.isoformat(),
            )
    except IntegrityError as error:
        if places.NO_OVERLAP in str(error):
            raise InTheWay(in_the_way(agent, starts_at, ends_at)) from error
        raise
    return away


def give_back(away: TimeOff, *, by: User) -> None:
    """The agent is there after all; what becomes free is offered to the waiting list."""
    with transaction.atomic():
        places.lock_people(away.agent_id)
        record("time_off.give_back", actor=by.pk, target_type="timeoff", target=away.pk)
        away.delete()
    for service in away.agent.services.filter(is_active=True):
        waiting_list.offer_next(service)


def in_the_way(agent: User, starts_at: datetime, ends_at: datetime) -> list[TakenTime]:
    """What takes part of that time of the agent, in order, with its visit or time off."""
    rows = TakenTime.objects.filter(person=agent, starts_at__lt=ends_at, ends_at__gt=starts_at)
    owners = ("call__service", "appointment", "time_off", "offer")
    return list(rows.select_related(*owners).order_by("starts_at"))
