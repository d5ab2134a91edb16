"""Figures of the desk in words: how long, how many of a hundred, or a dash for none."""

from django import template
from django.utils.translation import gettext as _

from calls.templatetags.playback import clock

register = template.Library()
NONE = "–"


@register.filter
def lasting(secs: float | None) -> str:
    """Seconds for who looks in passing: "0:35" up to two minutes, then "4 min", "1 h 5 min"."""
    if secs is None:
        return NONE
    if secs < 120:
        return clock(secs)
    hours, minutes = divmod(int(secs) // 60, 60)
    if not hours:
        return _("%(minutes)d min") % {"minutes": minutes}
    return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}


@register.filter
def duration(secs: float | None) -> str:
    """Seconds as on a clock, or a dash for none."""
    return NONE if secs is None else clock(round(secs))


@register.filter
def percent(share: float | None) -> str:
    """A share from 0 to 1, rounded to whole percent; a dash for none."""
    return NONE if share is None else f"{100 * share:.0f} %"


@register.filter
def decimal(number: float | None) -> str:
    """A number with one decimal; a dash for none."""
    return NONE if number is None else f"{number:.1f}"
