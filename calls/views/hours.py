"""When people are there: the week, single days, time off, public holidays. Everybody their own,
administrators everybody's; all clocks are those of the agent's zone."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.holidays import holidays_of
from accounts.models import Role, User
from calls.forms.hours import DayForm, HolidayPlaceForm, Row, TimeOffForm, WeekForm
from calls.models import TimeOff
from calls.models.hours import WEEKDAYS
from calls.permissions import agents_to_plan_for, get_or_404
from calls.services.scheduling import time_off, week
from calls.services.scheduling.errors import BookingError
from calls.views.access import signed_in_or_404
from calls.views.request import SignedInRequest

AGENTS_ON_A_PAGE = 30
HOLIDAYS_SHOWN = 6


@require_GET
@login_required
@never_cache
def hours(request: SignedInRequest) -> HttpResponse:
    """An agent's own page; for administrators a list of all agents."""
    user = request.user
    if user.is_agent:
        return redirect("hours_of", pk=user.pk)
    if user.role != Role.ADMINISTRATOR:
        raise PermissionDenied
    agents = agents_to_plan_for(user).order_by("display_name", "email")
    agents = agents.annotate(
        shifts=Count("availability", distinct=True), offers=Count("services", distinct=True)
    )
    page = Paginator(agents, AGENTS_ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "hours/agents.html", {"page": page})


@require_GET
@signed_in_or_404
@never_cache
def hours_of(request: SignedInRequest, pk: UUID) -> HttpResponse:
    return _page(request, _agent(request, pk))


