"""What sockets are promised, under each of the web servers: real processes, real sockets."""

import json
import signal
import socket
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from daphne.http_protocol import WebRequest
from django.conf import settings
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from calls.models import CallEvent, CallSession
from config import bodies
from tests.calls.test_two_processes import visit_over
from tests.support.cast import Cast, session_cookie
from tests.support.servers import wait_for
from tests.support.sockets import SDP
from tests.support.web import Line, web_process

BIG_SDP = SDP + "a=x:" + "y" * 30_000 + "\r\n"


@pytest.fixture(scope="module", params=["daphne", "uvicorn"])
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def server(name: str, django_db_setup: None, redis_url: str) -> Iterator[str]:
    """One process for all tests that leave it alive."""
    with web_process(server=name) as (url, _process):
        yield url


def knock(server: str, call_id: object, cookie: str = "") -> ClientConnection:
    """A socket that has said nothing yet."""
    headers = {"Cookie": cookie} if cookie else {}
    opening = connect(
        f"{server}/ws/calls/{call_id}/",
        additional_headers=headers,
        origin=Origin(settings.PUBLIC_URL),
        max_queue=None,
    )
    return opening.__enter__()


def code_of(connection: ClientConnection) -> int:
    with suppress(ConnectionClosed):
        while True:
            connection.recv(timeout=15)
    return connection.close_code or 0


def test_it_says_why_it_closes(server: str, cast: Cast) -> None:
    mei = session_cookie(cast.mei)
    frames: list[tuple[bytes | str, bool, int]] = [
        (b"\x00", False, 1003),
        (b"\xff\xfe", True, 1007),
        ("x" * 65_537, True, 1009),
    ]
    for frame, is_text, code in frames:
        wrong = knock(server, cast.call.pk, mei)
        wrong.send(frame, text=is_text)
        assert code_of(wrong) == code
    assert code_of(knock(server, cast.call.pk)) == 4401
    foreign = knock(server, cast.call.pk, session_cookie(cast.sam))
    foreign.send('{"t":"hello","leg":null,"last_seq":0}')
    assert code_of(foreign) == 4404
    doctor = Line(server, cast.call.pk, cast.ada)
    newer = Line(server, cast.call.pk, cast.ada)
    assert doctor.close_code() == 4409
    newer.do("enter")
    for _ in range(10):
        newer.socket.send("{")
    assert newer.close_code() == 4400


def test_it_takes_nobody_in_from_another_page(server: str, cast: Cast) -> None:
    cookie = {"Cookie": session_cookie(cast.mei)}
    for origin in ("https://evil.example", "null", f"{settings.PUBLIC_URL}.evil.example", None):
        with pytest.raises(Exception, match="403"):
            connect(
                f"{server}/ws/calls/{cast.call.pk}/",
                additional_headers=cookie,
                origin=Origin(origin) if origin else None,
            )


class Deaf:
    """A person whose page has stopped reading: its socket, without anybody behind it."""

    def __init__(self, server: str, call_id: object, cookie: str) -> None:
        host, port = server.removeprefix("ws://").split(":")
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.connect((host, int(port)))
        self.socket.settimeout(10)
        lines = [
            f"GET /ws/calls/{call_id}/ HTTP/1.1",
            *(f"Host: {host}:{port}", "Upgrade: websocket", "Connection: Upgrade"),
            *("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13"),
            *(f"Origin: {settings.PUBLIC_URL}", f"Cookie: {cookie}", "", ""),
        ]
        self.socket.sendall("\r\n".join(lines).encode())
        self._seen = b""
        self.read_until(b"\r\n\r\n")

    def say(self, **message: Any) -> None:
        payload = json.dumps(message).encode()
        assert len(payload) < 126
        self.socket.sendall(bytes((0x81, 0x80 | len(payload))) + b"\0\0\0\0" + payload)

    def read_until(self, text: bytes) -> bytes:
        while text not in self._seen:
            self._seen += self.socket.recv(4096)
        return self._seen

    def is_cut(self) -> bool:
        """Whether the server has let go: nothing that is sent is acknowledged any more."""
        try:
            for _ in range(2):
                self.socket.send(b"\x8a\x80\0\0\0\0")
        except OSError:
            return True
        return False


