"""A letter in an agent's hands: what was written, and the answer."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.posted import posted
from calls.desk.states import EntryKind, HandlingState
from calls.forms.desk import LetterForm
from calls.permissions import get_or_404, handlings_for
from calls.services.desk import answering
from calls.services.desk.errors import DeskError
from calls.views.desk.access import agents_only
from calls.views.request import SignedInRequest


@require_http_methods(["GET", "HEAD", "POST"])
@agents_only
def contact_letter(request: SignedInRequest, pk: int) -> HttpResponse:
    user = request.user
    letters = handlings_for(user).filter(entry__kind=EntryKind.MESSAGE)
    part = get_or_404(letters, pk, user=user, action="desk.letter")
    if part.state != HandlingState.TALKING:
        if request.method == "POST" and part.entry.agent_id != user.pk:
            messages.error(request, _("The letter is in other hands now. Nothing was sent."))
        return redirect("contact_wrap_up", pk=part.pk)
    form = LetterForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            answering.answer_letter(part, form.cleaned_data["text"], by=user)
        except DeskError as refused:
            form.add_error(None, str(refused.reason))
        else:
            return redirect("contact_wrap_up", pk=part.pk)
    context = {"part": part, "entry": part.entry, "form": form}
    return render(request, "desk/letter.html", context, status=400 if form.errors else 200)
