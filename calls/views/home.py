"""What people see first, by role."""

import zlib
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.models import Role, User
from calls.models import DeviceTest
from calls.services import agenda, readiness, running_late
from calls.services.dashboard import dashboard
from calls.services.desk import fronts, line
from calls.services.desk.contacts import open_contacts_of
from calls.services.scheduling import waiting_list
from calls.states import AppointmentState, RecordingState
from calls.views.day import late_text
from calls.views.next_step import shown_step
from calls.views.request import SignedInRequest
from calls.views.talk.standing import way_to, words_for

PAST_ON_A_PAGE = 10
MOST_UPCOMING = 50
MOST_TODAY = 100
LATER_DAYS = 7
MOST_LATER = 20
MOST_CONTACTS = 10


@require_GET
@login_required
@never_cache
def home(request: SignedInRequest) -> HttpResponse:
    user = request.user
    if user.role == Role.GUEST:
        return redirect("guest")
    if user.role == Role.PATIENT:
        return render(request, "home/patient.html", patient_context(request))
    if user.role == Role.AGENT:
        return render(request, "home/agent.html", agent_context(user))
    return render(request, "home/overview.html", overview_context(user))


@require_GET
@login_required
@never_cache
def home_waiting(request: SignedInRequest) -> HttpResponse:
    """The list of those who wait, as the page asks for it every few seconds."""
    if request.user.role in (Role.PATIENT, Role.GUEST):
        raise PermissionDenied
    context = waiting_context(request.user)
    if request.GET.get("seen") == context["seen"]:
        return HttpResponse(status=204)  # htmx then leaves the page as it is
    return render(request, "home/waiting.html", context)


def patient_context(request: SignedInRequest) -> dict[str, object]:
    """Who waits for somebody already is not told of another step."""
    user = request.user
    contacts = contacts_of(user)
    suggested = None if contacts else shown_step(request)
    coming = list(agenda.upcoming(user)[:MOST_UPCOMING])
    next_visit = agenda.visit(coming[0], user) if coming else None
    past = Paginator(agenda.past(user), PAST_ON_A_PAGE).get_page(request.GET.get("page"))
    return {
        "next_visit": next_visit and next_visit.appointment,
        "door_open": next_visit is not None and next_visit.may_join,
        **_next_step(next_visit),
        "upcoming": coming[1:],
        "past": past,
        "offers": waiting_list.offers_to(user),
        "waiting_list": waiting_list.entries_of(user),
        "contacts": contacts,
        "suggested": suggested,
        "has_queues": (suggested and suggested.leads_to_queue) or fronts.are_there_any(),
    }


def contacts_of(user: User) -> list[dict[str, object]]:
    """Where the person's open contacts stand, each with the way there."""
    found = list(open_contacts_of(user)[:MOST_CONTACTS])
    numbers = line.numbers() if found else {}
    return [
        {"words": words_for(entry, numbers.get(entry.pk)), "address": way_to(entry)}
        for entry in found
    ]


def _next_step(visit: agenda.Visit | None) -> dict[str, object]:
    """The one thing to do next about the visit: `join`, `check_in`, `test` or `look`; and whether
    its agent is late."""
    if visit is None:
        return {"step": ""}
    appointment = visit.appointment
    late = late_text(running_late.minutes_for(appointment.agent_id, appointment.starts_at))
    if visit.may_join:
        return {"step": "join", "late": late}
    test = readiness.newest_test(appointment, visit.viewer)
    if visit.may_test and (test is None or test.outcome != DeviceTest.Outcome.READY):
        return {"step": "test", "late": late}
    return {"step": "check_in" if visit.may_check_in else "look", "late": late}


def waiting_context(user: User) -> dict[str, object]:
    """Who waits; `seen` changes when the list would look different."""
    entries = agenda.waiting(user)
    looks = [(str(entry.participant.pk), _minutes(entry.since)) for entry in entries]
    return {"waiting": entries, "seen": f"{zlib.crc32(repr(looks).encode()):08x}"}


def agent_context(user: User) -> dict[str, object]:
    later = agenda.of_day(user, user.zone, days=1, count=LATER_DAYS)
    return {
        "now": timezone.now(),
        "today": agenda.of_day(user, user.zone)[:MOST_TODAY],
        "later": later.filter(state=AppointmentState.BOOKED)[:MOST_LATER],
        **waiting_context(user),
    }


def overview_context(user: User) -> dict[str, object]:
    """The house in numbers, and the viewer's own visits where there are any."""
    house = dashboard(user.zone)
    figures = (
        (_("Visits today"), house.today.visits),
        (_("Waiting now"), len(house.waiting)),
        (_("Live visits"), len(house.live)),
        (_("Recording now"), house.recordings[RecordingState.RECORDING]),
    )
    return {
        "now": timezone.now(),
        "figures": [{"label": label, "value": value, "url": ""} for label, value in figures],
        **waiting_context(user),
        "today": agenda.of_day(user, user.zone)[:MOST_TODAY],
    }


def _minutes(since: datetime) -> int:
    return int((timezone.now() - since).total_seconds()) // 60
