"""The children and relatives for whom a patient books."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.forms import DependantForm
from accounts.models import Dependant, Role
from accounts.posted import posted
from audit.log import record
from calls.permissions import get_or_404
from calls.views.access import signed_in_or_404
from calls.views.request import SignedInRequest

MOST_PEOPLE = 12


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def people(request: SignedInRequest) -> HttpResponse:
    """Everybody in the patient's care, and a form to add somebody."""
    user = request.user
    if user.role != Role.PATIENT:
        raise PermissionDenied
    mine = Dependant.objects.filter(keeper=user)
    form = DependantForm(posted(request))
    if request.method == "POST" and mine.count() >= MOST_PEOPLE:
        form.add_error(None, _("You cannot add more people here. Please call us."))
    if request.method == "POST" and form.is_valid():
        form.instance.keeper = user
        added = form.save()
        record("dependant.add", actor=user.pk, target_type="dependant", target=added.pk)
        messages.success(
            request, _("You can now book for %(name)s.") % {"name": added.display_name}
        )
        return redirect("people")
    status = 400 if form.errors else 200
    context = {"people": mine.order_by("-is_active", "display_name"), "form": form}
    return render(request, "booking/people.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_or_404
@never_cache
def person(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Change what is known about somebody, or book for them no more."""
    mine = Dependant.objects.filter(keeper=request.user)
    found = get_or_404(mine, pk, user=request.user, action="dependant.change")
    form = DependantForm(posted(request), instance=found)
    if request.method == "POST" and form.is_valid():
        form.instance.is_active = "remove" not in request.POST
        form.save()
        record("dependant.change", actor=request.user.pk, target_type="dependant", target=pk)
        messages.success(request, _("Saved."))
        return redirect("people")
    status = 400 if form.errors else 200
    return render(
        request, "booking/person_form.html", {"form": form, "person": found}, status=status
    )
