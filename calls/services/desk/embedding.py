"""From which site somebody came: the button of a queue on the pages of others.

A browser says in `Origin` whose page asks, and a page cannot change that. So a site that is among
BUTTON_ORIGINS gets, with the state of the queue, a signed word that holds for two hours and for
this queue only; its button brings it along, and the place in line then names the site. `Referer`
would not do: the window is opened without one, and the site's own policy may withhold it. A
program without a browser can pose as an allowed site and pass the word on, which gains it nothing:
the name of a site is written down for the agent and the reports and opens no door.
"""

from django.conf import settings
from django.core import signing

from calls.models import Queue

LIFE_SECS = 2 * 3600


def is_allowed(origin: str) -> bool:
    """Whether pages of this origin, as the browser wrote it, may show the button."""
    return origin in settings.BUTTON_ORIGINS


def signed_origin(queue: Queue, origin: str) -> str:
    """The origin with its signature, for the address that the button opens."""
    return _signer(queue).sign(origin)


def origin_of(queue: Queue, signed: str) -> str:
    """The site that `signed` names; "" if it is forged, old, another queue's, or not allowed."""
    try:
        origin = _signer(queue).unsign(signed, max_age=LIFE_SECS)
    except signing.BadSignature:
        return ""
    return origin if is_allowed(origin) else ""


def _signer(queue: Queue) -> signing.TimestampSigner:
    return signing.TimestampSigner(salt=f"calls.button:{queue.pk.hex}")
