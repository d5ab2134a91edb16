"""Handing a contact on: whom to, with a colleague's advice first or straight on."""

from collections.abc import Callable
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from calls.desk.states import EntryKind
from calls.forms.desk import ConsultForm, HandOnForm
from calls.models import QueueEntry
from calls.permissions import entries_for, get_or_404, handlings_for
from calls.services.desk import colleagues, transferring
from calls.services.desk.errors import DeskError
from calls.views.desk.access import agents_only
from calls.views.desk.page import refused
from calls.views.request import SignedInRequest


@require_GET
@agents_only
def contact_transfer(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Who is there now, for the dialog of the call page and for that of a letter."""
    entry = _load(request, pk)
    target = colleagues.targets_of(entry, by=request.user)
    page = "desk/letter_on.html" if entry.kind == EntryKind.MESSAGE else "desk/transfer.html"
    return render(request, page, {"entry": entry, "target": target})


@require_POST
@agents_only
def contact_consult(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """A colleague is asked in: 204, or 409 if they cannot take it."""
    entry, form = _load(request, pk), ConsultForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=400)
    said = form.cleaned_data

    def ask() -> None:
        transferring.consult(entry.pk, said["agent"], by=request.user, note=said["note"])

    return _done(ask)


@require_POST
@agents_only
def contact_consult_stop(request: SignedInRequest, pk: UUID) -> HttpResponse:
    entry = _load(request, pk)
    return _done(lambda: transferring.stop_asking(entry.pk, by=request.user))


@require_POST
@agents_only
def contact_hand_over(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The colleague who was asked in goes on: `{"address"}` of the after-call work."""
    entry, form = _load(request, pk), ConsultForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=400)
    colleague = form.cleaned_data["agent"]
    return _leaves(
        request, entry, lambda: transferring.hand_over(entry.pk, colleague, by=request.user)
    )


@require_POST
@agents_only
def contact_send_on(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Straight on to an agent or a queue: `{"address"}` of the after-call work, to which a form is
    led on."""
    entry, form = _load(request, pk), HandOnForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=400)
    said, user = form.cleaned_data, request.user

    def send() -> None:
        if said["queue"]:
            transferring.send_to_queue(entry.pk, said["queue"], by=user, note=said["note"])
        else:
            transferring.send_to_agent(entry.pk, said["agent"], by=user, note=said["note"])

    return _leaves(request, entry, send)


def _load(request: SignedInRequest, pk: UUID) -> QueueEntry:
    user = request.user
    return get_or_404(entries_for(user), pk, user=user, action="desk.transfer")


def _done(change: Callable[[], object]) -> HttpResponse:
    try:
        change()
    except DeskError as fault:
        detail = str(fault.reason)
        return HttpResponse(detail, status=409, content_type="text/plain; charset=utf-8")
    return HttpResponse(status=204)


def _leaves(
    request: SignedInRequest, entry: QueueEntry, change: Callable[[], object]
) -> HttpResponse:
    """The agent is out of the call, and goes on with what is left to write."""
    answer = _done(change)
    is_script = request.headers.get("accept") == "application/json"
    if answer.status_code != 204:
        return answer if is_script else refused(request, answer.content.decode())
    mine = handlings_for(request.user).filter(entry=entry).order_by("-began_at").first()
    address = reverse("contact_wrap_up", args=[mine.pk]) if mine else reverse("desk")
    return JsonResponse({"address": address}) if is_script else redirect(address)
