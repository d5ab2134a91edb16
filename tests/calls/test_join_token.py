"""The join token of a call page: one socket, one minute, one session, and no look-up."""

import json
import re
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.sessions.models import Session
from django.core import signing
from django.test import Client

from accounts.models import Role, User
from calls.consumers.joining import Credentials
from calls.models import Leg
from calls.services import tokens
from tests.support.cast import Cast
from tests.support.sockets import Person


def page_token(cast: Cast, user: User) -> tuple[str, str]:
    """The token of `user`'s call page and the key of the session that it was made for."""
    client = Client()
    client.force_login(user)
    page = client.get(f"/calls/{cast.call.pk}/").content.decode()
    found = re.search(r'<script id="call-setup" type="application/json">(.+?)</script>', page)
    assert found
    return json.loads(found[1])["token"], str(client.session.session_key)


async def arrive(cast: Cast, user: User) -> tuple[Person, str]:
    """A socket with the session of the page that the token comes from."""
    token, session_key = await sync_to_async(page_token)(cast, user)
    return await Person.with_session(cast.call.pk, session_key), token


@pytest.fixture
def no_lookup(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Counts session look-ups instead of doing them."""
    asked: list[object] = []

    async def note(self: Credentials, call_id: object) -> int:
        asked.append(call_id)
        return 4401

    monkeypatch.setattr(Credentials, "look_up", note)
    return asked


async def test_it_opens_a_socket_without_looking_anybody_up(
    cast: Cast, no_lookup: list[object]
) -> None:
    guest, token = await arrive(cast, cast.mei)
    welcome = await guest.hello(token=token)
    assert welcome["name"] == "Mei Lin"
    assert no_lookup == []
    assert len(token) <= 512


async def test_it_is_good_once(cast: Cast, no_lookup: list[object]) -> None:
    guest, token = await arrive(cast, cast.mei)
    await guest.hello(token=token)
    again = await Person.with_session(cast.call.pk, guest.session_key)
    await again.say(t="hello", leg=None, last_seq=0, token=token)
    assert await again.close_code() == 4401
    assert len(no_lookup) == 1
    assert await Leg.objects.acount() == 1


async def test_it_lets_the_session_speak_when_it_is_spent(cast: Cast) -> None:
    guest, token = await arrive(cast, cast.mei)
    await guest.hello(token=token)
    again = await Person.with_session(cast.call.pk, guest.session_key)
    await again.hello(token=token)
    assert again.leg != guest.leg
    assert await guest.close_code() == 4409


@pytest.mark.parametrize("other", ["another session", "another call", "forged", "expired"])
async def test_it_holds_only_where_it_was_made(
    cast: Cast, no_lookup: list[object], monkeypatch: pytest.MonkeyPatch, other: str
) -> None:
    token, session_key = await sync_to_async(page_token)(cast, cast.mei)
    call_id: Any = cast.call.pk
    if other == "another session":
        _, session_key = await sync_to_async(page_token)(cast, cast.ada)
    elif other == "another call":
        call_id = (await cast.call.__class__.objects.exclude(pk=call_id).aget()).pk
    elif other == "forged":
        token = token[:-3] + ("abc" if token[-3:] != "abc" else "abd")
    else:
        monkeypatch.setattr(tokens, "LIFE_SECS", -1)
    socket = await Person.with_session(call_id, session_key)
    await socket.say(t="hello", leg=None, last_seq=0, token=token)
    assert await socket.close_code() == 4401
    assert len(no_lookup) == 1


async def test_it_shows_nobody_the_key_of_the_session(cast: Cast) -> None:
    token, session_key = await sync_to_async(page_token)(cast, cast.mei)
    assert session_key not in token
    words = signing.loads(token, salt=tokens.SALT)
    assert session_key not in json.dumps(words)


async def test_it_does_not_let_a_removed_person_back_in(cast: Cast) -> None:
    guest, token = await arrive(cast, cast.mei)
    await cast.call.participants.filter(user=cast.mei).aupdate(state="removed")
    await guest.say(t="hello", leg=None, last_seq=0, token=token)
    assert await guest.close_code() == 4404


async def test_it_is_refused_once_its_person_has_another_role_in_the_call(
    cast: Cast, no_lookup: list[object]
) -> None:
    guest, token = await arrive(cast, cast.mei)
    await cast.call.participants.filter(user=cast.mei).aupdate(role="agent")
    await guest.say(t="hello", leg=None, last_seq=0, token=token)
    assert await guest.close_code() == 4401
    assert len(no_lookup) == 1
    assert await Leg.objects.acount() == 0


async def test_it_ends_the_socket_after_signing_out_all_the_same(cast: Cast) -> None:
    guest, token = await arrive(cast, cast.mei)
    await guest.hello(token=token)
    await Session.objects.filter(pk=guest.session_key).adelete()
    assert await guest.close_code() == 4401


async def test_it_ends_the_socket_after_a_change_of_role_all_the_same(cast: Cast) -> None:
    guest, token = await arrive(cast, cast.mei)
    await guest.hello(token=token)
    await User.objects.filter(pk=cast.mei.pk).aupdate(role=Role.AGENT)
    assert await guest.close_code() == 4403
