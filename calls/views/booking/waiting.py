"""The waiting list: joining it, leaving it, and what is offered."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.posted import posted
from calls.forms.booking import WaitingForm
from calls.models import SlotOffer, WaitingListEntry
from calls.permissions import appointments_for, get_or_404
from calls.services.scheduling import waiting_list
from calls.services.scheduling.errors import BookingError
from calls.services.scheduling.free_times import offering
from calls.states import OfferState
from calls.views.access import signed_in_or_404
from calls.views.booking.choice import service_or_404
from calls.views.booking.errand import Errand, on_errand
from calls.views.request import SignedInRequest


@require_http_methods(["GET", "HEAD", "POST"])
@on_errand
def waiting_join(request: SignedInRequest, errand: Errand, pk: UUID) -> HttpResponse:
    """Ask for the days that suit, and put the patient on the list."""
    service = service_or_404(pk, errand)
    form = WaitingForm(
        posted(request),
        agents=offering(service),
        patient=errand.patient,
        horizon_days=service.horizon_days,
        asked=request.GET.get("agent"),
    )
    if form.is_valid():
        try:
            waiting_list.join(errand.patient, service, **form.cleaned_data)
        except BookingError as error:
            messages.error(request, str(error.reason))
        else:
            messages.success(request, _joined(errand))
        return redirect("home")
    context = {"errand": errand, "service": service, "form": form, "step": 3}
    status = 400 if form.errors else 200
    return render(request, "booking/waiting.html", context, status=status)


@require_POST
@signed_in_or_404
def waiting_leave(request: SignedInRequest, pk: UUID) -> HttpResponse:
    mine = WaitingListEntry.objects.filter(patient=request.user).select_related("service")
    entry = get_or_404(mine, pk, user=request.user, action="waiting_list.leave")
    waiting_list.leave(entry)
    messages.success(request, _("You are not on the waiting list any more."))
    return redirect("home")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_or_404
@never_cache
def offer(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """A time that is kept for this person: take it or let it go."""
    mine = SlotOffer.objects.filter(entry__patient=request.user)
    mine = mine.select_related("entry__patient", "entry__service", "entry__dependant", "agent")
    found = get_or_404(mine, pk, user=request.user, action="offer.view")
    if request.method == "POST" and found.state == OfferState.TAKEN:
        return _taken_before(request, found)
    if request.method == "POST" and request.POST.get("answer") in ("take", "decline"):
        return _answered(request, found)
    if request.method == "POST":
        messages.error(request, _("The form was not complete. Please look again."))
    context = {"offer": found, "is_open": found.state == OfferState.OPEN}
    return render(request, "booking/offer.html", context)


def _joined(errand: Errand) -> str:
    if errand.by_staff:
        return _("The patient is on the waiting list and is told when a time becomes free.")
    return _("You are on the waiting list. When a time becomes free, we tell you.")


def _taken_before(request: SignedInRequest, found: SlotOffer) -> HttpResponse:
    """The same form sent again leads to the visit that the first one booked."""
    booked = appointments_for(request.user).filter(
        service=found.entry.service_id, agent=found.agent_id, starts_at=found.starts_at
    )
    visit = booked.order_by("-created_at").first()
    messages.info(request, _("You have taken this time"))
    return redirect("appointment", pk=visit.pk) if visit else redirect("home")


def _answered(request: SignedInRequest, found: SlotOffer) -> HttpResponse:
    try:
        if request.POST.get("answer") == "take":
            appointment = waiting_list.accept(found, zone=request.user.zone)
            messages.success(request, _("Your visit is booked."))
            return redirect("appointment", pk=appointment.pk)
        waiting_list.decline(found)
    except BookingError as error:
        messages.error(request, str(error.reason))
    else:
        messages.success(request, _("The time goes to the next person. You stay on the list."))
    return redirect("home")
