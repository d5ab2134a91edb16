"""The first page, and the list of queues that it shares with the patient's home."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from calls.services.desk.fronts import public_fronts
from calls.views.talk.words import Shown, shown, zone_of_reader


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    return render(request, "landing.html", {"queues": queues_for(request)})


@require_safe
@never_cache
def queues(request: HttpRequest) -> HttpResponse:
    """Every public queue as it is now: a page of its own, or the part that others renew."""
    whole = "HX-Request" not in request.headers
    template = "talk/queues.html" if whole else "talk/list.html"
    return render(request, template, {"queues": queues_for(request)})


def queues_for(request: HttpRequest) -> list[Shown]:
    zone = zone_of_reader(request)
    return [shown(front, zone) for front in public_fronts()]
