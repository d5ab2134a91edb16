"""A day of the clinic: whose visits, who is ready, who is at risk, and who is running late."""

from datetime import datetime, time, timedelta
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.models import Role, User
from calls.forms.readiness import DayQuery, LateForm
from calls.models import CallSession
from calls.permissions import appointments_to_change_for, calls_for, get_or_404
from calls.services import readiness, running_late
from calls.views.access import signed_in_or_404
from calls.views.readiness_words import problems
from calls.views.request import SignedInRequest

VISITS_ON_A_PAGE = 50


@require_GET
@login_required
@never_cache
def day(request: SignedInRequest) -> HttpResponse:
    """The visits of one day by the viewer's clock; supervisors and administrators see everybody's.

    400 for a day that is none. Takes a constant number of queries.
    """
    user = request.user
    if user.role in (Role.PATIENT, Role.GUEST):
        raise PermissionDenied
    form = DayQuery(request.GET)
    is_valid = form.is_valid()
    today = timezone.localdate(timezone=user.zone)
    chosen = form.cleaned_data.get("day") or today
    start = datetime.combine(chosen, time(), tzinfo=user.zone)
    end = datetime.combine(chosen + timedelta(days=1), time(), tzinfo=user.zone)
    visits = appointments_to_change_for(user).filter(starts_at__gte=start, starts_at__lt=end)
    if user.role == Role.AGENT:
        visits = visits.filter(agent=user)
    agent = form.cleaned_data.get("agent")
    if agent:
        visits = visits.filter(agent=agent)
    visits = readiness.with_readiness(visits).order_by("starts_at", "agent__display_name", "pk")
    risky = visits.filter(readiness.at_risk(timezone.now()))
    only_risk = form.cleaned_data.get("only") == "risk"
    page = Paginator(risky if only_risk else visits, VISITS_ON_A_PAGE).get_page(
        request.GET.get("page")
    )
    late = running_late.now_of({visit.agent_id for visit in page} | {user.pk})
    context = {
        "chosen": chosen,
        "today": today,
        "before": chosen - timedelta(days=1),
        "after": chosen + timedelta(days=1),
        "is_valid": is_valid,
        "page": page,
        "rows": [
            {
                "visit": visit,
                "problems": problems(visit.test_parts),  # type: ignore[attr-defined]
                "late": late.get(visit.agent_id),
            }
            for visit in page
        ],
        "only_risk": only_risk,
        "risk_count": risky.count(),
        "everybody": user.role != Role.AGENT,
        "agents": _agents(user),
        "agent": agent,
        "mine_late": late.get(user.pk),
        "late_form": LateForm(),
    }
    return render(request, "day/day.html", context, status=200 if is_valid else 400)


def _agents(user: User) -> list[User]:
    """Whose visits the list can be narrowed to; nobody for agents, who see their own."""
    if user.role == Role.AGENT:
        return []
    return list(User.objects.agents().order_by("display_name", "email"))


@require_POST
@login_required
def late(request: SignedInRequest) -> HttpResponse:
    """An agent says how late they are, or that they are on time again."""
    user = request.user
    if not user.is_agent:
        raise PermissionDenied
    form = LateForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Please choose how late you are."))
    elif minutes := form.cleaned_data["minutes"]:
        running_late.say(user, minutes)
        messages.success(request, _("Those who wait for you see it."))
    else:
        running_late.take_back(user)
        messages.success(request, _("You are on time again."))
    return redirect("day")


@require_GET
@signed_in_or_404
@never_cache
def call_late(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """How late the visit begins, for the waiting room: `{"text": ""}` if it is on time."""
    found: CallSession = get_or_404(
        calls_for(request.user), pk, user=request.user, action="call.view"
    )
    return JsonResponse({"text": late_text(running_late.minutes_for_call(found))})


def late_text(minutes: int | None) -> str:
    """What those who wait are told."""
    if not minutes:
        return ""
    return ngettext(
        "We are about %(minutes)d minute late. Thank you for waiting.",
        "We are about %(minutes)d minutes late. Thank you for waiting.",
        minutes,
    ) % {"minutes": minutes}
