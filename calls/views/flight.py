"""The flight recorder of a call: for who runs it, not for patients."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from calls.permissions import flights_for, get_or_404
from calls.services.flight import flight
from calls.services.flight_chart import RUNGS, chart
from calls.views.access import signed_in_or_404
from calls.views.flight_words import sentence
from calls.views.request import SignedInRequest


@require_GET
@signed_in_or_404
@never_cache
def call_flight(request: SignedInRequest, pk: UUID) -> HttpResponse:
    call = get_or_404(flights_for(request.user), pk, user=request.user, action="call.flight")
    found = flight(call)
    appointment = call.appointment
    mine = appointment is not None and appointment.agent_id == request.user.pk
    return render(
        request,
        "calls/flight.html",
        {
            "call": call,
            "appointment": appointment,
            "has_appointment_page": mine,
            "flight": found,
            "chart": chart(found),
            "sentence": sentence(found),
            "steps": (*RUNGS, "reconnecting"),
        },
    )
