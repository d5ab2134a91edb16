"""People who throw generated frames at a real web process, and people beside them who talk on."""

import json
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import cycle
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Origin

from accounts.models import Role, User
from calls.models import Participant
from calls.protocol import CloseCode
from calls.states import ParticipantState
from tests.hostile.messages import LEG
from tests.support.cast import Cast, person, session_cookie, visit
from tests.support.web import Line

INVALID_UTF8 = 1007
LAWFUL_CLOSES = {
    CloseCode.BINARY,
    INVALID_UTF8,
    CloseCode.TOO_BIG,
    CloseCode.MALFORMED,
    CloseCode.TOO_FAST,
}
# What a socket is sent: text, bytes as they are, or bytes that claim to be text.
Frame = str | bytes | tuple[bytes]


@dataclass
class Attacker:
    """A signed-in patient in a visit of their own, admitted, with a doctor who listens."""

    call: UUID
    cookie: str
    leg: str
    doctor: Line


@dataclass
class Outcome:
    """What came of all the frames: how many were taken in, answers by code, closes by code."""

    frames: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    closes: Counter[int] = field(default_factory=Counter)
    at_fault: list[str] = field(default_factory=list)


class Attack:
    """Frames against `url` from `size` people in turn."""

    def __init__(self, url: str, cast: Cast, *, size: int) -> None:
        self.url = url
        self.outcome = Outcome()
        self.attackers = [_attacker(url, cast, number) for number in range(size)]
        self._turns = cycle(self.attackers)

    @property
    def legs(self) -> tuple[str, ...]:
        """Ids worth writing into a message: of doctors who listen and of attackers."""
        return tuple(leg for one in self.attackers for leg in (one.doctor.leg, one.leg))

    def throw(self, frames: list[Frame]) -> None:
        """All of `frames` on a socket of their own; then it still answers, or said why not."""
        attacker = next(self._turns)
        frames = [_addressed(frame, attacker.doctor.leg) for frame in frames]
        answers = 0
        with connect(
            f"{self.url}/ws/calls/{attacker.call}/",
            additional_headers={"Cookie": attacker.cookie},
            origin=Origin(settings.PUBLIC_URL),
            max_queue=None,
            compression=None,
        ) as socket:
            try:
                socket.send(json.dumps({"t": "hello", "leg": attacker.leg, "last_seq": 0}))
                for frame in frames:
                    if isinstance(frame, tuple):
                        socket.send(frame[0], text=True)
                    else:
                        socket.send(frame)
                socket.send('{"t":"ping"}')
                while (answer := json.loads(socket.recv(timeout=30)))["t"] != "pong":
                    answers += answer["t"] in ("ok", "error")
                    self._note(answer, frames)
                self.outcome.frames += len(frames)
            except ConnectionClosed as closed:
                code = closed.rcvd.code if closed.rcvd else 1006
                self._closed(code, frames)
                # What came after ten wrong ones was not looked at.
                unread = code in (CloseCode.MALFORMED, CloseCode.TOO_FAST)
                self.outcome.frames += answers if unread else len(frames)

    def _note(self, answer: dict[str, str], frames: list[Frame]) -> None:
        if answer["t"] == "error":
            self.outcome.answers[answer["code"]] += 1
            if answer["code"] == "unavailable":
                self.outcome.at_fault.append(f"{answer} after {frames!r:.2000}")

    def _closed(self, code: int, frames: list[Frame]) -> None:
        self.outcome.closes[code] += 1
        if code not in LAWFUL_CLOSES:
            self.outcome.at_fault.append(f"close {code} after {frames!r:.2000}")


class Bystanders:
    """Two people in the same process who signal ten times a second while others attack."""

    EVERY_SECS = 0.1

    def __init__(self, guest: Line, doctor: Line) -> None:
        self.latencies: list[float] = []
        self._guest, self._doctor = guest, doctor
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._talk)
        self._fault: BaseException | None = None

    def __enter__(self) -> "Bystanders":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        if self._fault is not None:
            raise AssertionError("the bystanders were disturbed") from self._fault

    @property
    def p95_ms(self) -> float:
        return 1000 * sorted(self.latencies)[int(0.95 * len(self.latencies))]

    def _talk(self) -> None:
        number = 0
        try:
            while not self._over.wait(self.EVERY_SECS):
                number += 1
                started = time.monotonic()
                fields = {"t": "media", "n": number, "audio": True, "video": number % 2 == 0}
                self._doctor.say(leg=self._guest.leg, **fields)
                arrived = self._guest.expect("media")
                self.latencies.append(time.monotonic() - started)
                assert arrived == {**fields, "leg": self._doctor.leg}
        except BaseException as fault:
            self._fault = fault


def _addressed(frame: Frame, leg: str) -> Frame:
    """The frame with the doctor's leg where it names LEG."""
    return frame.replace(LEG, leg) if isinstance(frame, str) else frame


def _attacker(url: str, cast: Cast, number: int) -> Attacker:
    patient = person(f"patient{number}@example.com", f"Patient {number}", Role.PATIENT)
    agent = person(f"agent{number}@example.com", f"Agent {number}", Role.AGENT)
    soon = timezone.now() + timedelta(minutes=5)
    call = visit(patient, agent, cast.service, starts_at=soon).call
    _admit(call.pk, patient)
    doctor = Line(url, call.pk, agent)
    doctor.do("enter")
    guest = Line(url, call.pk, patient)
    guest.do("enter")
    doctor.peered_with(guest)
    guest.socket.close()
    return Attacker(call.pk, session_cookie(patient), guest.leg, doctor)


def _admit(call_id: UUID, user: User) -> None:
    participant = Participant.objects.filter(call_id=call_id, user=user)
    participant.update(state=ParticipantState.ADMITTED, admitted_at=timezone.now())
