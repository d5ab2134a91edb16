"""How django-allauth behaves here."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context, ratelimit
from allauth.core.exceptions import ImmediateHttpResponse
from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import HttpRequest

from accounts.models import Role, User
from accounts.preferences import known_language, known_zone


class AccountAdapter(DefaultAccountAdapter):
    """Anyone may sign up, as a patient; guessing is answered with 429."""

    def save_user(
        self, request: HttpRequest, user: User, form: BaseForm, commit: bool = True
    ) -> User:
        """Fill in what the sign-up form knows; whatever it was sent, the role is patient."""
        user.role = Role.PATIENT
        user.display_name = form.cleaned_data.get("display_name", "")
        user.time_zone = known_zone(form.cleaned_data.get("time_zone", "")) or "UTC"
        user.language = known_language(getattr(request, "LANGUAGE_CODE", "")) or "en"
        saved: User = super().save_user(request, user, form, commit)
        return saved

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Account and address: a count by account alone would let a stranger lock the owner out."""
        key: str = super()._get_login_attempts_cache_key(request, **credentials)
        return f"{key}:{self.get_client_ip(request)}"

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        """The error of `code`; too many attempts end the request with the 429 page instead."""
        if code == "too_many_login_attempts":
            raise ImmediateHttpResponse(ratelimit.respond_429(context.request))
        error: ValidationError = super().validation_error(code, *args)
        return error
