"""Queues in words: whether they are open, how long it takes, and when they open again."""

from dataclasses import dataclass
from datetime import datetime
from math import ceil
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.preferences import zone_of
from calls.desk.estimate import Estimate
from calls.services.desk.fronts import Front

# Past this a number of minutes says no more than that it takes long.
LONG_MINUTES = 90


@dataclass(frozen=True)
class Shown:
    """A queue as a page shows it. `opens_at` is on the reader's clock if that `is_own`, else on the
    queue's, until the browser puts it right (static/js/ui/moments.js)."""

    front: Front
    name: str
    description: str
    address: str
    badge: str
    tone: str
    wait: str
    people: str
    opens_at: datetime | None
    opens: str
    zone_name: str
    is_own: bool


def shown(front: Front, zone: ZoneInfo | None) -> Shown:
    """`zone`: the reader's, or None if nobody knows it."""
    queue = front.queue
    opens_at = front.opening.opens_at
    local = opens_at and opens_at.astimezone(zone or zone_of(queue.time_zone))
    badge, tone = badge_words(front)
    return Shown(
        front=front,
        name=queue.name,
        description=queue.description,
        address=reverse("talk", args=[queue.slug]),
        badge=badge,
        tone=tone,
        wait=wait_words(front),
        people=people_words(front),
        opens_at=local,
        opens=day_words(local) if local else "",
        zone_name=_("your time") if zone else queue.time_zone.replace("_", " "),
        is_own=zone is not None,
    )


def zone_of_reader(request: HttpRequest) -> ZoneInfo | None:
    """The zone of whoever is signed in; a visitor's is known to the browser alone."""
    user = request.user
    return user.zone if isinstance(user, User) else None


def badge_words(front: Front) -> tuple[str, str]:
    """The state in a word, and the colour that repeats it."""
    if not front.opening.is_open:
        return _("Closed"), ""
    if front.is_full:
        return _("Full"), "warning"
    return (_("Open"), "success") if front.agents else (_("Open, nobody there"), "warning")


def wait_words(front: Front) -> str:
    """How long somebody would wait who came now; nothing where nothing is known."""
    if not front.opening.is_open:
        return ""
    if front.is_full:
        return _("More people wait than can be answered.")
    if not front.agents:
        return nobody_there_words(front)
    if front.free > front.ahead:
        at_once = _("Usually answered at once.")
        return at_once if front.ahead else _("No one waits: usually answered at once.")
    return estimate_words(front.estimate) if front.estimate else ""


def nobody_there_words(front: Front) -> str:
    """What is left to somebody who comes to a desk without agents."""
    if front.takes_callbacks and front.takes_messages:
        return _("Nobody is at the desk right now. You can wait, be called back, or write.")
    if front.takes_callbacks:
        return _("Nobody is at the desk right now. You can wait, or be called back.")
    if front.takes_messages:
        return _("Nobody is at the desk right now. You can wait, or write.")
    return _("Nobody is at the desk right now. You can wait.")


def estimate_words(estimate: Estimate) -> str:
    """In minutes, with what eight of ten people find."""
    least, middle, most = (
        int(estimate.least_secs // 60),
        max(1, round(estimate.middle_secs / 60)),
        max(1, ceil(estimate.most_secs / 60)),
    )
    if middle > LONG_MINUTES:
        return _("It may take longer than an hour and a half.")
    if most == 1:
        return _("Usually answered within a minute.")
    about = ngettext("About %(count)d minute", "About %(count)d minutes", middle) % {
        "count": middle
    }
    if least >= 1:
        span = {"about": about, "least": least, "most": most}
        return _("%(about)s, between %(least)d and %(most)d.") % span
    return _("%(about)s, seldom more than %(most)d.") % {"about": about, "most": most}


def people_words(front: Front) -> str:
    """How many agents are there, where any is."""
    if not front.opening.is_open or not front.agents:
        return ""
    words = ngettext("%(count)d person answers", "%(count)d people answer", front.agents)
    return words % {"count": front.agents}


def day_words(moment: datetime) -> str:
    """Day and time of what comes within two weeks, in the zone that the moment is in."""
    clock = date_format(moment, "H:i")
    days = (moment.date() - timezone.localdate(timezone=moment.tzinfo)).days
    if days == 0:
        return _("today %(time)s") % {"time": clock}
    if days == 1:
        return _("tomorrow %(time)s") % {"time": clock}
    day = date_format(moment, "l" if days < 7 else _("l, j F"))
    return _("%(day)s %(time)s") % {"day": day, "time": clock}
