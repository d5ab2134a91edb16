"""What django-axes counts failed sign-ins by."""

from typing import Any

from django.http import HttpRequest


def account_name(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """The account that somebody tries to open, in lower case; "" when the attempt names none.

    allauth passes the address as `email`, Django's own backends as `username`.
    """
    given = credentials or {}
    name = given.get("email") or given.get("username") or request.POST.get("login", "")
    return str(name).strip().lower()[:254]
