"""What the addresses of the booking steps ask for, checked and made ready to show."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from calls.forms.booking import SlotQuery, TimesQuery
from calls.models import Service
from calls.services.scheduling.errors import BookingError
from calls.services.scheduling.free_times import (
    Day,
    bookable_window,
    free_times,
    offering,
)
from calls.services.scheduling.hours import Window
from calls.views.booking.errand import Errand, NotOfferedAnyMore
from calls.views.request import SignedInRequest

DAYS_SHOWN = 14
# The hour at which a part of the day begins, and its name.
PARTS_OF_DAY = ((0, _("Night")), (6, _("Morning")), (12, _("Afternoon")), (18, _("Evening")))


class UnknownTime(BookingError):
    reason = _("This address does not name a time. Please choose one that is offered.")


class UnknownPerson(BookingError):
    reason = _("This person does not offer this visit. Please choose again.")


class Outdated(BookingError):
    reason = _("This page was out of date. Please choose once more.")


@dataclass(frozen=True)
class Choice:
    """What is about to be booked; without an agent it is whoever is free."""

    service: Service
    agent: User | None = None
    starts_at: datetime = field(default_factory=timezone.now)

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.service.duration_minutes)

    @property
    def value(self) -> str:
        """The start as the form sends it."""
        return _written(self.starts_at)


@dataclass(frozen=True)
class SlotChoice:
    """A time to click on. `twice` marks an hour that the clocks show twice that day."""

    moment: datetime
    value: str
    twice: bool


def bookable() -> QuerySet[Service]:
    """The services that somebody offers."""
    agents = User.objects.agents().filter(services=OuterRef("pk"))
    return Service.objects.filter(Exists(agents), is_active=True)


def service_or_404(pk: UUID, errand: Errand) -> Service:
    """The service, if it can be booked, or is that of the visit which is moved.

    Raises NotOfferedAnyMore for one that was switched off, Http404 for none.
    """
    if errand.moving and errand.moving.service_id == pk:
        return errand.moving.service
    agents = User.objects.agents().filter(services=OuterRef("pk"))
    service = Service.objects.annotate(has_agents=Exists(agents)).filter(pk=pk).first()
    if service is None:
        raise Http404
    if not (service.is_active and service.has_agents):
        raise NotOfferedAnyMore
    return service


def read_choice(request: SignedInRequest, errand: Errand, service: Service) -> Choice:
    """The time and person that the form or the address names.

    Raises UnknownTime or UnknownPerson for what nobody could have been offered.
    """
    form = SlotQuery(request.POST if request.method == "POST" else request.GET)
    form.is_valid()
    if "agent" not in form.cleaned_data:
        raise UnknownPerson
    agent = _agent(service, form.cleaned_data["agent"])
    if "starts" not in form.cleaned_data:
        raise UnknownTime
    return Choice(service, agent, form.cleaned_data["starts"])


def times_context(request: SignedInRequest, errand: Errand, service: Service) -> dict[str, Any]:
    """The page of days with the asked-for day's times; `wrong` says what the address got wrong."""
    form = TimesQuery(request.GET)
    wrong: str | Promise = "" if form.is_valid() else UnknownTime.reason
    agent = None
    try:
        agent = _agent(service, form.cleaned_data.get("agent"))
    except UnknownPerson as error:
        wrong = error.reason
    user = request.user
    today = timezone.localdate(timezone=user.zone)
    last = bookable_window(service).end.astimezone(user.zone).date()
    days, asked = _days(errand, service, agent, asked=form.cleaned_data.get("day"), last=last)
    first = days[0].date
    chosen = _chosen_day(days, asked)
    earlier, later = first - timedelta(days=DAYS_SHOWN), first + timedelta(days=DAYS_SHOWN)
    return {
        "errand": errand,
        "service": service,
        "agent": agent,
        "wrong": wrong,
        "days": days,
        "chosen": chosen,
        "parts": parts_of_day(chosen.times),
        "earlier": earlier if earlier >= today else None,
        "later": later if later <= last else None,
        "is_full": form.cleaned_data.get("day") is None and not any(day.times for day in days),
    }


def parts_of_day(times: Iterable[datetime]) -> list[tuple[str | Promise, list[SlotChoice]]]:
    """The times under the name of the part of the day in which they lie."""
    parts = groupby(
        slot_choices(times),
        lambda slot: next(
            name for hour, name in reversed(PARTS_OF_DAY) if slot.moment.hour >= hour
        ),
    )
    return [(name, list(slots)) for name, slots in parts]


def slot_choices(times: Iterable[datetime]) -> list[SlotChoice]:
    """`times`, which are in the viewer's zone, as things to click on."""
    return [
        SlotChoice(
            moment=moment,
            value=_written(moment),
            twice=moment.replace(fold=0).utcoffset() != moment.replace(fold=1).utcoffset(),
        )
        for moment in times
    ]


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _agent(service: Service, pk: UUID | None) -> User | None:
    """The one who was asked for, or None for whoever is free. Raises UnknownPerson."""
    if pk is None:
        return None
    for agent in offering(service):
        if agent.pk == pk:
            return agent
    raise UnknownPerson


def _days(
    errand: Errand, service: Service, agent: User | None, *, asked: date | None, last: date
) -> tuple[list[Day], date]:
    """A fortnight with its free times, and the day of it to be shown: the one asked for, or the
    first of all days until `last` that has a free time. Takes one search either way."""
    user = errand.by
    today = timezone.localdate(timezone=user.zone)
    asked = asked and min(max(asked, today), last)
    first = _page_of(asked, today) if asked else today
    until = min(first + timedelta(days=DAYS_SHOWN - 1), last) if asked else last
    days = free_times(
        service,
        agent,
        _days_window(first, until, user),
        user.zone,
        patient=errand.patient,
        moving=errand.moving,
    )
    if asked is None:
        asked = next((day.date for day in days if day.times), today)
        start = (_page_of(asked, today) - today).days
        days = days[start : start + DAYS_SHOWN]
    return days, asked


def _page_of(day: date, today: date) -> date:
    """The first day of the fortnight, counted from today, that `day` lies in."""
    return today + (day - today) // timedelta(days=DAYS_SHOWN) * timedelta(days=DAYS_SHOWN)


def _days_window(first: date, last: date, user: User) -> Window:
    """From the start of `first` to the end of `last` by the person's own clock."""
    start = datetime.combine(first, time(), tzinfo=user.zone)
    end = datetime.combine(last + timedelta(days=1), time(), tzinfo=user.zone)
    return Window(start.astimezone(UTC), end.astimezone(UTC))


def _chosen_day(days: list[Day], asked: date) -> Day:
    """The day asked for, or the first one of the page with a free time if that has none."""
    chosen = next(day for day in days if day.date == asked)
    if chosen.times:
        return chosen
    return next((day for day in days if day.times and day.date > asked), chosen)
