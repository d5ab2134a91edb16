"""A contact in an agent's hands: the person's card, the note, canned replies, wrap-up."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from accounts.posted import posted
from audit.log import record
from calls.desk.states import AgentState
from calls.forms.desk import NoteForm, WrapUpForm
from calls.models import Handling
from calls.permissions import entries_for, get_or_404, handlings_for
from calls.services.desk import agents, finishing
from calls.services.desk.cards import card_of
from calls.services.desk.errors import DeskError, NoteOutdated
from calls.services.desk.replies import note_use, replies_for, replies_of
from calls.services.desk.suggestions import Suggestions
from calls.views.desk.access import agents_only
from calls.views.desk.suggested import suggested_replies, suggested_visit
from calls.views.request import SignedInRequest


@require_GET
@agents_only
def contact_card(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Who the person is and what was before, for the panel beside the call."""
    user = request.user
    entry = get_or_404(entries_for(user), pk, user=user, action="desk.card")
    record("desk.card", actor=user.pk, target_type="queueentry", target=entry.pk)
    card, replies = card_of(entry, reader=user), replies_for(entry, agent=user)
    suggestions = Suggestions(entry, reader=user)
    context = {
        "entry": entry,
        "card": card,
        "handling": handlings_for(user).filter(entry=entry).order_by("-began_at").first(),
        "replies": replies,
        "suggested": suggested_replies(suggestions, entry, replies),
        "follow_up": suggested_visit(suggestions, entry, card, reader=user),
        "parts": finishing.parts_of(entry.pk),
    }
    return render(request, "desk/card.html", context)


@require_POST
@agents_only
def contact_reply_used(request: SignedInRequest, pk: UUID, reply: int) -> HttpResponse:
    """The agent pressed a ready text; counted, so that it can be suggested."""
    user = request.user
    entry = get_or_404(entries_for(user), pk, user=user, action="desk.card")
    chosen = get_or_404(replies_of(entry), reply, user=user, action="desk.reply")
    note_use(chosen, entry=entry, agent=user)
    return HttpResponse(status=204)


@require_POST
@agents_only
def contact_note(request: SignedInRequest, pk: int) -> HttpResponse:
    """Keep the note while it is written: `{"version"}`, or 409 if another tab was faster."""
    user = request.user
    handling = get_or_404(handlings_for(user), pk, user=user, action="desk.note")
    form = NoteForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=400)
    try:
        version = finishing.save_note(
            handling, form.cleaned_data["note"], version=form.cleaned_data["version"]
        )
    except NoteOutdated as fault:
        return JsonResponse({"errors": {"note": [str(fault.reason)]}}, status=409)
    return JsonResponse({"version": version})


def _done_words(user: User) -> str:
    desk = agents.desk_of(user)
    if desk.state == AgentState.AVAILABLE:
        return _("Done. You are there for the next one.")
    return _("Done. You are: %(state)s") % {"state": desk.get_state_display()}


@require_http_methods(["GET", "HEAD", "POST"])
@agents_only
def contact_wrap_up(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say what it was about, and be there for the next one."""
    user = request.user
    handling = get_or_404(handlings_for(user), pk, user=user, action="desk.wrap_up")
    form = WrapUpForm(posted(request), handling=handling)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            finishing.wrap_up(
                handling, code=said["code"], note=said["note"], version=said["version"]
            )
        except DeskError as fault:
            form.add_error(None, str(fault.reason))
        else:
            messages.success(request, _done_words(user))
            return redirect("desk")
    return wrap_up_page(request, handling, form)


def wrap_up_page(request: SignedInRequest, handling: Handling, form: WrapUpForm) -> HttpResponse:
    user, entry = request.user, handling.entry
    suggestions = Suggestions(entry, reader=user)
    follow_up = suggested_visit(suggestions, entry, card_of(entry, reader=user), reader=user)
    context = {"handling": handling, "entry": entry, "form": form, "follow_up": follow_up}
    return render(request, "desk/wrap_up.html", context, status=400 if form.errors else 200)
