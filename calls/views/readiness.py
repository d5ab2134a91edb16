"""Before a visit: the test of devices and network, and checking in."""

from uuid import UUID, uuid4

import msgspec
from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from calls.forms.readiness import DeviceTestForm
from calls.models import Appointment
from calls.permissions import appointments_for, get_or_404
from calls.services import agenda, readiness
from calls.services.errors import WrongState
from calls.services.relays import ice_for
from calls.views.access import signed_in_or_404
from calls.views.call import PERMISSIONS_POLICY
from calls.views.readiness_words import problems, words
from calls.views.request import SignedInRequest


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_or_404
@never_cache
def device_test(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The test page of a visit that is still to begin; its result is posted and kept: 200 with
    `outcome`, 400 with `errors`, 409 if the visit is over."""
    found = _load(request, pk, action="appointment.test")
    if request.method == "POST":
        return _kept(request, found)
    visit = agenda.visit(found, request.user)
    if not visit.may_test:
        # No credentials for the relay to whoever had a visit once.
        messages.info(request, _("This visit has begun or is over; there is nothing to test."))
        return redirect("appointment", pk=found.pk)
    newest = readiness.newest_test(found, request.user)
    context = {
        "visit": visit,
        "appointment": found,
        "parts": readiness.NEEDED[found.service.media],
        "newest": newest,
        "problems": problems(newest.parts) if newest else [],
        "words": words(),
        "setup": {
            "parts": readiness.NEEDED[found.service.media],
            "ice": msgspec.to_builtins(ice_for(uuid4(), now=timezone.now())),
        },
    }
    response = render(request, "readiness/test.html", context)
    response["Permissions-Policy"] = PERMISSIONS_POLICY
    return response


@require_POST
@signed_in_or_404
def check_in(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = _load(request, pk, action="appointment.check_in")
    try:
        readiness.check_in(found, request.user)
    except WrongState:
        messages.error(request, _("You cannot check in for this visit now."))
    else:
        messages.success(request, _("You are checked in. We know that you are coming."))
    return redirect("appointment", pk=found.pk)


def _kept(request: SignedInRequest, found: Appointment) -> HttpResponse:
    form = DeviceTestForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=400)
    try:
        test = readiness.keep_test(found, request.user, form.parts)
    except WrongState:
        return JsonResponse({"errors": {"__all__": [_("This visit is over.")]}}, status=409)
    return JsonResponse({"outcome": test.outcome})


def _load(request: SignedInRequest, pk: UUID, *, action: str) -> Appointment:
    user = request.user
    return get_or_404(appointments_for(user), pk, user=user, action=action)
