"""`/contacts/<id>/`: the person's own page of a contact, and the ways out of the line."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import Role
from accounts.posted import posted
from calls.desk.states import IN_LINE, EntryKind
from calls.forms.talk import CallbackForm, LetterForm
from calls.models import QueueEntry
from calls.permissions import contacts_for, get_or_404
from calls.services.desk import line, waiting
from calls.services.desk.errors import DeskError
from calls.views.access import signed_in_or_404
from calls.views.next_step import shown_step
from calls.views.request import SignedInRequest
from calls.views.talk.standing import Standing, standing_of

# What is open is looked at again after so many seconds.
LOOKS_AGAIN_SECS = 30


@require_GET
@signed_in_or_404
@never_cache
def contact(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Where it stands, and what can be done about it."""
    standing = load(request, pk, action="contact.view")
    is_over = standing.entry.ended_at is not None
    context = {"standing": standing, "next_step": shown_step(request, may_talk=is_over)}
    response = render(request, "contacts/contact.html", context)
    if not is_over:
        response["Refresh"] = str(LOOKS_AGAIN_SECS)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_or_404
@never_cache
def callback(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Be called back in place of waiting."""
    standing = load(request, pk, action="contact.callback")
    if not standing.may_ask_back:
        return not_now(request, standing)
    form = CallbackForm(posted(request), initial=reached_at(request))
    if form.is_valid():
        try:
            waiting.call_me_back(standing.entry, **form.cleaned_data)
        except DeskError as error:
            return not_now(request, standing, str(error.reason))
        messages.success(request, _("We call you back. You can close this page."))
        return redirect("contact", pk=pk)
    return form_page(request, "contacts/callback.html", standing, form)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_or_404
@never_cache
def write(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Leave a message in place of waiting."""
    standing = load(request, pk, action="contact.write")
    if not standing.may_write:
        return not_now(request, standing)
    form = LetterForm(posted(request), initial=reached_at(request))
    if form.is_valid():
        try:
            waiting.write_instead(standing.entry, **form.cleaned_data)
        except DeskError as error:
            return not_now(request, standing, str(error.reason))
        messages.success(request, _("Your message was sent. You can close this page."))
        return redirect("contact", pk=pk)
    return form_page(request, "contacts/write.html", standing, form)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_or_404
@never_cache
def leave(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Give the place up, after a last look."""
    standing = load(request, pk, action="contact.leave")
    if not standing.in_line:
        return not_now(request, standing)
    if request.method != "POST":
        return render(request, "contacts/leave.html", {"standing": standing})
    try:
        waiting.leave(standing.entry)
    except DeskError as error:
        return not_now(request, standing, str(error.reason))
    messages.success(request, _("You have given up your place."))
    if standing.entry.appointment_id is not None:
        return redirect("call", pk=standing.entry.call_id)
    return redirect("contact", pk=pk)


def load(request: SignedInRequest, pk: UUID, *, action: str) -> Standing:
    """The person's own contact with their place in line. Raises Http404, audited."""
    user = request.user
    entry = get_or_404(contacts_for(user), pk, user=user, action=action)
    return standing_of(entry, place_of(entry))


def place_of(entry: QueueEntry) -> line.Place | None:
    has_one = entry.state in IN_LINE and entry.kind != EntryKind.MESSAGE
    return line.places().get(entry.pk) if has_one else None


def reached_at(request: SignedInRequest) -> dict[str, str]:
    """The address of an account; a guest has none that anybody could write to."""
    return {} if request.user.role == Role.GUEST else {"email": request.user.email}


def not_now(request: SignedInRequest, standing: Standing, reason: str = "") -> HttpResponse:
    """Back to the contact, which says where it stands."""
    messages.info(request, reason or _("That is not possible any more."))
    return redirect("contact", pk=standing.entry.pk)


def form_page(
    request: SignedInRequest, template: str, standing: Standing, form: forms.Form
) -> HttpResponse:
    status = 400 if form.errors else 200
    return render(request, template, {"standing": standing, "form": form}, status=status)
