"""The desk is for agents, and for the supervisors who lead them."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseBase
from django.views.decorators.cache import never_cache

from calls.views.request import SignedInRequest

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def agents_only(view: View) -> View:
    """Sign in first; 403 for everybody who is no agent. Never kept by a cache."""

    @wraps(view)
    def checked(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_agent:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return cast("View", never_cache(login_required(checked)))
