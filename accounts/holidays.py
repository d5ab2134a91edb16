"""Public holidays by place: a country of ISO 3166-1, or a part of it, such as "DE" or "DE-BE"."""

from datetime import date
from functools import cache

import holidays
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


def check_holiday_place(value: str) -> None:
    """Raise ValidationError unless `value` is empty or holidays of that place are known."""
    if value and value not in known_places():
        raise ValidationError(
            _("No public holidays of %(value)s are known. Write a place as DE or DE-BE."),
            params={"value": value},
        )


@cache
def known_places() -> frozenset[str]:
    """Every place whose holidays are known."""
    countries = holidays.list_supported_countries()
    parts = {f"{code}-{part}" for code, every in countries.items() for part in every}
    return frozenset(countries) | parts


@cache
def holidays_of(place: str, year: int) -> dict[date, str]:
    """The public holidays of one year, each with its name in the place's own language."""
    country, _dash, part = place.partition("-")
    found = holidays.country_holidays(country, subdiv=part or None)
    language = found.default_language
    return dict(
        holidays.country_holidays(country, subdiv=part or None, years=year, language=language)
    )
