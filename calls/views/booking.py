"""Booking in four steps: what it is about, with whom, when, and yes.

Every step is an address, so that Back, reload and a page without scripts work; only the last
one changes anything. What an address asks for is read in booking_choice.py.
"""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from calls.models import Appointment
from calls.permissions import appointments_for
from calls.services.scheduling import booking
from calls.services.scheduling.errors import BookingError, PatientBusy, SlotTaken
from calls.services.scheduling.free_times import first_free_of_each, next_free
from calls.states import AppointmentState
from calls.views.booking_choice import (
    Choice,
    bookable,
    patients_only,
    read_choice,
    service_or_404,
    slot_choices,
    times_context,
)
from calls.views.request import SignedInRequest


@require_GET
@patients_only
def book(request: SignedInRequest) -> HttpResponse:
    return render(request, "booking/service.html", {"services": bookable(), "step": 1})


@require_GET
@patients_only
def book_person(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Whom to meet; with one person only there is nothing to choose."""
    service = service_or_404(pk)
    people = first_free_of_each(service, patient=request.user)
    if len(people) == 1:
        agent, _moment = people[0]
        return redirect(f"{reverse('book_time', args=[pk])}?agent={agent.pk}")
    context = {"service": service, "people": people, "step": 2}
    return render(request, "booking/person.html", context)


@require_GET
@patients_only
def book_time(request: SignedInRequest, pk: UUID) -> HttpResponse:
    context = times_context(request, service_or_404(pk))
    status = 400 if context["wrong"] else 200
    return render(request, "booking/time.html", {**context, "step": 3}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@patients_only
def book_confirm(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The last look, and by POST the booking itself."""
    choice = Choice(service_or_404(pk))
    try:
        choice = read_choice(request, choice.service)
        if request.method == "POST":
            return redirect("appointment", pk=take(request, choice).pk)
        booking.check(
            request.user, choice.agent, service=choice.service, starts_at=choice.starts_at
        )
    except BookingError as error:
        return not_booked(request, choice, error)
    return render(request, "booking/confirm.html", {"choice": choice, "step": 4})


def take(request: SignedInRequest, choice: Choice) -> Appointment:
    """The appointment, booked now or, when the form was sent twice, by the first one."""
    user = request.user
    try:
        appointment = booking.book(
            user,
            choice.agent,
            service=choice.service,
            starts_at=choice.starts_at,
            zone=user.zone,
        )
    except PatientBusy:
        mine = appointments_for(user).filter(state=AppointmentState.BOOKED, patient=user)
        same = mine.filter(service=choice.service, starts_at=choice.starts_at)
        if choice.agent is not None:
            same = same.filter(agent=choice.agent)
        earlier = same.first()
        if earlier is None:
            raise
        appointment = earlier
    messages.success(request, _("Your visit is booked."))
    return appointment


def not_booked(request: SignedInRequest, choice: Choice, error: BookingError) -> HttpResponse:
    """The reason and the next free times: 409 if somebody was faster, 400 for a wrong choice."""
    if isinstance(error, SlotTaken):
        times = list(error.next_times)
    else:
        times = next_free(choice.service, choice.agent, patient=request.user)
    context = {
        "choice": choice,
        "reason": error.reason,
        "slots": slot_choices(moment.astimezone(request.user.zone) for moment in times),
        "step": 3,
    }
    conflict = isinstance(error, SlotTaken | PatientBusy)
    return render(request, "booking/not_booked.html", context, status=409 if conflict else 400)
