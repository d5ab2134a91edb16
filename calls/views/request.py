"""The request behind `login_required` and `signed_in_or_404`."""

from django.http import HttpRequest, QueryDict

from accounts.models import User


class SignedInRequest(HttpRequest):
    user: User  # nobody anonymous passes either of them


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: also a POST that carries nothing, which is falsy."""
    return request.POST if request.method == "POST" else None
