"""A visit's page: who, when, join, cancel, and its calendar file."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from calls.forms.visit import AheadForm, FileForm, NoteForm
from calls.models import Appointment, RecordingPolicy, StandingConsent
from calls.permissions import appointments_for, get_or_404, may_read_flight
from calls.services import agenda, ahead, intake, outcomes, readiness, running_late, sharing
from calls.services.calendar import calendar_file
from calls.services.errors import CallError, WrongState
from calls.services.recording_plan import plan_of
from calls.services.scheduling import changing, series
from calls.services.scheduling.errors import BookingError
from calls.views.access import signed_in_or_404
from calls.views.consent_text import newest_consent_text
from calls.views.day import late_text
from calls.views.readiness_words import problems
from calls.views.request import SignedInRequest


@require_GET
@signed_in_or_404
@never_cache
def appointment(request: SignedInRequest, pk: UUID) -> HttpResponse:
    user = request.user
    rows = series.with_rest(intake.with_questions(appointments_for(user)), user)
    found = get_or_404(rows, pk, user=user, action="appointment.view")
    return render(request, "appointments/appointment.html", page_context(user, found))


def page_context(user: User, found: Appointment) -> dict[str, object]:
    """What the page shows to one of its two people, in a constant number of queries."""
    visit = agenda.visit(found, user)
    in_time = visit.is_agent or changing.is_in_time(found)
    return {
        "visit": visit,
        "appointment": found,
        **readiness_context(visit),
        **shared_context(visit),
        **recording_context(visit),
        "has_flight": visit.phase != agenda.Phase.EARLY and may_read_flight(user, found.call),
        "early_minutes": settings.JOIN_EARLY_MINUTES,
        "other_zone": other_zone(visit),
        "may_book_again": visit.is_over and not visit.is_agent and found.service.is_active,
        "may_change": visit.may_move and in_time,
        "may_cancel": visit.may_cancel and in_time,
        "is_too_late": visit.may_cancel and not in_time,
    }


def readiness_context(visit: agenda.Visit) -> dict[str, object]:
    """Whether the patient is ready and the agent late, and what the agent may say of the visit."""
    found = visit.appointment
    test = readiness.newest_test(found, found.patient) if visit.may_test else None
    is_over = visit.phase in (agenda.Phase.COMPLETED, agenda.Phase.MISSED)
    late = running_late.minutes_for(found.agent_id, found.starts_at) if visit.may_test else None
    return {
        "test": test,
        "problems": problems(test.parts) if test else [],
        "late": late_text(late),
        "may_be_missed": visit.is_agent and outcomes.may_be_missed(found),
        "may_follow_up": visit.is_agent and is_over,
        "policies": policies(visit),
    }


def shared_context(visit: agenda.Visit) -> dict[str, object]:
    """What was answered before the visit and what was shared around it."""
    found = visit.appointment
    may_share = visit.phase != agenda.Phase.CANCELLED
    return {
        "answers": intake.answers_of(found),
        "notes": sharing.notes_of(found),
        "files": sharing.files_of(found),
        "note_form": NoteForm() if visit.is_agent and may_share else None,
        "file_form": FileForm() if may_share else None,
    }


def recording_context(visit: agenda.Visit) -> dict[str, object]:
    """The plan, and what is needed to say something to it as long as that counts."""
    plan = plan_of(visit.appointment, visit.viewer)
    if not plan.may_answer:
        return {"plan": plan}
    mine = StandingConsent.objects.filter(person=visit.viewer)
    return {
        "plan": plan,
        "consent_text": newest_consent_text(),
        "standing": visit.is_agent and mine.exists(),
    }


def policies(visit: agenda.Visit) -> list[tuple[str, str]]:
    """The ways to record this one visit that its agent may choose from, as value and words."""
    service = visit.appointment.service
    is_fixed = service.recording_policy == RecordingPolicy.NEVER
    if is_fixed or not visit.is_agent or not visit.may_test:
        return []
    as_service = _("As always: %(policy)s") % {"policy": service.get_recording_policy_display()}
    return [("", as_service), *((value, str(words)) for value, words in RecordingPolicy.choices)]


@require_POST
@signed_in_or_404
def appointment_consent(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """What somebody says to the planned recording; an agent also for all visits to come."""
    found = load(request, pk, action="appointment.consent")
    form = AheadForm(request.POST)
    form.is_valid()
    version = form.cleaned_data.get("text_version", "")
    answer = form.cleaned_data.get("answer", "")
    try:
        if answer == "always" and request.user.is_agent:
            ahead.agree_to_all(request.user, text_version=version)
        elif answer == "ask" and request.user.is_agent:
            ahead.take_back(request.user)
        elif answer in ("yes", "no"):
            granted = answer == "yes"
            ahead.say(found, request.user, granted=granted, text_version=version)
        else:
            raise WrongState("The form was not complete.")
    except CallError:
        messages.error(request, _("This could not be saved. Please try again."))
    else:
        messages.success(request, _("Your answer is saved."))
    return redirect("appointment", pk=found.pk)


@require_POST
@signed_in_or_404
def appointment_cancel(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = load(request, pk, action="appointment.cancel")
    try:
        if "rest" in request.POST:
            count = changing.cancel_with_rest(found, request.user)
        else:
            changing.cancel(found, request.user)
            count = 1
    except BookingError as error:
        messages.error(request, str(error.reason))
    else:
        messages.success(request, _cancelled(count))
    return redirect("appointment", pk=found.pk)


def _cancelled(count: int) -> str:
    if count == 1:
        return _("The visit is cancelled.")
    words = ngettext("%(count)d visit is cancelled.", "%(count)d visits are cancelled.", count)
    return words % {"count": count}


@require_GET
@signed_in_or_404
@never_cache
def appointment_ics(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = load(request, pk, action="appointment.calendar")
    content = calendar_file(found, viewer=request.user)
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="visit-{found.starts_at:%Y-%m-%d}.ics"'
    return response


def load(request: SignedInRequest, pk: UUID, *, action: str) -> Appointment:
    user = request.user
    return get_or_404(appointments_for(user), pk, user=user, action=action)


def other_zone(visit: agenda.Visit) -> str | None:
    """The other person's zone, where their clock shows another time at the start; else None."""
    moment = visit.appointment.starts_at
    mine = moment.astimezone(visit.viewer.zone).utcoffset()
    theirs = moment.astimezone(visit.other.zone).utcoffset()
    return visit.other.zone.key if (mine or timedelta()) != (theirs or timedelta()) else None
