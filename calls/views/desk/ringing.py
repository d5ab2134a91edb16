"""What an agent answers to an offer that rings."""

from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.models import User
from calls.desk.states import EntryKind
from calls.models import QueueEntry
from calls.permissions import handlings_for
from calls.services.desk import offers
from calls.services.desk.errors import DeskError
from calls.views.desk.access import agents_only
from calls.views.desk.page import refused
from calls.views.request import SignedInRequest


@require_POST
@agents_only
def ring_accept(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Leads to where the contact goes on: `{"address"}` for a script, a redirect for a form.

    409 with the reason if somebody else was faster, or the person has gone.
    """
    try:
        entry = offers.accept(request.user, pk)
    except DeskError as fault:
        return refused(request, str(fault.reason))
    address = goes_on_at(entry, request.user)
    if request.headers.get("accept") == "application/json":
        return JsonResponse({"address": address})
    return redirect(address)


def goes_on_at(entry: QueueEntry, user: User) -> str:
    """Where the agent goes on with the contact: its call, or the letter."""
    if entry.kind != EntryKind.MESSAGE:
        return reverse("call", args=[entry.call_id])
    part = handlings_for(user).filter(entry=entry).latest("began_at")
    return reverse("contact_letter", args=[part.pk])


@require_POST
@agents_only
def ring_decline(request: SignedInRequest, pk: UUID) -> HttpResponse:
    try:
        offers.decline(request.user, pk)
    except DeskError as fault:
        return refused(request, str(fault.reason))
    if request.headers.get("accept") == "application/json":
        return HttpResponse(status=204)
    return redirect("desk")
