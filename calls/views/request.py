"""The request behind `login_required`."""

from django.http import HttpRequest

from accounts.models import User


class SignedInRequest(HttpRequest):
    user: User  # nobody anonymous passes login_required
