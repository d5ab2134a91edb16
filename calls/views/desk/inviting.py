"""A third person comes into a conversation by a link, and waits to be let in."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.posted import posted
from calls.forms.booking import InviteForm
from calls.permissions import entries_for, get_or_404
from calls.services import invitations
from calls.services.errors import CallError
from calls.services.notices import guest_mail
from calls.views.desk.access import agents_only
from calls.views.guests import link, too_often
from calls.views.request import SignedInRequest


@require_http_methods(["GET", "HEAD", "POST"])
@agents_only
def contact_invite(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The link is shown once, and mailed where there is an address."""
    user = request.user
    entry = get_or_404(entries_for(user), pk, user=user, action="invitation.make")
    form, address = InviteForm(posted(request)), ""
    if request.method == "POST" and form.is_valid():
        if refusal := too_often(request, "invitation_link"):
            return refusal
        try:
            made, token = invitations.invite_to_conversation(entry, by=user, **form.cleaned_data)
        except invitations.InvitedBefore:
            form.add_error(None, _("This form was sent before. Please open the page again."))
        except invitations.TooMany:
            form.add_error(None, _("No more people can take part in this visit."))
        except CallError:
            form.add_error(None, _("This conversation is over, or is not in your hands."))
        else:
            address = link(token)
            guest_mail.send(made, address)
            form = InviteForm()
    context = {"entry": entry, "form": form, "address": address}
    return render(request, "desk/invite.html", context, status=400 if form.errors else 200)
