"""A visit's page: who, when, join, cancel, and its calendar file."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from calls.models import Appointment, Recording
from calls.permissions import appointments_for, flights_for, get_or_404, recordings_for
from calls.services import agenda
from calls.services.calendar import calendar_file
from calls.services.scheduling import changing
from calls.services.scheduling.errors import BookingError
from calls.views.access import signed_in_or_404
from calls.views.request import SignedInRequest


@require_GET
@signed_in_or_404
@never_cache
def appointment(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = load(request, pk, action="appointment.view")
    visit = agenda.visit(found, request.user)
    return render(
        request,
        "appointments/appointment.html",
        {
            "visit": visit,
            "appointment": found,
            "recording": newest_recording(request, found),
            "flight_call": flights_for(request.user).filter(appointments=found).first(),
            "early_minutes": settings.JOIN_EARLY_MINUTES,
            "other_zone": other_zone(visit),
        },
    )


@require_POST
@signed_in_or_404
def appointment_cancel(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = load(request, pk, action="appointment.cancel")
    try:
        changing.cancel(found, request.user)
    except BookingError as error:
        messages.error(request, str(error.reason))
    else:
        messages.success(request, _("The visit is cancelled."))
    return redirect("appointment", pk=found.pk)


@require_GET
@signed_in_or_404
@never_cache
def appointment_ics(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = load(request, pk, action="appointment.calendar")
    visit = agenda.visit(found, request.user)
    content = calendar_file(
        found,
        url=settings.PUBLIC_URL + reverse("appointment", args=[found.pk]),
        zone=request.user.zone,
        other=visit.other.display_name,
    )
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="visit-{found.starts_at:%Y-%m-%d}.ics"'
    return response


def load(request: SignedInRequest, pk: UUID, *, action: str) -> Appointment:
    user = request.user
    return get_or_404(appointments_for(user), pk, user=user, action=action)


def newest_recording(request: SignedInRequest, found: Appointment) -> Recording | None:
    mine = recordings_for(request.user).filter(call__appointments=found)
    return mine.order_by("-started_at").first()


def other_zone(visit: agenda.Visit) -> str | None:
    """The other person's zone, where their clock shows another time at the start; else None."""
    moment = visit.appointment.starts_at
    mine = moment.astimezone(visit.viewer.zone).utcoffset()
    theirs = moment.astimezone(visit.other.zone).utcoffset()
    return visit.other.time_zone if (mine or timedelta()) != (theirs or timedelta()) else None