def test_it_lets_go_of_a_reader_who_has_stopped(server: str, cast: Cast) -> None:
    doctor = Line(server, cast.call.pk, cast.ada)
    doctor.do("enter")
    deaf = Deaf(server, cast.call.pk, session_cookie(cast.mei))
    deaf.say(t="hello", leg=None, last_seq=0)
    deaf.read_until(b'"welcome"')
    deaf.say(t="enter", ref="e")
    guest = doctor.fact("entered")
    while guest["data"]["role"] != "patient":
        guest = doctor.fact("entered")
    doctor.do("admit", participant=guest["data"]["participant"])
    leg = guest["data"]["leg"]
    number = 0

    def dropped() -> bool:
        nonlocal number
        number += 1
        doctor.say(t="description", leg=leg, n=number, type="offer", sdp=BIG_SDP)
        return CallEvent.objects.filter(call=cast.call, kind="dropped").exists()

    wait_for(dropped, "the deaf socket is let go", secs=30)
    wait_for(deaf.is_cut, "the connection is cut")
    assert doctor.do("chat", text="nothing of that slowed me")["t"] == "ok"


def test_it_notices_a_peer_that_answers_no_ping(name: str, cast: Cast) -> None:
    with web_process(server=name, ping_secs="1") as (server, _process):
        deaf = Deaf(server, cast.call.pk, session_cookie(cast.mei))
        deaf.say(t="hello", leg=None, last_seq=0)
        deaf.read_until(b'"welcome"')
        deaf.say(t="enter", ref="e")
        facts = CallEvent.objects.filter(call=cast.call, kind="dropped")
        wait_for(facts.exists, "the silent peer is noticed")


def test_it_sends_everyone_away_and_ends_when_asked_to(name: str, cast: Cast) -> None:
    with web_process(server=name) as (old, process), web_process(server=name) as (new, _new):
        guest, doctor = visit_over(old, old, cast)
        process.send_signal(signal.SIGTERM)
        assert (guest.close_code(), doctor.close_code()) == (1012, 1012)
        assert process.wait(timeout=8) in (0, -signal.SIGTERM)
        again = Line(new, cast.call.pk, cast.mei, leg=guest.leg)
        back = Line(new, cast.call.pk, cast.ada, leg=doctor.leg)
        assert (again.leg, back.leg) == (guest.leg, doctor.leg)
        again.peered_with(back)
        again.say(t="description", leg=back.leg, n=1, type="offer", sdp=SDP)
        assert back.expect("description")["leg"] == again.leg
        kinds = set(CallEvent.objects.values_list("kind", flat=True))
        assert not kinds & {"left", "dropped"}


def others_call(cast: Cast) -> UUID:
    return CallSession.objects.exclude(pk=cast.call.pk).get().pk


def test_it_spares_the_others_from_a_flood(server: str, cast: Cast) -> None:
    guest, doctor = visit_over(server, server, cast)
    flooder = Line(server, others_call(cast), cast.sam)
    said = 0
    with suppress(ConnectionClosed):
        # Far too many, and few enough that the answer is not lost in a connection that is reset.
        for number in range(600):
            flooder.socket.send('{"t":"ping"}')
            if number % 40 == 0:
                said += 1
                guest.say(t="media", leg=doctor.leg, n=said, audio=bool(said % 2), video=True)
    assert flooder.close_code() == 4429
    assert [doctor.expect("media")["n"] for _ in range(said)] == list(range(1, said + 1))


def asked(server: str, *, said: int | None, sent: int) -> bytes:
    """The first line of the answer to a request that says one size and sends another; b"" if it is
    cut off without one."""
    host, port = server.removeprefix("ws://").split(":")
    size = b"Transfer-Encoding: chunked" if said is None else b"Content-Length: %d" % said
    head = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n%s\r\n" % size
    kind = b"Content-Type: application/octet-stream\r\n\r\n"
    piece = b"x" * 65_536
    with socket.create_connection((host, int(port)), timeout=30) as line:
        line.sendall(head + kind)
        with suppress(ConnectionError):
            for _ in range(sent // len(piece)):
                line.sendall(b"%x\r\n%s\r\n" % (len(piece), piece) if said is None else piece)
            if said is None:
                line.sendall(b"0\r\n\r\n")
        with suppress(ConnectionError):
            return line.recv(4096).split(b"\r\n", 1)[0]
    return b""


MIB = 1024 * 1024


def test_it_takes_no_request_that_is_too_large(server: str) -> None:
    assert b" 413 " in asked(server, said=27 * MIB, sent=0)
    unsaid = asked(server, said=None, sent=27 * MIB)
    assert not unsaid or b" 413 " in unsaid
    assert b" 200 " in asked(server, said=MIB, sent=MIB)


def test_daphne_keeps_a_request_in_memory() -> None:
    """Twisted would put it into a file of the temporary folder, in the clear."""
    bodies.keep_in_memory()
    request = WebRequest.__new__(WebRequest)
    request.gotLength(MIB)
    assert isinstance(request.content, BytesIO)
