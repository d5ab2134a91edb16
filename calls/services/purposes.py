"""What somebody says they open a recording for: asked of those who were not in the visit."""

from collections.abc import MutableMapping
from typing import Any
from uuid import UUID

from accounts.models import User
from calls.models import Recording

MOST_CHARACTERS = 200
_KEPT = "recording_purposes"
# The oldest goes when a session has listened to more.
_MOST_KEPT = 50

Session = MutableMapping[str, Any]


class PurposeNeeded(Exception):
    """Who was not in the visit says first what they need the recording for."""


def is_outsider(user: User, recording: Recording) -> bool:
    """Whether the person was not in the visit, and so has to name a purpose."""
    return not recording.call.participants.filter(user=user).exists()


def cleaned(text: str) -> str:
    """One line of at most MOST_CHARACTERS; "" for nothing that could be read."""
    shown = "".join(each for each in text if each.isprintable() or each.isspace())
    return " ".join(shown.split())[:MOST_CHARACTERS]


def given(session: Session, recording: UUID) -> str:
    """What was said in this session, "" for nothing yet."""
    return str(session.get(_KEPT, {}).get(str(recording), ""))


def keep(session: Session, recording: UUID, purpose: str) -> None:
    """Remember it for this session."""
    kept = dict(session.get(_KEPT, {}))
    kept.pop(str(recording), None)
    kept[str(recording)] = purpose
    session[_KEPT] = dict(list(kept.items())[-_MOST_KEPT:])


def required(user: User, recording: Recording, text: str) -> str:
    """The purpose as it is audited. Raises PurposeNeeded."""
    purpose = cleaned(text)
    if not purpose and is_outsider(user, recording):
        raise PurposeNeeded
    return purpose
