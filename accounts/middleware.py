"""Shows each page in the person's own language and time zone."""

import logging
import zoneinfo
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone, translation

from accounts.models import User
from accounts.preferences import known_language

logger = logging.getLogger(__name__)


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
