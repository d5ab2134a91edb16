"""What every page may say of the house."""

from django.conf import settings
from django.http import HttpRequest


def house(request: HttpRequest) -> dict[str, str]:
    """`house_phone`: the number that people may call, as it is written; "" for none."""
    return {"house_phone": settings.HOUSE_PHONE}
