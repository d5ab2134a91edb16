"""Malformed messages on the signaling socket: refused with a reason, nothing else happens."""

import pytest

from tests.support.cast import Cast
from tests.support.sockets import in_lobby


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("", "bad_json"),
        ('{"t":', "bad_json"),
        ('{"t":"chat","ref":"a","text":NaN}', "bad_json"),
        ("[]", "bad_shape"),
        ('"hello"', "bad_shape"),
        ('{"t":"sudo","ref":"a"}', "unknown_type"),
        ('{"ref":"a"}', "unknown_type"),
        ('{"t":"chat","ref":"a"}', "bad_field"),
        ('{"t":"chat","ref":"a","text":5}', "bad_field"),
        ('{"t":"chat","ref":"a","text":"x","from":"me"}', "bad_field"),
        ('{"t":"chat","ref":"a","text":"x","role":"agent"}', "bad_field"),
        ('{"t":"chat","ref":"a b","text":"x"}', "bad_field"),
    ],
)
async def test_it_answers_wrong_input_and_keeps_the_socket(cast: Cast, raw: str, code: str) -> None:
    doctor = await in_lobby(cast.call, cast.ada)
    await doctor.socket.send_input({"type": "websocket.receive", "text": raw})
    assert (await doctor.expect("error"))["code"] == code
    assert (await doctor.do("enter"))["t"] == "ok"
