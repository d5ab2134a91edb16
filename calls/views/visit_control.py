"""What the agent of a visit decides about it: whether it is recorded, and what became of it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from calls.models import Appointment
from calls.permissions import appointments_for, get_or_404
from calls.services import ahead, outcomes
from calls.services.errors import CallError, WrongState
from calls.views.access import signed_in_or_404
from calls.views.request import SignedInRequest


@require_POST
@signed_in_or_404
def appointment_outcome(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The patient did not come, or it took place all the same."""
    found = _mine(request, pk, action="appointment.outcome")
    said = request.POST.get("outcome", "")
    try:
        if said == "missed":
            outcomes.missed(found, by=request.user)
        elif said == "took_place":
            outcomes.took_place(found, by=request.user)
        else:
            raise WrongState("The form was not complete.")
    except CallError:
        messages.error(request, _("This cannot be said of this visit now."))
    else:
        messages.success(request, _("It is noted."))
    return redirect("appointment", pk=found.pk)


@require_POST
@signed_in_or_404
def appointment_policy(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Whether this one visit is recorded otherwise than its service says."""
    found = _mine(request, pk, action="appointment.policy")
    try:
        ahead.set_policy(found, request.POST.get("policy", ""), by=request.user)
    except CallError:
        messages.error(request, _("This could not be saved. Please try again."))
    else:
        messages.success(request, _("It is saved for this visit."))
    return redirect("appointment", pk=found.pk)


def _mine(request: SignedInRequest, pk: UUID, *, action: str) -> Appointment:
    """A visit of which the person is the agent; 404 for everybody else, its patient too."""
    user = request.user
    return get_or_404(appointments_for(user).filter(agent=user), pk, user=user, action=action)
