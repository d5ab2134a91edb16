"""What django-axes counts failed sign-ins by."""

from typing import Any

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """The address of the browser, behind as many proxies as TRUSTED_PROXIES says.

    None for a request that did not come over the network.
    """
    try:
        return str(get_adapter(request).get_client_ip(request))
    except PermissionDenied:
        return None


def account_name(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """The account that somebody tries to open, in lower case; "" when the attempt names none.

    allauth passes the address as `email`, Django's own backends as `username`.
    """
    given = credentials or {}
    name = given.get("email") or given.get("username") or request.POST.get("login", "")
    return str(name).strip().lower()[:254]
