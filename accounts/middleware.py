"""Shows each page in the person's own language and time zone, and guests only what is theirs."""

import logging
import zoneinfo
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone, translation

from accounts.models import Role, User
from accounts.preferences import known_language

logger = logging.getLogger(__name__)


class GuestMiddleware:
    """Keeps whoever came by an invitation, or into a queue, in the one visit that it is for.

    Every page but those few sends a guest back to the visit; what changes something is refused.
    """

    OPEN = frozenset(
        {
            "call",
            "join",
            "guest",
            "talk",
            "talk_button",
            "talk_status",
            "contact",
            "contact_callback",
            "contact_write",
            "contact_leave",
            "contact_return",
            "survey",
            "choose_language",
            "choose_time_zone",
            "account_logout",
        }
    )

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponseBase | None:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return None
        user = request.user
        if not isinstance(user, User) or user.role != Role.GUEST:
            return None
        match = request.resolver_match
        if match is not None and match.url_name in self.OPEN:
            return None
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        return redirect("guest")


class PreferencesMiddleware:
    """Activates language and zone of whoever is signed in; stands after AuthenticationMiddleware.

    A visitor without an account keeps what LocaleMiddleware found, and UTC.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # Only a session can hold a person; a visitor's page then needs no query.
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return self.get_response(request)
        user = request.user
        if not isinstance(user, User):
            return self.get_response(request)
        if language := known_language(user.language):
            translation.activate(language)
            request.LANGUAGE_CODE = language
        try:
            timezone.activate(user.zone)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            logger.warning("unknown time zone in the profile of %s", user.pk)
        try:
            return self.get_response(request)
        finally:
            timezone.deactivate()
