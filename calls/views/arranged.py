"""A visit as those see it who arrange it for others: when and with whom, nothing that is said."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.models import Role
from calls.models import Appointment
from calls.permissions import appointments_for, appointments_to_change_for, get_or_404
from calls.services import agenda
from calls.services.scheduling import changing
from calls.services.scheduling.errors import BookingError
from calls.views.access import signed_in_or_404
from calls.views.request import SignedInRequest


@require_GET
@signed_in_or_404
@never_cache
def arranged(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """For staff who are not in the visit; its own two people have a page with more."""
    found = _load(request, pk, action="appointment.arrange")
    if appointments_for(request.user).filter(pk=found.pk).exists():
        return redirect("appointment", pk=found.pk)
    visit = agenda.visit(found, request.user)
    return render(request, "appointments/arranged.html", {"appointment": found, "visit": visit})


@require_POST
@signed_in_or_404
def arranged_cancel(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = _load(request, pk, action="appointment.cancel")
    try:
        changing.cancel(found, request.user)
    except BookingError as error:
        messages.error(request, str(error.reason))
    else:
        messages.success(request, _("The visit is cancelled."))
    return redirect("arranged", pk=found.pk)


def _load(request: SignedInRequest, pk: UUID, *, action: str) -> Appointment:
    """Nobody's but staff's: a patient calls off on the visit's own page, within its notice."""
    user = request.user
    rows = appointments_to_change_for(user)
    if user.role in (Role.PATIENT, Role.GUEST):
        rows = rows.none()
    return get_or_404(rows, pk, user=user, action=action)
