"""Somebody's signaling socket, in the same process or to a real server."""

import json
from typing import Any
from uuid import UUID, uuid4

from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings

from accounts.models import User
from calls.models import CallSession
from config.asgi import application
from tests.support.cast import session_cookie

ORIGIN = "http://testserver"
SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=fingerprint:sha-256 AB\r\n"


class Person:
    """One socket: `facts` and `peers` collect what was told; other messages come by `expect`."""

    def __init__(self, socket: WebsocketCommunicator) -> None:
        self.socket = socket
        self.leg = ""
        self.you = ""
        self.facts: list[dict[str, Any]] = []
        self.peers: list[dict[str, Any]] = []
        self._numbers: dict[str, int] = {}

    @classmethod
    async def connect(
        cls, call_id: UUID, user: User | None, *, origin: str | None = ORIGIN
    ) -> "Person":
        headers = [] if origin is None else [(b"origin", origin.encode())]
        cookie = ""
        if user is not None:
            cookie = await sync_to_async(session_cookie)(user)
            headers.append((b"cookie", cookie.encode()))
        person = await cls._open(call_id, headers)
        person.session_key = cookie.partition("=")[2]
        return person

    @classmethod
    async def with_session(cls, call_id: UUID, session_key: str) -> "Person":
        """Somebody whose browser has the cookie of this session."""
        cookie = f"{settings.SESSION_COOKIE_NAME}={session_key}"
        headers = [(b"origin", ORIGIN.encode()), (b"cookie", cookie.encode())]
        person = await cls._open(call_id, headers)
        person.session_key = session_key
        return person

    @classmethod
    async def as_recorder(cls, call_id: UUID, token: str) -> "Person":
        """Somebody who shows `token` as a recorder does."""
        bearer = (b"authorization", f"Bearer {token}".encode())
        return await cls._open(call_id, [(b"origin", ORIGIN.encode()), bearer])

    @classmethod
    async def _open(cls, call_id: UUID, headers: list[tuple[bytes, bytes]]) -> "Person":
        socket = WebsocketCommunicator(application, f"/ws/calls/{call_id}/", headers=headers)
        person = cls(socket)
        person.accepted, _ = await socket.connect(timeout=5)
        return person

    accepted = False
    session_key = ""

    async def hello(
        self, leg: str | None = None, last_seq: int = 0, token: str | None = None
    ) -> dict[str, Any]:
        """Say hello; returns the welcome."""
        await self.say(t="hello", leg=leg, last_seq=last_seq, token=token)
        welcome = await self.expect("welcome")
        self.leg, self.you = welcome["leg"], welcome["you"]
        return welcome

    async def say(self, **message: Any) -> None:
        await self.socket.send_to(text_data=json.dumps(message))

    async def do(self, t: str, **fields: Any) -> dict[str, Any]:
        """Send a command; returns its `ok` or `error`."""
        ref = fields.pop("ref", uuid4().hex[:12])
        await self.say(t=t, ref=ref, **fields)
        return await self.expect("ok", "error")

    async def signal(self, t: str, other: "Person | str", **fields: Any) -> None:
        leg = other if isinstance(other, str) else other.leg
        self._numbers[leg] = self._numbers.get(leg, 0) + 1
        await self.say(t=t, leg=leg, n=self._numbers[leg], **fields)

    async def expect(self, *kinds: str) -> dict[str, Any]:
        """The next message of one of `kinds`; facts and peers on the way are collected."""
        while True:
            message: dict[str, Any] = json.loads(await self.socket.receive_from(timeout=10))
            if message["t"] == "fact":
                self.facts.append(message)
            elif message["t"] == "peers":
                self.peers = message["peers"]
            if message["t"] in kinds:
                return message

    async def fact(self, kind: str) -> dict[str, Any]:
        """The first fact of this kind, waited for if it is not there yet."""
        while not (known := [fact for fact in self.facts if fact["kind"] == kind]):
            await self.expect("fact")
        return known[0]

    async def peered_with(self, other: "Person") -> dict[str, Any]:
        """How `other` stands in this person's list of peers, once both are in the call."""
        return await self._peer(other, warm=False)

    async def warm_with(self, other: "Person") -> dict[str, Any]:
        """How `other` stands there while one of the two waits."""
        return await self._peer(other, warm=True)

    async def _peer(self, other: "Person", *, warm: bool) -> dict[str, Any]:
        def known() -> list[dict[str, Any]]:
            here = [peer for peer in self.peers if peer["leg"] == other.leg]
            return [peer for peer in here if peer["warm"] == warm]

        while not known():
            await self.expect("peers")
        return known()[0]

    async def close_code(self) -> int:
        """The code that the server closes with; messages before it are read."""
        while True:
            output = await self.socket.receive_output(timeout=15)
            if output["type"] == "websocket.close":
                return int(output["code"])
            message = json.loads(output["text"])
            if message["t"] == "fact":
                self.facts.append(message)

    async def refusal(self) -> int:
        """The code that `hello` is closed with."""
        await self.say(t="hello", leg=None, last_seq=0)
        return await self.close_code()

    async def hang_up(self) -> None:
        await self.socket.disconnect()


async def in_lobby(call: CallSession, user: User) -> Person:
    """A person who has connected and said hello."""
    person = await Person.connect(call.pk, user)
    await person.hello()
    return person


async def in_visit(call: CallSession, patient: User, agent: User) -> tuple[Person, Person]:
    """Patient and agent, admitted and peered."""
    doctor = await in_lobby(call, agent)
    await doctor.do("enter")
    guest = await in_lobby(call, patient)
    await guest.do("enter")
    await doctor.do("admit", participant=guest.you)
    await guest.peered_with(doctor)
    await doctor.peered_with(guest)
    return guest, doctor
