"""The join token of a call page: opens one socket within a minute, without a session look-up.

It names the leg that its socket will make, so a second use collides with the first and is refused
without any further store. It holds good only together with the cookie of the session that the page
was made for, of which it carries a digest.
"""

import hashlib
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.core import signing
from django.utils.crypto import constant_time_compare

SALT = "calls.join"
LIFE_SECS = 60


@dataclass(frozen=True, slots=True)
class Claim:
    """Who holds a token, and what for."""

    user_id: UUID
    account_role: str
    call_id: UUID
    participant_id: UUID
    participant_role: str
    leg_id: UUID


def join_token(
    *,
    user_id: UUID,
    account_role: str,
    session_key: str,
    call_id: UUID,
    participant_id: UUID,
    participant_role: str,
) -> str:
    """A token for one socket of this person, from this session, in this call."""
    ids = (user_id, call_id, participant_id, uuid4())
    words = [_digest(session_key), account_role, participant_role, *(one.hex for one in ids)]
    return signing.dumps(words, salt=SALT)


def claim(token: str, *, session_key: str, call_id: UUID) -> Claim | None:
    """What `token` says, or None if it is forged, older than a minute, or another session's or
    call's."""
    try:
        words = signing.loads(token, salt=SALT, max_age=LIFE_SECS)
    except signing.BadSignature:
        return None
    session, account_role, participant_role, *ids = words
    user_id, its_call, participant_id, leg_id = (UUID(hex=one) for one in ids)
    if its_call != call_id or not constant_time_compare(session, _digest(session_key)):
        return None
    return Claim(user_id, account_role, its_call, participant_id, participant_role, leg_id)


def _digest(session_key: str) -> str:
    return hashlib.sha256(session_key.encode()).hexdigest()[:32]
