"""Template tags of the interface: icons, initials, times with their zone, navigation."""

import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import template
from django.core.paginator import Page
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.models import Role

register = template.Library()

AVATAR_TONES = 6
EVERYONE = frozenset(Role.values) - {Role.GUEST.value}
STAFF = frozenset({Role.AGENT, Role.SUPERVISOR})
# Address name, words, icon, who sees it. A name that no urls.py knows hides its link.
NAVIGATION = (
    ("home", _("Home"), "home", EVERYONE),
    ("book", _("Book a visit"), "calendar-add", frozenset({Role.PATIENT})),
    ("book_for_whom", _("Book for a patient"), "calendar-add", STAFF | {Role.ADMINISTRATOR}),
    ("day", _("The day"), "calendar", STAFF | {Role.ADMINISTRATOR}),
    ("hours", _("Hours"), "clock", STAFF | {Role.ADMINISTRATOR}),
    ("notices", _("Messages"), "mail", EVERYONE),
    ("desk", _("Desk"), "desk", STAFF),
    ("wallboard", _("Wallboard"), "screen", frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})),
    ("recordings", _("Recordings"), "play", EVERYONE),
    ("admin:index", _("Administration"), "settings", frozenset({Role.ADMINISTRATOR})),
)


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """An icon of static/img/icons.svg, hidden from screen readers: words stand beside it."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        extra,
        static("img/icons.svg"),
        name,
    )


@register.filter
def initials(name: str) -> str:
    """One or two capitals for an avatar: "Dr. Ada Lovelace" gives "AL", "王小明" gives "王"."""
    words = [word for word in str(name).split() if not word.endswith(".")] or str(name).split()
    words = [word for word in words if word[0].isalnum()]
    if not words:
        return "?"
    if not words[0][0].isascii():
        return words[0][0]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


@register.filter
def avatar_tone(name: str) -> int:
    """One of the avatar grounds (1–6), always the same for the same name."""
    return zlib.crc32(str(name).encode()) % AVATAR_TONES + 1


@register.filter
def zone_name(moment: datetime) -> str:
    """The zone that `moment` is shown in, in short: "CET", or "UTC+05:30" without letters."""
    short = timezone.localtime(moment).strftime("%Z")
    if short[:1].isalpha():
        return short
    offset = timezone.localtime(moment).strftime("%z")
    return f"UTC{offset[:3]}:{offset[3:]}"


@register.filter
def zone_label(name: str) -> str:
    """An IANA zone for reading: "America/New_York" gives "America/New York"."""
    return str(name).replace("_", " ")


@register.filter
def is_today(moment: datetime) -> bool:
    return timezone.localdate(moment) == timezone.localdate()


@register.inclusion_tag("components/navigation.html", takes_context=True)
def site_navigation(context: Mapping[str, Any], link_class: str) -> dict[str, object]:
    """The links that the signed-in person's role has, the present one marked."""
    request: HttpRequest | None = context.get("request")
    user = context.get("user")
    role = getattr(user, "role", None)
    here = request.path if request else ""
    links: list[dict[str, Any]] = []
    for name, words, picture, roles in NAVIGATION:
        if role not in roles and not getattr(user, "is_superuser", False):
            continue
        try:
            address = reverse(name)
        except NoReverseMatch:
            continue
        links.append(
            {
                "address": address,
                "words": words,
                "icon": picture,
                "current": "page" if here == address else "",
                "inside": here != address and here.startswith(address),
            }
        )
    _keep_nearest(links)
    return {"links": links, "link_class": link_class}


def _keep_nearest(links: list[dict[str, Any]]) -> None:
    """The page is inside of one link at most: the one that says most of its address."""
    around = [link for link in links if link["inside"] or link["current"]]
    nearest = max(around, key=lambda link: len(link["address"]), default=None)
    for link in around:
        link["inside"] = link["inside"] and link is nearest


@register.simple_tag
def page_numbers(page: "Page[Any]") -> list[int | str]:
    """The numbers of a pagination, with an ellipsis where some are left out."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1))


@register.simple_tag(takes_context=True)
def query(context: Mapping[str, Any], **changes: object) -> str:
    """The query string of this page with some values changed; None removes one."""
    values = context["request"].GET.copy()
    for name, value in changes.items():
        values.pop(name, None)
        if value is not None:
            values[name] = str(value)
    return f"?{values.urlencode()}" if values else ""
