"""Languages and time zones that a person can choose."""

import logging
import zoneinfo
from functools import cache

from django.conf import settings

logger = logging.getLogger(__name__)

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


# In the database too, and nobody's: the server's own zone, and the one of a machine not set up.
NOBODYS = frozenset({"Factory", "localtime"})


def known_zone(name: str) -> str | None:
    """`name` if the IANA time zone database has it and people live by it, else None."""
    return name if name in zoneinfo.available_timezones() - NOBODYS else None


def zone_of(name: str) -> zoneinfo.ZoneInfo:
    """The zone; UTC, which pages then say, where the database has it no more."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        logger.error("the time zone database has no %r", name)
        return zoneinfo.ZoneInfo("UTC")


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
