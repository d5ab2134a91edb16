"""A supervisor goes into a conversation: to listen, to whisper to the agent, or to join."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from calls.desk.states import EntryKind, EntryState
from calls.forms.wallboard import SitInForm
from calls.models.call import Manner
from calls.permissions import contacts_to_supervise_for, get_or_404
from calls.services import supervision
from calls.services.errors import CallError, Full
from calls.views.access import signed_in_or_404
from calls.views.request import SignedInRequest


@require_POST
@signed_in_or_404
def wallboard_sit_in(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Leads to the call; back to the contact, with the reason, where that is not possible."""
    user = request.user
    entry = get_or_404(contacts_to_supervise_for(user), pk, user=user, action="call.supervise")
    form = SitInForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Please choose: listen, whisper or join."))
        return redirect("wallboard_contact", pk=entry.pk)
    if entry.state != EntryState.ANSWERED or entry.kind == EntryKind.MESSAGE:
        messages.warning(request, _("Nobody speaks with this person now."))
        return redirect("wallboard_contact", pk=entry.pk)
    try:
        supervision.sit_in(entry.call, user, Manner(form.cleaned_data["manner"]))
    except Full:
        messages.warning(request, _("As many people as a call holds are in it already."))
    except CallError:
        messages.warning(request, _("This conversation is over, or you have another part in it."))
    else:
        return redirect("call", pk=entry.call_id)
    return redirect("wallboard_contact", pk=entry.pk)
