"""What follows for the desk when somebody signs in."""

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User
from calls.services.desk import agents


@receiver(user_logged_in)
def begin_offline(sender: object, request: HttpRequest, user: User, **kwargs: Any) -> None:
    agents.sign_in(user)
