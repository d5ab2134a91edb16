"""What people may change about themselves."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_POST

from accounts.forms import ProfileForm, TimeZoneForm
from accounts.models import User
from accounts.posted import posted
from accounts.preferences import known_language


def back(request: HttpRequest) -> HttpResponseRedirect:
    """A redirect to the page that the form was on, never to another site."""
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return HttpResponseRedirect(target if safe else "/")


def person(request: HttpRequest) -> User:
    """Who is signed in, read anew, so that a refused form does not change what the page shows."""
    return User.objects.get(email=request.user.get_username())


@login_required
def profile(request: HttpRequest) -> HttpResponse:
    form = ProfileForm(posted(request), instance=person(request))
    if request.method == "POST" and form.is_valid():
        saved = form.save()
        with override(saved.language):
            messages.success(request, _("Your profile is saved."))
        response = redirect("profile")
        remember_language(response, saved.language)
        return response
    return render(request, "account/profile.html", {"form": form})


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Remember the language in the browser and, for a person signed in, in the profile."""
    response = back(request)
    code = known_language(request.POST.get("language", ""))
    if code:
        remember_language(response, code)
        User.objects.filter(email=request.user.get_username()).update(language=code)
    return response


@require_POST
@login_required
def choose_time_zone(request: HttpRequest) -> HttpResponse:
    form = TimeZoneForm(request.POST, instance=person(request))
    if form.is_valid():
        form.save()
        messages.success(request, _("Times are now shown in your new time zone."))
    else:
        messages.error(request, _("That is not a time zone. Choose one in your profile."))
    return back(request)


def remember_language(response: HttpResponse, code: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=365 * 24 * 3600,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )
