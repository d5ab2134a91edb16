"""Inviting a third person into a visit, and the way in for whoever holds the link."""

from uuid import UUID

from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Role, User
from accounts.posted import posted
from accounts.preferences import known_zone
from calls.forms.booking import InviteForm
from calls.models import Appointment, Invitation
from calls.permissions import (
    appointments_for,
    calls_for,
    contacts_for,
    get_or_404,
    invitations_for,
)
from calls.services import invitations
from calls.services.errors import CallError
from calls.services.notices import guest_mail
from calls.views.access import signed_in_or_404
from calls.views.request import SignedInRequest
from calls.views.talk.standing import way_to

BACKEND = "django.contrib.auth.backends.ModelBackend"


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_or_404
@never_cache
def invite(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Who was invited to the visit, and a form for one more; the new link is shown once."""
    user = request.user
    visit = get_or_404(appointments_for(user), pk, user=user, action="invitation.make")
    form = InviteForm(posted(request))
    address = ""
    if request.method == "POST" and form.is_valid():
        if refusal := too_often(request, "invitation_link"):
            return refusal
        try:
            made, token = invitations.invite(visit, by=user, **form.cleaned_data)
        except invitations.InvitedBefore:
            messages.info(
                request, _("This person is invited already. A new link replaces the old.")
            )
            return redirect("invite", pk=visit.pk)
        except invitations.TooMany:
            form.add_error(None, _("No more people can take part in this visit."))
        except CallError:
            form.add_error(None, _("This visit is over or was called off."))
        else:
            address = link(token)
            guest_mail.send(made, address)
            form = InviteForm()
    return _guest_list(request, visit, form, address)


@require_POST
@signed_in_or_404
def renew(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Another link for the same person, where the first was lost."""
    invitation = load(request, pk, action="invitation.renew")
    visit = appointments_for(request.user).filter(call=invitation.call_id)[:1].get()
    if refusal := too_often(request, "invitation_link"):
        return refusal
    try:
        address = link(invitations.renew(invitation, by=request.user))
    except CallError:
        messages.error(request, _("This link was withdrawn, or the visit is over."))
        return redirect("invite", pk=visit.pk)
    invitation.refresh_from_db()
    guest_mail.send(invitation, address)
    return _guest_list(request, visit, InviteForm(), address)


@require_POST
@signed_in_or_404
def revoke(request: SignedInRequest, pk: UUID) -> HttpResponse:
    invitation = load(request, pk, action="invitation.revoke")
    visit = appointments_for(request.user).filter(call=invitation.call_id)[:1].get()
    invitations.revoke(invitation, by=request.user)
    messages.success(request, _("The link does not work any more."))
    return redirect("invite", pk=visit.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Who invites, to what and when; by POST this browser becomes the guest."""
    invitation = invitations.found(token)
    if invitation is None:
        return render(request, "guests/dead_link.html", status=404)
    if invitation.guest_id and invitation.guest_id == request.user.pk:
        return redirect("call", pk=invitation.call_id)
    if request.method == "POST":
        zone = known_zone(request.POST.get("time_zone", "")) or "UTC"
        if refusal := too_often(request, "invitation_opened", key=str(invitation.pk)):
            return refusal
        try:
            guest_user = invitations.come_in(invitation, time_zone=zone)
        except CallError:
            return render(request, "guests/join.html", {"invitation": invitation, "is_over": True})
        login(request, guest_user, backend=BACKEND)
        # It may have been moved to another call meanwhile.
        invitation.refresh_from_db()
        return redirect("call", pk=invitation.call_id)
    is_over = invitation.call.ended_at is not None
    return render(request, "guests/join.html", {"invitation": invitation, "is_over": is_over})


@require_GET
@login_required
@never_cache
def guest(request: SignedInRequest) -> HttpResponse:
    """A guest's home is the visit, or what they came into a queue for; everybody else's is
    elsewhere."""
    if request.user.role != Role.GUEST:
        return redirect("home")
    if entry := contacts_for(request.user).order_by("-arrived_at").first():
        return redirect(way_to(entry))
    visit = calls_for(request.user).first()
    if visit is None:
        return render(request, "guests/gone.html")
    return redirect("call", pk=visit.pk)


def too_often(request: HttpRequest, action: str, *, key: str = "") -> HttpResponse | None:
    """The page of status 429 when `action` was asked for too often (ACCOUNT_RATE_LIMITS)."""
    refusal: HttpResponse | None = ratelimit.consume_or_429(request, action=action, key=key)
    return refusal


def link(token: str) -> str:
    return f"{settings.PUBLIC_URL}{reverse('join', args=[token])}"


def load(request: SignedInRequest, pk: UUID, *, action: str) -> Invitation:
    user: User = request.user
    return get_or_404(invitations_for(user), pk, user=user, action=action)


def _guest_list(
    request: SignedInRequest, visit: Appointment, form: InviteForm, address: str
) -> HttpResponse:
    standing = invitations_for(request.user).filter(
        call__appointments=visit, revoked_at__isnull=True
    )
    context = {"appointment": visit, "invitations": standing, "form": form, "address": address}
    status = 400 if form.errors else 200
    return render(request, "guests/invite.html", context, status=status)
