"""Who stands before the administration and may not come in is written down."""

from urllib.parse import quote

from django.contrib.admin import AdminSite
from django.http import HttpRequest

from audit.log import record


def audit_refused(site: AdminSite) -> None:
    """Audit each page that somebody who is signed in, and is no administrator, asks for."""
    may = site.has_permission

    def has_permission(request: HttpRequest) -> bool:
        allowed = may(request)
        # The sign-in of the administration asks again for where it leads to.
        if not allowed and request.user.is_authenticated and not _is_login(request):
            _record(request)
        return allowed

    site.has_permission = has_permission  # type: ignore[method-assign]


def _is_login(request: HttpRequest) -> bool:
    return request.path.endswith("/login/")


def _record(request: HttpRequest) -> None:
    path = quote(request.path)  # PostgreSQL stores no NUL, which a path may hold
    record(
        "admin.open",
        actor=request.user.pk,
        target_type="page",
        target=path[:64],
        allowed=False,
        path=path[:300],
    )
