"""Links to the files of a recording: good for one session, one file and a few hours."""

import time
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.http import QueryDict

LIFE_SECS = 4 * 3600
_MOST_DIGITS = 18
_signer = Signer(salt="parlour.recording.media")


class BadLink(Exception):
    """The link was altered, has expired, or belongs to another session."""


def sign(target: UUID, *, session_key: str | None, grant: int | None = None) -> str:
    """The query string that opens `target` in this session: `until=…&proof=…`.

    `grant` is the audit entry that let somebody take a copy; the link then serves only for that.
    """
    until = int(time.time()) + LIFE_SECS
    query = QueryDict(mutable=True)
    query["until"] = str(until)
    if grant is not None:
        query["grant"] = str(grant)
    query["proof"] = _signer.signature(_named(target, session_key, str(until), grant))
    return query.urlencode()


def check(
    target: UUID, *, session_key: str | None, until: str, proof: str, grant: int | None = None
) -> None:
    """Raise BadLink unless sign() made the values for this session and they are still good."""
    if not session_key or not is_number(until) or int(until) < time.time():
        raise BadLink
    try:
        # Not signature(): this one also knows the fallback keys.
        _signer.unsign(f"{_named(target, session_key, until, grant)}{_signer.sep}{proof}")
    except BadSignature as fault:
        raise BadLink from fault


def is_number(text: str) -> bool:
    """Whether it is written as a number here is: int() would take more, and refuse long ones."""
    return text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS


def _named(target: UUID, session_key: str | None, until: str, grant: int | None) -> str:
    copy = "" if grant is None else f"/{grant}"
    return f"{target}/{session_key}/{until}{copy}"
