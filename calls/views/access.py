"""Who may ask at all: addresses of one person's things show nothing to strangers."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import Http404, HttpRequest, HttpResponseBase

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def signed_in_or_404(view: View[P]) -> View[P]:
    """Answer anonymous requests with 404, as for a thing that does not exist.

    The page of that answer offers the sign-in, and comes back here afterwards.
    """

    @wraps(view)
    def checked(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            raise Http404
        return view(request, *args, **kwargs)

    return checked
