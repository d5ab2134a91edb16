"""Samples of connections: whose are kept, how many, and what the database refuses."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from calls import protocol
from calls.models import Appointment, CallSession, Leg, Participant, ParticipantRole, QualitySample
from calls.services import quality
from calls.services.errors import NotAPeer, TooOften
from tests.support.cast import Cast, make_cast
from tests.support.sockets import in_visit


def leg(person: Participant, **how: Any) -> Leg:
    """A leg of somebody who is in the call."""
    Participant.objects.filter(pk=person.pk).update(state=how.pop("state", "admitted"))
    now = timezone.now()
    return Leg.objects.create(participant=person, seen_at=now, **{"entered_at": now, **how})


def people(call: CallSession) -> tuple[Participant, Participant]:
    patient, agent = call.participants.order_by("role")[::-1]
    return patient, agent


@pytest.fixture
def legs(db: None) -> tuple[Leg, Leg]:
    patient, agent = people(make_cast().call)
    return leg(patient), leg(agent)


def sample(other: Leg, **measured: Any) -> protocol.Sample:
    return protocol.Sample(leg=other.pk, **{"rung": "full", "state": "connected", **measured})


def test_it_keeps_what_a_browser_measured(legs: tuple[Leg, Leg]) -> None:
    mine, other = legs
    measured = sample(
        other, loss_in=0.02, round_trip_ms=80, in_width=640, local="relay", protocol="udp"
    )
    quality.keep(mine.pk, measured)
    (row,) = QualitySample.objects.all()
    assert (row.call_id, row.leg, row.other) == (mine.participant.call_id, mine, other)
    assert (row.loss_in, row.round_trip_ms, row.in_width) == (0.02, 80, 640)
    assert (row.local, row.remote, row.protocol) == ("relay", "", "udp")
    assert row.available_kbps is None


def test_it_keeps_one_of_a_pair_in_four_seconds(legs: tuple[Leg, Leg]) -> None:
    mine, other = legs
    quality.keep(mine.pk, sample(other))
    quality.keep(other.pk, sample(mine))
    with pytest.raises(TooOften):
        quality.keep(mine.pk, sample(other))
    QualitySample.objects.update(at=timezone.now() - timedelta(seconds=4, milliseconds=1))
    quality.keep(mine.pk, sample(other))
    assert QualitySample.objects.count() == 3


def test_it_keeps_no_more_than_a_bound_of_a_call(
    legs: tuple[Leg, Leg], monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, other = legs
    monkeypatch.setattr(quality, "MOST_PER_CALL", 1)
    quality.keep(mine.pk, sample(other))
    with pytest.raises(TooOften):
        quality.keep(other.pk, sample(mine))


def test_it_takes_samples_only_of_people_in_the_same_call(legs: tuple[Leg, Leg]) -> None:
    mine, other = legs
    elsewhere = CallSession.objects.exclude(pk=mine.participant.call_id).get()
    stranger = leg(people(elsewhere)[0])
    for target in (stranger.pk, mine.pk, uuid4()):
        with pytest.raises(NotAPeer):
            quality.keep(mine.pk, protocol.Sample(leg=target, rung="full", state="connected"))
    with pytest.raises(NotAPeer):
        quality.keep(stranger.pk, sample(other))


@pytest.mark.parametrize("how", [{"state": "waiting"}, {"state": "removed"}, {"entered_at": None}])
def test_it_takes_none_of_people_who_are_not_in_yet(db: None, how: dict[str, Any]) -> None:
    patient, agent = people(make_cast().call)
    doctor, guest = leg(agent), leg(patient, **how)
    with pytest.raises(NotAPeer):
        quality.keep(guest.pk, sample(doctor))
    with pytest.raises(NotAPeer):
        quality.keep(doctor.pk, sample(guest))


def test_it_takes_none_of_the_recorder(legs: tuple[Leg, Leg]) -> None:
    mine, _ = legs
    recorder = Participant.objects.create(
        call_id=mine.participant.call_id, role=ParticipantRole.RECORDER, state="admitted"
    )
    with pytest.raises(NotAPeer):
        quality.keep(mine.pk, sample(leg(recorder)))


def test_it_goes_with_the_call(legs: tuple[Leg, Leg]) -> None:
    mine, other = legs
    quality.keep(mine.pk, sample(other))
    Appointment.objects.filter(call=mine.participant.call_id).delete()
    CallSession.objects.filter(pk=mine.participant.call_id).delete()
    assert not QualitySample.objects.exists()


@pytest.mark.parametrize("wrong", [{"loss_in": 1.5}, {"rung": "huge"}, {"local": "10.0.0.1"}])
def test_it_is_held_by_the_database(legs: tuple[Leg, Leg], wrong: dict[str, Any]) -> None:
    mine, other = legs
    row = {"rung": "full", "state": "connected", "at": timezone.now(), **wrong}
    with pytest.raises(IntegrityError), transaction.atomic():
        QualitySample.objects.create(call_id=mine.participant.call_id, leg=mine, other=other, **row)


async def test_it_takes_samples_over_the_socket_and_refuses_too_many(cast: Cast) -> None:
    guest, doctor = await in_visit(cast.call, cast.mei, cast.ada)
    measured = {"t": "sample", "leg": doctor.leg, "rung": "small", "state": "connected"}
    await guest.say(**measured)
    while not await QualitySample.objects.aexists():
        await guest.say(t="ping")
        await guest.expect("pong")
    await guest.say(**measured)
    assert (await guest.expect("error"))["code"] == "rate"
    await guest.say(**{**measured, "leg": str(uuid4())})
    assert (await guest.expect("error"))["code"] == "not_a_peer"
    await guest.say(**{**measured, "address": "192.0.2.1"})
    assert (await guest.expect("error"))["code"] == "bad_field"
    assert await QualitySample.objects.acount() == 1
