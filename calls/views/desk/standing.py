"""How somebody in line stands, as the agent reads it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import User
from calls.models import QueueEntry
from calls.services.desk.standing import Stand, Standing, standings

TONES = {
    Stand.RINGS: "success",
    Stand.KEPT: "info",
    Stand.HANDED_ON: "info",
    Stand.AWAY: "warning",
    Stand.DECLINED: "warning",
    Stand.MISSED: "warning",
}


@dataclass(frozen=True)
class Badge:
    text: str
    tone: str
    is_live: bool


def badges(entries: Collection[QueueEntry], *, reader: User, now: datetime) -> dict[UUID, Badge]:
    return {
        pk: Badge(_words(one, reader), TONES.get(one.stand, ""), one.stand == Stand.RINGS)
        for pk, one in standings(entries, now).items()
    }


def _words(one: Standing, reader: User) -> str:
    name = one.agent.display_name if one.agent else ""
    if one.agent == reader:
        return {
            Stand.RINGS: _("Rings at your desk"),
            Stand.KEPT: _("Kept for you"),
            Stand.DECLINED: _("You declined"),
            Stand.MISSED: _("You did not answer"),
        }[one.stand]
    return {
        Stand.RINGS: _("Rings at %(name)s") % {"name": name} if name else _("Ringing"),
        Stand.KEPT: _("Kept for %(name)s") % {"name": name},
        Stand.HANDED_ON: _("Handed on"),
        Stand.AWAY: pgettext("in line", "Away"),
        Stand.ABSENT: _("In the device check"),
        Stand.DECLINED: _("%(name)s declined") % {"name": name},
        Stand.MISSED: _("%(name)s did not answer") % {"name": name},
        Stand.WAITS: pgettext("in line", "Waits"),
    }[one.stand]
