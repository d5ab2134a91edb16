"""The link by which somebody who is called back comes to their call, in whatever browser.

It is signed, good for two hours and bound to the contact; and it carries when its person signed in
last, which its own use changes: so it lets one browser in. Another one needs another mail.
"""

from dataclasses import dataclass
from uuid import UUID

from django.core import signing

from accounts.models import User
from calls.desk.states import OPEN_ENTRIES
from calls.models import QueueEntry

SALT = "calls.return"
LIFE_SECS = 2 * 3600


@dataclass(frozen=True, slots=True)
class WayBack:
    """`holds`: in time, not used before, and the contact still open."""

    entry: QueueEntry
    holds: bool


def return_token(entry: QueueEntry) -> str:
    """What the link ends with."""
    return signing.dumps([entry.pk.hex, _last_seen(entry.person)], salt=SALT)


def found(token: str) -> WayBack | None:
    """Where the token leads, or None if nobody has signed it."""
    try:
        entry_id, seen = signing.loads(token, salt=SALT)
        rows = QueueEntry.objects.select_related("queue", "person", "agent")
        entry = rows.filter(pk=UUID(hex=entry_id)).first()
    except (signing.BadSignature, ValueError):
        return None
    if entry is None:
        return None
    is_open = entry.state in OPEN_ENTRIES and entry.person.is_active
    return WayBack(entry, is_open and _is_in_time(token) and seen == _last_seen(entry.person))


def _is_in_time(token: str) -> bool:
    try:
        signing.loads(token, salt=SALT, max_age=LIFE_SECS)
    except signing.SignatureExpired:
        return False
    return True


def _last_seen(person: User) -> str:
    return person.last_login.isoformat() if person.last_login else ""
