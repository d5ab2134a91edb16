"""The page that says why nothing was booked, and what could be had instead."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from calls.services.scheduling.errors import BookingError, PatientBusy, SlotTaken
from calls.services.scheduling.free_times import next_free
from calls.views.booking.choice import Choice, slot_choices
from calls.views.booking.errand import Errand
from calls.views.request import SignedInRequest


def not_booked(
    request: SignedInRequest, errand: Errand, choice: Choice, error: BookingError
) -> HttpResponse:
    """The reason and the next free times: 409 if somebody was faster, 400 for a wrong choice."""
    if isinstance(error, SlotTaken):
        times = list(error.next_times)
    else:
        times = next_free(choice.service, choice.agent, patient=errand.patient)
    zone = request.user.zone
    reason = error.reason
    if errand.by_staff and isinstance(error, PatientBusy):
        reason = _("The patient already has a visit at this time. Please choose another time.")
    context = {
        "errand": errand,
        "choice": choice,
        "reason": reason,
        "slots": slot_choices(moment.astimezone(zone) for moment in times),
        "step": 3,
    }
    conflict = isinstance(error, SlotTaken | PatientBusy)
    return render(request, "booking/not_booked.html", context, status=409 if conflict else 400)
