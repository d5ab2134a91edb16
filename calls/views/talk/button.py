"""The button of a queue on the pages of other sites: its script, and the state that it shows."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import condition, require_safe

from accounts.preferences import known_zone
from calls.models import Queue
from calls.services.desk.embedding import is_allowed, signed_origin
from calls.services.desk.fronts import Front, front_of
from calls.views.talk.words import Shown, shown

SCRIPT_SECS = 3600
STATE_SECS = 30


@cache
def script_source() -> bytes:
    return Path(str(finders.find("js/embed/button.js"))).read_bytes()


def script_tag(request: HttpRequest) -> str:
    return f'"{hashlib.sha256(script_source()).hexdigest()[:32]}"'


@require_safe
@condition(etag_func=script_tag)
def script(request: HttpRequest) -> HttpResponse:
    """At an address that never changes, for any page; it is the same for everybody."""
    response = HttpResponse(script_source(), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = f"public, max-age={SCRIPT_SECS}"
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@require_safe
def status(request: HttpRequest, slug: str) -> HttpResponse:
    """The queue's state for a page of an allowed site; nothing at all for any other.

    Whether there is such a queue is told to allowed sites alone.
    """
    origin = request.headers.get("Origin", "")
    if not is_allowed(origin):
        response = JsonResponse({"detail": "This site may not show the button."}, status=403)
    elif queue := Queue.objects.filter(slug=slug).prefetch_related("hours", "days").first():
        response = JsonResponse(state_of(request, queue, origin))
        response["Access-Control-Allow-Origin"] = origin
        response["Cache-Control"] = f"private, max-age={STATE_SECS}"
    else:
        response = JsonResponse({"detail": "There is no such queue."}, status=404)
        response["Access-Control-Allow-Origin"] = origin
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    patch_vary_headers(response, ("Origin",))
    return response


def state_of(request: HttpRequest, queue: Queue, origin: str) -> dict[str, Any]:
    """What the button shows, in the language of its page and on the clock of its reader."""
    front = front_of(queue)
    zone = known_zone(request.GET.get("zone", ""))
    with translation.override(language_of(request)):
        seen = shown(front, ZoneInfo(zone) if zone else None)
        query = urlencode({"from": signed_origin(queue, origin)})
        address = f"{settings.PUBLIC_URL}{reverse('talk', args=[queue.slug])}?{query}"
        takes_any = front.takes_people or front.takes_callbacks or front.takes_messages
        return {
            "open": front.takes_people,
            "label": label_for(front),
            "state": state_words(seen),
            "hint": _("(opens in a new window)"),
            "language": translation.get_language(),
            "address": address if takes_any else "",
        }


def language_of(request: HttpRequest) -> str:
    """The interface's language that is nearest to what the page asks for, else the browser's."""
    try:
        return translation.get_supported_language_variant(request.GET.get("language", "")[:35])
    except LookupError:
        return translation.get_language_from_request(request)


def label_for(front: Front) -> str:
    if front.takes_people:
        return _("Talk to someone now")
    if front.takes_messages:
        return _("Write to us")
    return _("Call me back") if front.takes_callbacks else front.queue.name


def state_words(seen: Shown) -> str:
    """Open and how long it takes, or closed and until when."""
    if seen.wait:
        return seen.wait
    if seen.opens:
        return _("%(state)s. Opens %(when)s (%(zone)s)") % {
            "state": seen.badge,
            "when": seen.opens,
            "zone": seen.zone_name,
        }
    return seen.badge
