"""Who is behind a socket: a recorder by its bearer token, a person by join token or session."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from channels.db import database_sync_to_async
from django.conf import settings
from django.http import parse_cookie

from calls.models import Participant
from calls.protocol import CloseCode, Hello
from calls.services import attendance
from calls.services.presence import Join
from calls.services.tokens import claim

BEARER = "Bearer "


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody who may be in the call; `user_id` is None for a recorder.

    `token_leg` and `token_role` are the leg and the role in the call that their join token names,
    if that is what they showed.
    """

    participant_id: UUID
    user_id: UUID | None = None
    account_role: str = ""
    token_leg: UUID | None = None
    token_role: str | None = None

    def join(self, call_id: UUID, wanted: UUID | None, last_seq: int) -> Join:
        """The change that gives them a leg."""
        return Join(
            call_id=call_id,
            participant_id=self.participant_id,
            wanted=wanted,
            new_leg=self.token_leg or uuid4(),
            token_role=self.token_role if self.token_leg else None,
            last_seq=last_seq,
        )


class Credentials:
    """What a socket's request showed; nothing is looked up before `hello` says for what."""

    __slots__ = ("bearer", "session_key")

    def __init__(self, scope: dict[str, Any]) -> None:
        headers = dict(scope["headers"])
        bearer = headers.get(b"authorization", b"").decode("latin-1")
        self.bearer = bearer.removeprefix(BEARER) if bearer.startswith(BEARER) else ""
        cookies = parse_cookie(headers.get(b"cookie", b"").decode("latin-1"))
        self.session_key = cookies.get(settings.SESSION_COOKIE_NAME, "")

    @property
    def are_none(self) -> bool:
        return not (self.bearer or self.session_key)

    def by_token(self, hello: Hello, call_id: UUID) -> Identity | None:
        """Who the join token of `hello` names, without any look-up.

        None without a good token, and for a leg that goes on: the session speaks for that.
        """
        if hello.token is None or hello.leg is not None or not self.session_key:
            return None
        claimed = claim(hello.token, session_key=self.session_key, call_id=call_id)
        if claimed is None:
            return None
        return Identity(
            claimed.participant_id,
            claimed.user_id,
            claimed.account_role,
            token_leg=claimed.leg_id,
            token_role=claimed.participant_role,
        )

    async def look_up(self, call_id: UUID) -> Identity | int:
        """Who the bearer token or the session names; else the code to close with."""
        if self.bearer:
            find = database_sync_to_async(attendance.recorder_in_call)
            return _identity(await find(self.bearer, call_id))
        user = await database_sync_to_async(attendance.user_of_session)(self.session_key)
        if user is None:
            return CloseCode.SIGNED_OUT
        find_person = database_sync_to_async(attendance.person_in_call)
        return _identity(await find_person(user, call_id), user.pk, user.role)


def _identity(
    participant: Participant | None, user_id: UUID | None = None, account_role: str = ""
) -> Identity | int:
    if participant is None:
        return CloseCode.NO_SUCH_CALL
    return Identity(participant.pk, user_id, account_role)
