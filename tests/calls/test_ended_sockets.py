"""Sockets that may not stay open: whose person may no longer be here, or never says hello."""

import pytest
from asgiref.sync import sync_to_async
from django.contrib.sessions.models import Session

from accounts.models import Role, User
from calls import protocol
from tests.support.cast import Cast
from tests.support.sockets import Person, in_visit


async def test_it_ends_sockets_of_people_who_are_disabled(cast: Cast) -> None:
    guest, _doctor = await in_visit(cast.call, cast.mei, cast.ada)
    cast.mei.is_active = False
    await sync_to_async(cast.mei.save)()
    assert await guest.close_code() == 4401


async def test_it_ends_sockets_of_people_who_sign_out(cast: Cast) -> None:
    guest, doctor = await in_visit(cast.call, cast.mei, cast.ada)
    await Session.objects.filter(pk=guest.session_key).adelete()
    assert await guest.close_code() == 4401
    assert (await doctor.do("chat", text="I am still here"))["t"] == "ok"


async def test_it_ends_sockets_of_people_whose_role_changed(cast: Cast) -> None:
    guest, _doctor = await in_visit(cast.call, cast.mei, cast.ada)
    await User.objects.filter(pk=cast.mei.pk).aupdate(role=Role.AGENT)
    assert await guest.close_code() == 4403


async def test_it_ends_sockets_that_never_say_hello(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "HELLO_TIMEOUT_SECS", 0.1)
    silent = await Person.connect(cast.call.pk, cast.mei)
    assert await silent.close_code() == 4408
