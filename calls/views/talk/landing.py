"""The first page, and the list of queues that it shares with the patient's home."""

from collections.abc import Sequence

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from calls.services.desk.fronts import Front, public_fronts
from calls.views.next_step import shown_step
from calls.views.talk.words import Shown, shown, zone_of_reader


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    return render(request, "landing.html", {"queues": shown_to(request, public_fronts())})


@require_safe
@never_cache
def queues(request: HttpRequest) -> HttpResponse:
    """Every public queue as it is now: a page of its own, or the part that others renew."""
    fronts = public_fronts()
    if "HX-Request" in request.headers:
        return render(request, "talk/list.html", {"queues": shown_to(request, fronts)})
    context = {
        "queues": shown_to(request, fronts),
        "next_step": shown_step(request, fronts=fronts),
    }
    return render(request, "talk/queues.html", context)


def shown_to(request: HttpRequest, fronts: Sequence[Front]) -> list[Shown]:
    zone = zone_of_reader(request)
    return [shown(front, zone) for front in fronts]
