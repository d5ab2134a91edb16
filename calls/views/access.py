"""Who may ask at all: addresses of one person's things show nothing to strangers."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.http import Http404, HttpRequest, HttpResponseBase

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def signed_in_or_404(view: View) -> View:
    """Answer anonymous requests with 404, as for a thing that does not exist.

    The page of that answer offers the sign-in, and comes back here afterwards.
    """

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            raise Http404
        return view(request, *args, **kwargs)

    return cast("View", checked)
