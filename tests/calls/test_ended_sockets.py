"""Sockets that may not stay open: whose person may no longer be here, or never says hello."""

import pytest
from asgiref.sync import sync_to_async
from django.contrib.sessions.models import Session
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Role, User
from calls import protocol
from calls.models import Leg
from calls.services import attendance
from calls.states import LegState
from tests.support.cast import Cast, session_cookie
from tests.support.sockets import Person, in_lobby, in_visit


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


async def test_it_ends_sockets_of_people_whose_password_changed(cast: Cast) -> None:
    guest, doctor = await in_visit(cast.call, cast.mei, cast.ada)
    cast.mei.set_password("quite another password")
    await sync_to_async(cast.mei.save)()
    assert await guest.close_code() == 4401
    assert (await doctor.do("chat", text="I am still here"))["t"] == "ok"


def test_it_asks_about_all_people_at_once(cast: Cast, django_assert_num_queries: object) -> None:
    everyone = (cast.mei, cast.sam, cast.ada, cast.tomas)
    sessions = {session_cookie(user).partition("=")[2]: user.pk for user in everyone}
    with django_assert_num_queries(2):  # type: ignore[operator]
        standing, roles = attendance.still_signed_in(sessions)
    assert standing == set(sessions)
    assert roles == {user.pk: user.role for user in everyone}
    cast.ada.set_password("quite another password")
    cast.ada.save()
    with django_assert_num_queries(2):  # type: ignore[operator]
        standing, _ = attendance.still_signed_in(sessions)
    assert {sessions[key] for key in standing} == {cast.mei.pk, cast.sam.pk, cast.tomas.pk}


def test_it_takes_a_session_from_before_the_secret_key_changed(
    cast: Cast, settings: Settings
) -> None:
    key = session_cookie(cast.mei).partition("=")[2]
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another secret key, as long as it has to be for this to be taken"
    standing, _ = attendance.still_signed_in({key: cast.mei.pk})
    assert standing == {key}
    assert attendance.user_of_session(key) == cast.mei
    cast.mei.set_password("quite another password")
    cast.mei.save()
    assert attendance.user_of_session(key) is None


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


async def test_it_closes_the_socket_whose_leg_went_on_with_another(cast: Cast) -> None:
    """Nobody would look after it any more: not when its person signs out, nor when they go."""
    guest, _doctor = await in_visit(cast.call, cast.mei, cast.ada)
    newer = await Person.with_session(cast.call.pk, guest.session_key)
    await newer.hello(leg=guest.leg)
    assert newer.leg == guest.leg
    assert await guest.close_code() == 4409
    assert (await newer.do("chat", text="I am here"))["t"] == "ok"


async def test_it_sends_away_whose_leg_was_closed_without_a_word(cast: Cast) -> None:
    guest = await in_lobby(cast.call, cast.mei)
    await Leg.objects.filter(pk=guest.leg).aupdate(state=LegState.CLOSED, closed_at=timezone.now())
    assert await guest.close_code() == 1012
