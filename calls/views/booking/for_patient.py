"""Staff choose the patient they book for."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.models import Role
from calls.forms.booking import PatientQuery
from calls.permissions import get_or_404, patients_for
from calls.views.request import SignedInRequest

PATIENTS_ON_A_PAGE = 20
# What may come along from a visit to its follow-up.
CARRIED = ("follow_up_of",)


@require_GET
@login_required
@never_cache
def book_for(request: SignedInRequest) -> HttpResponse:
    """The patients by name or e-mail address; staff only."""
    if request.user.role in (Role.PATIENT, Role.GUEST):
        raise PermissionDenied
    form = PatientQuery(request.GET)
    form.is_valid()
    words: str = form.cleaned_data.get("q", "")
    patients = patients_for(request.user).order_by("display_name", "email")
    for word in words.split():
        patients = patients.filter(
            Q(display_name__icontains=word)
            | Q(email__icontains=word)
            | Q(dependants__display_name__icontains=word)
        )
    page = Paginator(patients.distinct(), PATIENTS_ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "booking/patients.html", {"page": page, "words": words})


@require_GET
@login_required
@never_cache
def book_for_patient(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """On to the first step that is still open, for this patient."""
    patient = get_or_404(patients_for(request.user), pk, user=request.user, action="user.book_for")
    carried = {name: request.GET[name] for name in CARRIED if request.GET.get(name)}
    values = {"for": str(patient.pk)} | carried
    service, agent = (_id(request.GET.get(name, "")) for name in ("service", "agent"))
    if service is None:
        return redirect(f"{reverse('book')}?{urlencode(values)}")
    if agent is None:
        return redirect(f"{reverse('book_person', args=[service])}?{urlencode(values)}")
    values["agent"] = str(agent)
    return redirect(f"{reverse('book_time', args=[service])}?{urlencode(values)}")


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
