"""The Content-Security-Policy: the strict one of the portal, the looser one of administration."""

from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.deprecation import MiddlewareMixin

PORTAL_POLICY = {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF],
    "img-src": [SELF, "data:"],
    "font-src": [SELF],
    "media-src": [SELF, "blob:"],
    "connect-src": [SELF],
    "manifest-src": [SELF],
    "form-action": [SELF],
    "base-uri": [NONE],
    "frame-ancestors": [NONE],
}

# django-unfold's pages evaluate Alpine expressions and carry style attributes and one style
# element. Scripts still come from this host only and never from the page itself.
LOOSER = {"script-src": [UNSAFE_EVAL], "style-src": [UNSAFE_INLINE]}


class AdminPolicyMiddleware(MiddlewareMixin):
    """Stands after CSPMiddleware, which writes the header from what this one leaves it."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        html = response.get("Content-Type", "").startswith("text/html")
        if html and request.path.startswith(reverse("admin:index")):
            response._csp_update = LOOSER  # type: ignore[attr-defined]  # django-csp's own name
        return response
