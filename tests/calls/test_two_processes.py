"""Signaling between real web processes, and what happens when parts of it die."""

from contextlib import suppress
from typing import Any

import redis
from django.conf import settings
from websockets.exceptions import ConnectionClosed

from tests.support.cast import Cast
from tests.support.sockets import SDP
from tests.support.web import Line, web_process


def visit_over(first: str, second: str, cast: Cast) -> tuple[Line, Line]:
    """Patient on one server and agent on the other, admitted and peered."""
    doctor = Line(second, cast.call.pk, cast.ada)
    doctor.do("enter")
    guest = Line(first, cast.call.pk, cast.mei)
    guest.do("enter")
    assert doctor.do("admit", participant=guest.you)["t"] == "ok"
    guest.peered_with(doctor)
    doctor.peered_with(guest)
    return guest, doctor


def exchange(guest: Line, doctor: Line) -> None:
    offer = carry(doctor, guest, type="offer", sdp=SDP)
    assert offer["leg"] == doctor.leg
    answer = carry(guest, doctor, type="answer", sdp=SDP, to=1)
    assert answer["type"] == "answer"
    guest.do("chat", text="hello")
    assert doctor.fact("chat")["data"]["text"] == "hello"


def carry(sender: Line, receiver: Line, **fields: Any) -> dict[str, Any]:
    """A description as it arrives; sent again until it does, for the other process may only be
    subscribing."""
    for _ in range(10):
        sender.say(t="description", leg=receiver.leg, n=1, **fields)
        with suppress(TimeoutError):
            return receiver.expect("description", secs=1)
    raise AssertionError("no description arrived")


def test_it_connects_people_on_one_process(cast: Cast) -> None:
    with web_process() as (server, _process):
        exchange(*visit_over(server, server, cast))


def test_it_connects_people_on_two_processes(cast: Cast) -> None:
    with web_process() as (first, _one), web_process() as (second, _two):
        exchange(*visit_over(first, second, cast))


def test_it_tells_facts_while_redis_has_forgotten_everything(cast: Cast) -> None:
    with web_process() as (first, _one), web_process() as (second, _two):
        guest, doctor = visit_over(first, second, cast)
        with redis.Redis.from_url(settings.REDIS_URL) as client:
            client.flushall()
            client.client_kill_filter(_type="pubsub")
        guest.do("chat", text="still here")
        assert doctor.fact("chat")["data"]["text"] == "still here"


def test_it_resumes_on_another_process_after_a_crash(cast: Cast) -> None:
    with web_process() as (first, process), web_process() as (second, _two):
        guest, doctor = visit_over(first, second, cast)
        process.kill()
        assert guest.close_code() == 1006
        doctor.do("chat", text="said meanwhile")
        again = Line(second, cast.call.pk, cast.mei, leg=guest.leg)
        assert again.leg == guest.leg
        assert again.fact("chat")["data"]["text"] == "said meanwhile"
        again.peered_with(doctor)


def test_it_closes_on_binary_oversize_and_endless_errors(cast: Cast) -> None:
    with web_process() as (server, _process):
        binary = Line(server, cast.call.pk, cast.ada)
        binary.socket.send(b"\x00\x01")
        assert binary.close_code() == 1003
        huge = Line(server, cast.call.pk, cast.ada)
        huge.socket.send("x" * (64 * 1024 + 1))
        assert huge.close_code() == 1009
        rude = Line(server, cast.call.pk, cast.ada)
        for _ in range(10):
            rude.socket.send("{")
        assert rude.close_code() == 4400


def test_it_closes_a_flood_and_spares_the_bystander(cast: Cast) -> None:
    with web_process() as (server, _process):
        guest, doctor = visit_over(server, server, cast)
        with suppress(ConnectionClosed):
            for _ in range(400):
                guest.say(t="ping")
        assert guest.close_code() == 4429
        assert doctor.do("chat", text="undisturbed")["t"] == "ok"


def test_it_lets_no_description_through_that_is_not_fit(cast: Cast) -> None:
    with web_process() as (server, _process):
        guest, doctor = visit_over(server, server, cast)
        unfit = [
            "garbage",
            SDP.replace("a=fingerprint:sha-256 AB\r\n", ""),
            SDP + "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\r\n",
            SDP + "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n" * 9,
            SDP + "a=x\r\n" * 8000,
        ]
        for number, sdp in enumerate(unfit, start=1):
            guest.say(t="description", leg=doctor.leg, n=number, type="offer", sdp=sdp)
            assert guest.expect("error")["code"] == "bad_sdp"
        doctor.do("chat", text="nothing came")
        assert "description" not in [message["t"] for message in doctor.kept]
