"""Links to the files of a recording: good for one session, one file and a few hours."""

import time
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.http import QueryDict

LIFE_SECS = 4 * 3600
_signer = Signer(salt="parlour.recording.media")


class BadLink(Exception):
    """The link was altered, has expired, or belongs to another session."""


def sign(artifact: UUID, *, session_key: str | None) -> str:
    """The query string that opens `artifact` in this session: `until=…&proof=…`."""
    until = int(time.time()) + LIFE_SECS
    query = QueryDict(mutable=True)
    query["until"] = str(until)
    query["proof"] = _signer.signature(_named(artifact, session_key, str(until)))
    return query.urlencode()


def check(artifact: UUID, *, session_key: str | None, until: str, proof: str) -> None:
    """Raise BadLink unless sign() made the two values for this session and they are still good."""
    if not session_key or not until.isascii() or not until.isdigit() or int(until) < time.time():
        raise BadLink
    try:
        # Not signature(): this one also knows the fallback keys.
        _signer.unsign(f"{_named(artifact, session_key, until)}{_signer.sep}{proof}")
    except BadSignature as fault:
        raise BadLink from fault


def _named(artifact: UUID, session_key: str | None, until: str) -> str:
    return f"{artifact}/{session_key}/{until}"
