"""The booking itself: of one visit, or of a series after a look at its dates."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.models import ConsentText, User
from accounts.posted import posted
from calls.forms.booking import ConfirmForm, SeriesForm
from calls.models import Appointment, RecordingPolicy, Service
from calls.permissions import appointments_for
from calls.services import ahead
from calls.services.scheduling import booking, series
from calls.services.scheduling.errors import BookingError, PatientBusy
from calls.services.scheduling.free_times import Supply, offering
from calls.services.scheduling.hours import ONE_DAY, Window
from calls.states import AppointmentState
from calls.views.booking.choice import (
    Choice,
    Outdated,
    UnknownTime,
    read_choice,
    service_or_404,
)
from calls.views.booking.errand import Errand, on_errand
from calls.views.booking.refusal import not_booked
from calls.views.consent_text import newest_consent_text
from calls.views.request import SignedInRequest


def consent_text(errand: Errand, service: Service) -> ConsentText | None:
    """What the patient is asked to agree to while booking; None if that is not asked now."""
    if service.recording_policy != RecordingPolicy.BOOKING or errand.by_staff or errand.moving:
        return None
    return newest_consent_text()


def confirm_form(
    request: SignedInRequest,
    errand: Errand,
    service: Service,
    *,
    kind: type[ConfirmForm] = ConfirmForm,
) -> ConfirmForm:
    return kind(
        posted(request),
        patient=errand.patient,
        by_staff=errand.by_staff,
        consent_text=consent_text(errand, service),
    )


def take(
    request: SignedInRequest, errand: Errand, choice: Choice, form: ConfirmForm
) -> Appointment:
    """The appointment, booked now or, when the form was sent twice, by the first one."""
    details = replace(errand.details, **form.details)
    try:
        appointment = booking.book(
            errand.patient,
            choice.agent,
            service=choice.service,
            starts_at=choice.starts_at,
            zone=errand.patient.zone,
            details=details,
        )
    except PatientBusy:
        appointment = _sent_before(errand, choice)
    _keep_consent(form, errand, appointment)
    messages.success(request, _("Your visit is booked.") if not errand.by_staff else _("Booked."))
    return appointment


@require_POST
@on_errand
def book_series(request: SignedInRequest, errand: Errand, pk: UUID) -> HttpResponse:
    """Every date that was chosen, or none of them."""
    choice = Choice(service_or_404(pk, errand))
    form = confirm_form(request, errand, choice.service, kind=SeriesForm)
    try:
        choice = read_choice(request, errand, choice.service)
        if choice.agent is None or not form.is_valid():
            raise Outdated
    except BookingError as error:
        return not_booked(request, errand, choice, error)
    try:
        booked = series.book(
            errand.patient,
            choice.agent,
            _dates(form),
            service=choice.service,
            zone=errand.patient.zone,
            details=replace(errand.details, **form.details),
        )
    except BookingError as error:
        is_busy = isinstance(error, PatientBusy)
        if is_busy and (earlier := _series_sent_before(errand, choice, _dates(form))):
            return redirect(errand.page_of(earlier))
        return series_page(request, errand, choice, form, wrong=error)
    for appointment in booked:
        _keep_consent(form, errand, appointment)
    count = len(booked)
    messages.success(
        request,
        ngettext("%(count)d visit is booked.", "%(count)d visits are booked.", count)
        % {"count": count},
    )
    return redirect(errand.page_of(booked[0]))


def series_page(
    request: SignedInRequest,
    errand: Errand,
    choice: Choice,
    form: ConfirmForm,
    *,
    wrong: BookingError | None = None,
) -> HttpResponse:
    """The dates of a series with what is free; 409 if what was chosen could not be had."""
    choice = replace(choice, agent=choice.agent or _most_free(errand, choice))
    assert choice.agent
    dates = series.plan(
        choice.service,
        choice.agent,
        choice.starts_at,
        zone=errand.patient.zone,
        count=form.number,
        patient=errand.patient,
    )
    context = {
        "errand": errand,
        "choice": choice,
        "dates": dates,
        "form": form,
        "wrong": wrong.reason if wrong else "",
        "step": 4,
    }
    return render(request, "booking/series.html", context, status=409 if wrong else 200)


def _most_free(errand: Errand, choice: Choice) -> User:
    """Somebody who is free at the first date, else whoever offers the service first by name."""
    agents = offering(choice.service)
    around = Window(choice.starts_at - ONE_DAY, choice.starts_at + ONE_DAY)
    free = Supply(choice.service, agents, around, patient=errand.patient).free_at(choice.starts_at)
    return next((agent for agent in agents if agent.pk in free[:1]), agents[0])


def _dates(form: ConfirmForm) -> list[datetime]:
    """The dates that were chosen. Raises UnknownTime for what is none."""
    assert isinstance(form, SeriesForm)
    try:
        return form.starts
    except ValidationError as error:
        raise UnknownTime from error


def _keep_consent(form: ConfirmForm, errand: Errand, appointment: Appointment) -> None:
    if form.consent is not None:
        granted, version = form.consent
        ahead.say(appointment, errand.patient, granted=granted, text_version=version)


def _series_sent_before(
    errand: Errand, choice: Choice, starts: Sequence[datetime]
) -> Appointment | None:
    """The first visit of the very same series, if this form was sent a moment ago."""
    mine = Appointment.objects.filter(
        state=AppointmentState.BOOKED,
        patient=errand.patient,
        agent=choice.agent,
        service=choice.service,
        starts_at__in=starts,
        series__isnull=False,
    ).order_by("starts_at")
    return mine.first() if mine.count() == len(starts) else None


def _sent_before(errand: Errand, choice: Choice) -> Appointment:
    """The very same visit, booked a moment ago. Raises PatientBusy if there is none."""
    mine = appointments_for(errand.patient).filter(
        state=AppointmentState.BOOKED,
        patient=errand.patient,
        service=choice.service,
        starts_at=choice.starts_at,
    )
    if choice.agent is not None:
        mine = mine.filter(agent=choice.agent)
    earlier = mine.first()
    if earlier is None:
        raise PatientBusy
    return earlier
