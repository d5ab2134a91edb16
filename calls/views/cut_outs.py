"""Taking a past interval of one's own sound and picture out of a recording."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit.log import record
from calls.permissions import get_or_404, recordings_for
from calls.services import cutting
from calls.services.holds import KeepingError
from calls.views.access import signed_in_or_404
from calls.views.request import SignedInRequest


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_or_404
def recording_cut_out(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """404 for who was not recorded in it; else back to the page, which says what came of it."""
    user = request.user
    found = get_or_404(recordings_for(user), pk, user=user, action=cutting.ACTION)
    seat = cutting.own_seat(user, found)
    if seat is None:
        record(
            cutting.ACTION,
            actor=user.pk,
            target_type="recording",
            target=found.pk,
            allowed=False,
        )
        raise Http404
    if request.method != "POST":
        return redirect("recording", pk=found.pk)
    answers = request.POST
    try:
        span = cutting.interval(found, answers.get("from", ""), answers.get("until", ""))
        if not answers.get("sure"):
            raise cutting.BadInterval(_("Please confirm that it is to be gone for good."))
        cutting.cut_out(user, found, seat, *span)
    except KeepingError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("It is being taken out. Until then nothing can be played."))
    return redirect("recording", pk=found.pk)
