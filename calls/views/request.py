"""The request behind `login_required` and `signed_in_or_404`."""

from django.http import HttpRequest

from accounts.models import User


class SignedInRequest(HttpRequest):
    user: User  # nobody anonymous passes either of them
