"""Who books for whom, and what about: read from the address of every step.

Patients book for themselves and those in their care; staff for a patient (`for`), as a follow-up
of a visit (`follow_up_of`); both move a visit that is booked (`move`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.models import Role, User
from calls.models import Appointment
from calls.permissions import (
    appointments_for,
    appointments_to_change_for,
    get_or_404,
    patients_for,
)
from calls.services.scheduling.booking import NOTHING_MORE, Details
from calls.views.request import SignedInRequest


@dataclass(frozen=True)
class Errand:
    """`patient` is who will be in the visit; `by` is who books."""

    by: User
    patient: User
    moving: Appointment | None = None
    follow_up_of: Appointment | None = None

    @property
    def by_staff(self) -> bool:
        return self.by.pk != self.patient.pk

    @property
    def details(self) -> Details:
        """What a booking of this errand carries beside service, person and time."""
        if not self.by_staff:
            return NOTHING_MORE
        return Details(by=self.by, follow_up_of=self.follow_up_of)

    @property
    def values(self) -> dict[str, str]:
        """What every address of it carries on."""
        if self.moving:
            return {"move": str(self.moving.pk)}
        values = {"for": str(self.patient.pk)} if self.by_staff else {}
        return values | ({"follow_up_of": str(self.follow_up_of.pk)} if self.follow_up_of else {})

    def page_of(self, appointment: Appointment) -> str:
        """Where whoever books finds what is booked: who is not in the visit, without what is said
        in it, and who has just given it to a colleague, nowhere."""
        if appointments_for(self.by).filter(pk=appointment.pk).exists():
            return reverse("appointment", args=[appointment.pk])
        if appointments_to_change_for(self.by).filter(pk=appointment.pk).exists():
            return reverse("arranged", args=[appointment.pk])
        return reverse("home")

    @property
    def query(self) -> str:
        """The values as the beginning of a query string, to which more may be added."""
        return f"?{urlencode(self.values)}&" if self.values else "?"


class NotOfferedAnyMore(Exception):
    """The service was switched off between two steps."""


Step = Callable[..., HttpResponse]


def on_errand(view: Step) -> Step:
    """Sign-in first; then the view gets its Errand. 403 for guests; staff without a patient are
    sent to choose one, everybody to the first step where the service is offered no more."""

    @never_cache
    @login_required
    @wraps(view)
    def read(request: SignedInRequest, **place: UUID) -> HttpResponse:
        user = request.user
        if user.role == Role.GUEST:
            raise PermissionDenied
        errand = _errand(request)
        if errand is None and request.method == "POST":
            raise PermissionDenied
        if errand is None:
            return redirect("book_for_whom")
        try:
            return view(request, errand, **place)
        except NotOfferedAnyMore:
            messages.warning(request, _("This is not offered any more. Please choose again."))
            return redirect(f"{reverse('book')}{errand.query}")

    return read


def _errand(request: SignedInRequest) -> Errand | None:
    """What the address says; None for staff who named nobody. Raises Http404 for what is not
    theirs."""
    user = request.user
    sent = request.GET
    if pk := _id(sent.get("move")):
        moving = get_or_404(
            appointments_to_change_for(user), pk, user=user, action="appointment.move"
        )
        return Errand(by=user, patient=moving.patient, moving=moving)
    if user.role == Role.PATIENT:
        return Errand(by=user, patient=user)
    pk = _id(sent.get("for"))
    if pk is None:
        return None
    patient = get_or_404(patients_for(user), pk, user=user, action="user.book_for")
    follow_up_of = None
    if before := _id(sent.get("follow_up_of")):
        mine = appointments_to_change_for(user).filter(patient=patient)
        follow_up_of = get_or_404(mine, before, user=user, action="appointment.follow_up")
    return Errand(by=user, patient=patient, follow_up_of=follow_up_of)


def _id(text: str | None) -> UUID | None:
    """An id of an address; None if there is none. Raises Http404 for what is no id."""
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError as error:
        raise Http404 from error
