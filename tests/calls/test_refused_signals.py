"""Signals that are refused for good, relays, and what a person may do over many sockets."""

from uuid import UUID

import pytest
from django.conf import LazySettings

from calls import protocol
from calls.consumers import limits
from calls.consumers.limits import MessageRate, PeopleLimits
from tests.support.cast import Cast
from tests.support.sockets import SDP, Person, in_lobby, in_visit


async def test_it_names_the_signal_that_it_refuses(cast: Cast) -> None:
    guest, doctor = await in_visit(cast.call, cast.mei, cast.ada)
    wrong: list[tuple[str, dict[str, object], str]] = [
        ("description", {"type": "offer", "sdp": "garbage"}, "bad_sdp"),
        ("description", {"type": "offer", "sdp": SDP + "a" * 40_000}, "bad_sdp"),
        ("description", {"type": "answer", "sdp": SDP, "to": 1}, "bad_state"),
        ("description", {"type": "offer", "sdp": SDP, "to": 1}, "bad_field"),
        ("candidate", {"candidate": "nonsense"}, "bad_field"),
    ]
    for number, (kind, fields, code) in enumerate(wrong, start=1):
        await guest.signal(kind, doctor, **fields)
        refusal = await guest.expect("error")
        assert (refusal["code"], refusal["leg"], refusal["n"]) == (code, doctor.leg, number)
    await guest.signal("blank", doctor)
    assert (await doctor.expect("blank", "description"))["n"] == 6


async def test_it_names_relays_after_entering_and_not_before(
    cast: Cast, settings: LazySettings
) -> None:
    settings.TURN_URLS = ["turn:relay.example:3478"]
    settings.TURN_SECRET = "secret"
    doctor = await in_lobby(cast.call, cast.ada)
    await doctor.say(t="ping")
    assert (await doctor.expect("pong", "ice"))["t"] == "pong"
    await doctor.say(t="enter", ref="in")
    told = await doctor.expect("ice")
    assert told["policy"] == "all"
    assert told["servers"][0]["username"]


async def test_it_names_relays_again_before_they_lapse(cast: Cast, settings: LazySettings) -> None:
    settings.TURN_URLS = ["turn:relay.example:3478"]
    settings.TURN_SECRET = "secret"
    settings.TURN_CREDENTIAL_SECS = 2
    doctor = await in_lobby(cast.call, cast.ada)
    await doctor.say(t="enter", ref="in")
    first = await doctor.expect("ice")
    again = await doctor.expect("ice")
    assert again["expires_at"] > first["expires_at"]


async def test_it_lets_nobody_come_back_without_end(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "_people", PeopleLimits())
    monkeypatch.setattr(protocol, "OPENINGS_PER_MINUTE", 2)
    for _ in range(2):
        await in_lobby(cast.call, cast.mei)
    third = await Person.connect(cast.call.pk, cast.mei)
    assert await third.refusal() == 4429
    await in_lobby(cast.call, cast.ada)


def test_it_counts_what_a_person_says_over_all_sockets() -> None:
    people = PeopleLimits()
    mei, ada = UUID(int=1), UUID(int=2)
    first = people.messages(mei)
    assert isinstance(first, MessageRate)
    assert people.messages(mei) is first
    assert people.messages(ada) is not first
    assert people.messages(None) is None
    while first.allows():
        continue
    again = people.messages(mei)
    assert again is not None
    assert not again.allows()
