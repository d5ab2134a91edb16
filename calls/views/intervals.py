"""How often something happens, and when it did last, in words."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

MONTH_DAYS = 365.25 / 12
# Shorter ones are said in days, longer ones in months.
LEAST_WEEKS_DAYS = 12
LEAST_MONTHS_DAYS = 85


def every(days: int) -> str:
    if days < LEAST_WEEKS_DAYS:
        return ngettext("every %(count)d day", "every %(count)d days", days) % {"count": days}
    if days < LEAST_MONTHS_DAYS:
        weeks = round(days / 7)
        return ngettext("every %(count)d week", "every %(count)d weeks", weeks) % {"count": weeks}
    months = round(days / MONTH_DAYS)
    return ngettext("every %(count)d month", "every %(count)d months", months) % {"count": months}


def day(moment: datetime, zone: ZoneInfo) -> str:
    """The date on the reader's calendar."""
    return date_format(moment.astimezone(zone), _("j F Y"))
