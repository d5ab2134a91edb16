"""The same command twice, and a signal with more in it than is its sender's to say."""

from uuid import UUID

import pytest

from calls.models import CallEvent
from tests.hostile.descriptions import OFFER
from tests.support.cast import TEXT_VERSION, Cast
from tests.support.sockets import in_lobby, in_visit


@pytest.mark.parametrize(
    ("command", "fields"),
    [
        ("enter", {}),
        ("chat", {"text": "once"}),
        ("record_ask", {"text_version": TEXT_VERSION}),
        ("record_stop", {}),
        ("hold", {"participant": "guest"}),
        ("resume", {"participant": "guest"}),
        ("remove", {"participant": "guest"}),
        ("leave", {}),
    ],
)
async def test_it_carries_out_each_command_once(
    cast: Cast, command: str, fields: dict[str, str]
) -> None:
    guest, doctor = await in_visit(cast.call, cast.mei, cast.ada)
    if command == "record_stop":
        await doctor.do("record_ask", text_version=TEXT_VERSION)
    if command == "resume":
        await doctor.do("hold", participant=guest.you)
    said = {name: guest.you if value == "guest" else value for name, value in fields.items()}
    first = await doctor.do(command, ref="twice", **said)
    assert first["t"] == "ok"
    assert await doctor.do(command, ref="twice", **said) == first
    assert await CallEvent.objects.filter(by=UUID(doctor.you), ref="twice").acount() == 1


async def test_it_admits_once(cast: Cast) -> None:
    doctor = await in_lobby(cast.call, cast.ada)
    await doctor.do("enter")
    guest = await in_lobby(cast.call, cast.mei)
    await guest.do("enter")
    first = await doctor.do("admit", ref="twice", participant=guest.you)
    assert await doctor.do("admit", ref="twice", participant=guest.you) == first
    assert await CallEvent.objects.filter(kind="admitted").acount() == 1


@pytest.mark.parametrize("forged", ["from", "role", "seq", "sender"])
async def test_it_relays_no_signal_with_a_forged_field(cast: Cast, forged: str) -> None:
    guest, doctor = await in_visit(cast.call, cast.mei, cast.ada)
    offer = {"leg": doctor.leg, "type": "offer", "sdp": OFFER}
    await guest.say(t="description", n=1, **offer, **{forged: "recorder"})
    refusal = await guest.expect("error")
    assert (refusal["code"], f"`{forged}`" in refusal["detail"]) == ("bad_field", True)
    await guest.say(t="description", n=2, **offer)
    assert (await doctor.expect("description"))["n"] == 2
