"""`/contacts/return/<token>/`: back to the call from a mail, in whatever browser it is opened."""

from django.contrib.auth import login
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import Role
from calls.services.desk import returning
from calls.views.guests import BACKEND, too_often


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def come_back(request: HttpRequest, token: str) -> HttpResponse:
    """A guest is signed in by POST; who has an account signs in as ever."""
    back = returning.found(token)
    if back is None:
        raise Http404
    call = reverse("call", args=[back.entry.call_id])
    if request.user.pk == back.entry.person_id:
        return redirect(call)
    if back.entry.person.role != Role.GUEST:
        if request.user.is_authenticated:
            raise Http404
        return redirect_to_login(call)
    if not back.holds:
        return render(request, "contacts/return.html", {"back": back}, status=410)
    if request.method != "POST":
        return render(request, "contacts/return.html", {"back": back})
    if refusal := too_often(request, "invitation_opened", key=str(back.entry.pk)):
        return refusal
    login(request, back.entry.person, backend=BACKEND)
    return redirect(call)
