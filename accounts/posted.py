"""What a form is bound to."""

from django.http import HttpRequest, QueryDict


def posted(request: HttpRequest) -> QueryDict | None:
    """The POST, also one that carries nothing, which is falsy; None for reading."""
    return request.POST if request.method == "POST" else None
