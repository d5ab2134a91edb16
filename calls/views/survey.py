"""The few questions after a contact."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.posted import posted
from calls.forms.survey import SurveyForm
from calls.models import QueueEntry, SurveyAnswer
from calls.permissions import contacts_of, get_or_404
from calls.services.desk import surveys
from calls.services.desk.errors import DeskError
from calls.views.access import signed_in_or_404
from calls.views.request import SignedInRequest


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_or_404
@never_cache
def survey(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The form, and afterwards thanks; 409 for what cannot be answered now or any more."""
    user = request.user
    entry = get_or_404(contacts_of(user), pk, user=user, action="desk.survey")
    kept = SurveyAnswer.objects.filter(entry=entry).first()
    form = SurveyForm(posted(request), initial=_said(kept))
    refusal, status = "", 200
    if request.method == "POST" and form.is_valid():
        try:
            surveys.answer(entry, user, **form.cleaned_data)
        except DeskError as refused:
            refusal, status = str(refused.reason), 409
        else:
            return redirect("survey", pk=entry.pk)
    elif form.is_bound:
        status = 400
    is_kept = kept is not None and not form.is_bound
    context = {"entry": entry, "form": form, "kept": kept, "is_kept": is_kept, "refusal": refusal}
    context |= _may(entry, kept)
    return render(request, "survey/survey.html", context, status=status)


def _said(kept: SurveyAnswer | None) -> dict[str, object]:
    if kept is None:
        return {}
    return {"score": kept.score, "solved": kept.solved, "comment": kept.comment}


def _may(entry: QueueEntry, kept: SurveyAnswer | None) -> dict[str, object]:
    """Whether the form is shown: it is over, and a first answer not older than a day."""
    until = surveys.changes_until(kept) if kept else None
    is_open = until is None or timezone.now() <= until
    return {"is_over": surveys.is_over(entry), "is_open": is_open, "until": until}
