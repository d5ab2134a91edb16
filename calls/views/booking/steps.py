"""The four steps. Every step is an address, so that Back, reload and a page without scripts work;
only the last one changes anything. What an address asks for is read in errand.py and choice.py.
"""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from calls.services.scheduling import booking, changing
from calls.services.scheduling.errors import BookingError
from calls.services.scheduling.free_times import first_free_of_each
from calls.views.booking.choice import (
    Choice,
    bookable,
    read_choice,
    service_or_404,
    times_context,
)
from calls.views.booking.errand import Errand, on_errand
from calls.views.booking.refusal import not_booked
from calls.views.booking.taking import confirm_form, consent_text, series_page, take
from calls.views.request import SignedInRequest


@require_GET
@on_errand
def book(request: SignedInRequest, errand: Errand) -> HttpResponse:
    context = {"errand": errand, "services": bookable(), "step": 1}
    return render(request, "booking/service.html", context)


@require_GET
@on_errand
def book_person(request: SignedInRequest, errand: Errand, pk: UUID) -> HttpResponse:
    """Whom to meet; with one person only there is nothing to choose."""
    service = service_or_404(pk, errand)
    people = first_free_of_each(service, patient=errand.patient)
    if len(people) == 1:
        agent, _moment = people[0]
        return redirect(f"{reverse('book_time', args=[pk])}{errand.query}agent={agent.pk}")
    context = {"errand": errand, "service": service, "people": people, "step": 2}
    return render(request, "booking/person.html", context)


@require_GET
@on_errand
def book_time(request: SignedInRequest, errand: Errand, pk: UUID) -> HttpResponse:
    context = times_context(request, errand, service_or_404(pk, errand))
    status = 400 if context["wrong"] else 200
    return render(request, "booking/time.html", {**context, "step": 3}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@on_errand
def book_confirm(request: SignedInRequest, errand: Errand, pk: UUID) -> HttpResponse:
    """The last look, and by POST the booking itself, or the move."""
    choice = Choice(service_or_404(pk, errand))
    form = confirm_form(request, errand, choice.service)
    try:
        choice = read_choice(request, errand, choice.service)
        if request.method == "POST" and errand.moving:
            return moved(request, errand, choice)
        if request.method == "POST" and form.is_valid():
            if form.number > 1:
                check_offered(errand, choice)
                return series_page(request, errand, choice, form)
            return redirect(errand.page_of(take(request, errand, choice, form)))
        check(errand, choice)
    except BookingError as error:
        return not_booked(request, errand, choice, error)
    context = {
        "errand": errand,
        "choice": choice,
        "form": form,
        "consent_text": consent_text(errand, choice.service),
        "step": 4,
    }
    status = 400 if form.errors else 200
    return render(request, "booking/confirm.html", context, status=status)


def check_offered(errand: Errand, choice: Choice) -> None:
    """Raise a BookingError unless the first date of a series is a time that can be booked, taken or
    not: a series may begin with another time of that day."""
    booking.offered_at(
        errand.patient,
        choice.agent,
        service=choice.service,
        starts_at=choice.starts_at,
        soon=errand.by_staff,
    )


def check(errand: Errand, choice: Choice) -> None:
    """Raise what the booking, or the move, would raise now."""
    if errand.moving:
        changing.check(errand.moving, choice.agent, starts_at=choice.starts_at, by=errand.by)
        return
    booking.check(
        errand.patient,
        choice.agent,
        service=choice.service,
        starts_at=choice.starts_at,
        details=errand.details,
    )


def moved(request: SignedInRequest, errand: Errand, choice: Choice) -> HttpResponse:
    assert errand.moving
    if errand.moving.starts_at != choice.starts_at or choice.agent not in (
        None,
        errand.moving.agent,
    ):
        changing.move(
            errand.moving,
            choice.agent,
            starts_at=choice.starts_at,
            zone=errand.patient.zone,
            by=errand.by,
        )
    messages.success(request, _("The visit has its new time."))
    return redirect(errand.page_of(errand.moving))