@require_POST
@signed_in_or_404
def week_save(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The whole week in place of the old one: 400 for wrong hours, 409 for an outdated page."""
    agent = _agent(request, pk)
    form = WeekForm(request.POST)

    def save() -> None:
        week.set_week(
            agent,
            form.cleaned_data["shifts"],
            by=request.user,
            seen=form.cleaned_data["seen"],
        )

    return _saved(request, agent, form, save, "week_form")


@require_POST
@signed_in_or_404
def day_save(request: SignedInRequest, pk: UUID) -> HttpResponse:
    agent = _agent(request, pk)
    form = DayForm(request.POST, today=_today(agent))

    def save() -> None:
        week.set_day(agent, form.cleaned_data["day"], form.clocks, by=request.user)

    return _saved(request, agent, form, save, "day_form")


@require_POST
@signed_in_or_404
def day_forget(request: SignedInRequest, pk: UUID) -> HttpResponse:
    agent = _agent(request, pk)
    try:
        day = date.fromisoformat(request.POST.get("date", ""))
    except ValueError:
        messages.error(request, _("This is not a date."))
    else:
        week.forget_day(agent, day, by=request.user)
        messages.success(request, _("The usual hours hold for that day again."))
    return redirect("hours_of", pk=agent.pk)


@require_POST
@signed_in_or_404
def time_off_take(request: SignedInRequest, pk: UUID) -> HttpResponse:
    agent = _agent(request, pk)
    form = TimeOffForm(request.POST, zone=agent.zone)

    def save() -> None:
        values = form.cleaned_data
        time_off.take(
            agent,
            starts_at=values["starts_at"],
            ends_at=values["ends_at"],
            note=values["note"],
            by=request.user,
        )

    return _saved(request, agent, form, save, "time_off_form")


@require_POST
@signed_in_or_404
def time_off_give_back(request: SignedInRequest, pk: UUID) -> HttpResponse:
    user = request.user
    rows = TimeOff.objects.filter(agent__in=agents_to_plan_for(user)).select_related("agent")
    away = get_or_404(rows, pk, user=user, action="time_off.give_back")
    time_off.give_back(away, by=user)
    messages.success(request, _("This time can be booked again."))
    return redirect("hours_of", pk=away.agent_id)


@require_POST
@signed_in_or_404
def holidays_save(request: SignedInRequest, pk: UUID) -> HttpResponse:
    agent = _agent(request, pk)
    form = HolidayPlaceForm(request.POST, instance=agent)

    def save() -> None:
        week.keep_holidays_of(agent, form.cleaned_data["holiday_place"], by=request.user)

    return _saved(request, agent, form, save, "holiday_form")


def _saved(
    request: SignedInRequest, agent: User, form: Any, save: Callable[[], None], name: str
) -> HttpResponse:
    """Back to the page when it was saved, else the page with what is wrong in `form`."""
    if not form.is_valid():
        return _page(request, _agent(request, agent.pk), status=400, **{name: form})
    try:
        save()
    except BookingError as error:
        form.add_error(None, str(error.reason))
        taken = getattr(error, "taken", ())
        if isinstance(error, week.OutdatedWeek):
            # What the other one saved, and beside it what was sent: nothing is overwritten unseen.
            sent = form.cleaned_data["shifts"]
            return _page(request, agent, status=409, sent=sent, refusal=str(error.reason))
        status = 409 if taken else 400
        return _page(request, agent, status=status, taken=taken, **{name: form})
    messages.success(request, _("Your hours are saved.") if agent == request.user else _("Saved."))
    return redirect("hours_of", pk=agent.pk)


def _page(
    request: SignedInRequest,
    agent: User,
    *,
    status: int = 200,
    taken: object = (),
    sent: Sequence[week.Shift] = (),
    refusal: str = "",
    **forms: Form,
) -> HttpResponse:
    """The page of an agent's hours; `forms` are those that were sent and are not right yet, `sent`
    a week that came too late, and `refusal` why."""
    shifts = week.week_of(agent)
    today = _today(agent)
    wrong_week = forms.get("week_form")
    shown = wrong_week.rows if isinstance(wrong_week, WeekForm) else _rows(shifts)
    context = {
        "agent": agent,
        "is_own": agent.pk == request.user.pk,
        "weekdays": _by_day(shown),
        "sent": [day for day in _by_day(_rows(sent)) if day["shifts"]],
        "refusal": refusal,
        # A week that is shown again is still the one that was edited.
        "version": wrong_week.data.get("seen", "") if wrong_week else week.version_of(shifts),
        "days": week.days_of(agent, since=today),
        "times_off": TimeOff.objects.filter(agent=agent, ends_at__gt=timezone.now()),
        "holidays": _holidays(agent, today),
        "house_place": settings.HOLIDAY_PLACE,
        "outside": week.visits_outside(agent),
        "taken": taken,
        "week_form": wrong_week,
        "day_form": forms.get("day_form") or DayForm(today=today),
        "time_off_form": forms.get("time_off_form") or TimeOffForm(zone=agent.zone),
        "holiday_form": forms.get("holiday_form") or HolidayPlaceForm(instance=agent),
    }
    return render(request, "hours/hours.html", context, status=status)


def _rows(shifts: Sequence[week.Shift]) -> list[Row]:
    """Shifts as they are typed."""
    return [Row(str(one.weekday), f"{one.starts:%H:%M}", f"{one.ends:%H:%M}") for one in shifts]


def _by_day(rows: Sequence[Row]) -> list[dict[str, object]]:
    return [
        {
            "number": number,
            "name": name,
            "shifts": [one for one in rows if one.weekday == f"{number}"],
        }
        for number, name in WEEKDAYS
    ]


def _holidays(agent: User, today: date) -> list[tuple[date, str]]:
    """The next public holidays of the agent's place."""
    place = agent.holiday_place or settings.HOLIDAY_PLACE
    if not place:
        return []
    coming = {**holidays_of(place, today.year), **holidays_of(place, today.year + 1)}
    return sorted((day, name) for day, name in coming.items() if day >= today)[:HOLIDAYS_SHOWN]


def _today(agent: User) -> date:
    return timezone.now().astimezone(agent.zone).date()


def _agent(request: SignedInRequest, pk: UUID) -> User:
    user = request.user
    return get_or_404(agents_to_plan_for(user), pk, user=user, action="hours.change")
