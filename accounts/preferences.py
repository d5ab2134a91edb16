"""Languages and time zones that a person can choose."""

import zoneinfo
from functools import cache

from django.conf import settings

# What the database also lists, but nobody means: old names, offsets and single words.
REGIONS = (
    "Africa",
    "America",
    "Antarctica",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
)


def known_zone(name: str) -> str | None:
    """`name` if the IANA time zone database has it, else None."""
    return name if name in zoneinfo.available_timezones() else None


def known_language(code: str) -> str | None:
    """`code` if the interface has it, else None."""
    return code if code in dict(settings.LANGUAGES) else None


@cache
def zone_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Choices of a select, grouped by region: [("Europe", [("Europe/Zurich", "Zurich"), …]), …]."""
    groups: list[tuple[str, list[tuple[str, str]]]] = [("UTC", [("UTC", "UTC")])]
    names = sorted(zoneinfo.available_timezones())
    for region in REGIONS:
        inside = [name for name in names if name.startswith(f"{region}/")]
        places = [(name, name.partition("/")[2].replace("_", " ")) for name in inside]
        groups.append((region, places))
    return groups
