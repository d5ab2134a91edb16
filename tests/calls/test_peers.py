"""Who may signal with whom before and after admission, and what."""

from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import Role
from calls import protocol
from calls.models import CallSession, Leg, Participant, ParticipantRole
from calls.services.peers import may_send_to, peers_of
from calls.states import LegState, ParticipantState
from tests.support.cast import Cast, make_cast, person
from tests.support.sockets import SDP, Person, in_lobby

WAITING, ADMITTED = ParticipantState.WAITING, ParticipantState.ADMITTED
CANDIDATE = "candidate:1 1 udp 1 192.0.2.1 9 typ host"


def leg_of(participant: Participant, state: ParticipantState, **how: Any) -> Leg:
    now = timezone.now()
    participant.state = state
    participant.save()
    return Leg.objects.create(participant=participant, seen_at=now, **{"entered_at": now} | how)


def legs(call: CallSession, *, patient: ParticipantState, agent: ParticipantState) -> list[Leg]:
    people = {one.role: one for one in call.participants.select_related("user")}
    return [
        leg_of(people[ParticipantRole.PATIENT], patient),
        leg_of(people[ParticipantRole.AGENT], agent),
    ]


def recorder_in(call: CallSession) -> Leg:
    recorder = Participant.objects.create(call=call, role=ParticipantRole.RECORDER)
    return leg_of(recorder, ADMITTED)


def seen(leg: Leg) -> dict[object, bool]:
    """The legs that `leg` may signal with, and whether they are warm."""
    return {peer.leg: peer.warm for peer in peers_of(leg)}


@pytest.fixture
def people(db: None) -> Cast:
    return make_cast()


def test_it_warms_who_waits_and_who_admits(people: Cast) -> None:
    guest, doctor = legs(people.call, patient=WAITING, agent=ADMITTED)
    assert seen(guest) == {doctor.pk: True}
    assert seen(doctor) == {guest.pk: True}


def test_it_is_warm_no_more_after_admission(people: Cast) -> None:
    guest, doctor = legs(people.call, patient=ADMITTED, agent=ADMITTED)
    assert seen(guest) == {doctor.pk: False}
    assert seen(doctor) == {guest.pk: False}


def test_it_never_lets_two_see_each_other_who_wait(people: Cast) -> None:
    guest, doctor = legs(people.call, patient=WAITING, agent=ADMITTED)
    sam = person("sam.two@example.com", "Sam", Role.PATIENT)
    second = Participant.objects.create(call=people.call, user=sam, role=ParticipantRole.PATIENT)
    other = leg_of(second, WAITING)
    assert seen(guest) == {doctor.pk: True}
    assert seen(other) == {doctor.pk: True}
    assert seen(doctor) == {guest.pk: True, other.pk: True}


def test_it_warms_nobody_with_a_patient_or_a_recorder(people: Cast) -> None:
    guest, doctor = legs(people.call, patient=WAITING, agent=ADMITTED)
    sam = person("sam.two@example.com", "Sam", Role.PATIENT)
    second = Participant.objects.create(call=people.call, user=sam, role=ParticipantRole.PATIENT)
    inside, recorder = leg_of(second, ADMITTED), recorder_in(people.call)
    assert seen(guest) == {doctor.pk: True}
    assert seen(recorder) == {}
    assert seen(inside) == {doctor.pk: False}


@pytest.mark.parametrize(
    "how",
    [{"entered_at": None}, {"state": LegState.CLOSED, "closed_at": timezone.now()}],
    ids=["before the device check", "gone"],
)
def test_it_warms_only_who_is_there(people: Cast, how: dict[str, Any]) -> None:
    guest, doctor = legs(people.call, patient=WAITING, agent=ADMITTED)
    Leg.objects.filter(pk=guest.pk).update(**how)
    assert seen(doctor) == {}
    assert peers_of(Leg.objects.get(pk=guest.pk)) == []


def test_it_lets_only_connecting_through_while_warm() -> None:
    leg = uuid4()
    warm = protocol.Peer(leg, uuid4(), "agent", "Ada", polite=True, warm=True, flow="none")
    signals: list[protocol.Signal] = [
        protocol.Description(leg, 1, "offer", "v=0"),
        protocol.Candidate(leg, 2, ""),
        protocol.Blank(leg, 3),
        protocol.Ack(leg, 4),
        protocol.Media(leg, 5, audio=True, video=True),
    ]
    assert [may_send_to(warm, signal) for signal in signals] == [True, True, True, True, False]
    warm.flow = "send"
    assert all(may_send_to(warm, signal) for signal in signals)


async def waiting_room(cast: Cast) -> tuple[Person, Person]:
    doctor = await in_lobby(cast.call, cast.ada)
    await doctor.do("enter")
    guest = await in_lobby(cast.call, cast.mei)
    await guest.do("enter")
    await guest.warm_with(doctor)
    await doctor.warm_with(guest)
    return guest, doctor


async def test_it_connects_the_waiting_room_and_says_no_more(cast: Cast) -> None:
    guest, doctor = await waiting_room(cast)
    await doctor.signal("description", guest, type="offer", sdp=SDP)
    assert (await guest.expect("description"))["leg"] == doctor.leg
    await guest.signal("description", doctor, type="answer", sdp=SDP, to=1)
    await guest.signal("candidate", doctor, candidate=CANDIDATE)
    await guest.signal("media", doctor, audio=True, video=True)
    assert (await guest.expect("error"))["code"] == "not_a_peer"
    await guest.do("chat", text="Hello?")
    await doctor.expect("candidate")
    await doctor.say(t="ping")
    assert (await doctor.expect("pong", "media"))["t"] == "pong"
    assert not [fact for fact in doctor.facts if fact["kind"] == "chat"]


async def test_it_tells_both_that_one_was_admitted(cast: Cast) -> None:
    guest, doctor = await waiting_room(cast)
    await doctor.do("admit", participant=guest.you)
    await guest.peered_with(doctor)
    await doctor.peered_with(guest)
    await guest.signal("media", doctor, audio=True, video=True)
    assert (await doctor.expect("media"))["leg"] == guest.leg


async def test_it_parts_them_when_one_leaves_the_waiting_room(cast: Cast) -> None:
    guest, doctor = await waiting_room(cast)
    await guest.do("leave")
    while doctor.peers:
        await doctor.expect("peers")
    await doctor.signal("description", guest, type="offer", sdp=SDP)
    assert (await doctor.expect("error"))["code"] == "not_a_peer"
