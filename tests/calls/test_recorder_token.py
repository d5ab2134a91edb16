"""Only the recorder that holds the lease gets into a visit; who poses as one stays outside."""

import pytest
from asgiref.sync import sync_to_async
from django.core import signing

from calls.models import Leg, Participant, Recording
from calls.models.call import ParticipantRole
from calls.services import attendance
from calls.services import recording as recordings
from tests.support.cast import TEXT_VERSION, Cast
from tests.support.sockets import Person, in_visit


async def to_be_recorded(cast: Cast) -> tuple[Person, Recording]:
    """A visit whose recording `worker-1` has taken; returns the agent too."""
    guest, doctor = await in_visit(cast.call, cast.mei, cast.ada)
    await doctor.do("record_ask", text_version=TEXT_VERSION)
    await guest.do("record_consent", granted=True, text_version=TEXT_VERSION)
    recording = await Recording.objects.aget()
    assert await sync_to_async(recordings.claim)(recording.pk, owner="worker-1")
    return doctor, recording


async def stays_outside(cast: Cast, doctor: Person, token: str) -> None:
    """With this token one is told that there is no such call, and nobody hears of it."""
    peers = [peer["leg"] for peer in doctor.peers]
    impostor = await Person.as_recorder(cast.call.pk, token)
    await impostor.say(t="hello", leg=None, last_seq=0)
    assert await impostor.close_code() == 4404
    assert impostor.facts == []
    assert not await Participant.objects.filter(role=ParticipantRole.RECORDER).aexists()
    assert await Leg.objects.acount() == 2
    assert (await doctor.do("chat", text="nobody came"))["t"] == "ok"
    await doctor.fact("chat")
    assert [peer["leg"] for peer in doctor.peers] == peers


async def test_it_lets_the_holder_of_the_lease_in(cast: Cast) -> None:
    doctor, recording = await to_be_recorded(cast)
    token = attendance.recorder_token(recording, owner="worker-1")
    recorder = await Person.as_recorder(cast.call.pk, token)
    assert (await recorder.hello())["role"] == "recorder"
    assert (await doctor.peered_with(recorder))["role"] == "recorder"


async def test_it_refuses_a_forged_token(cast: Cast) -> None:
    doctor, recording = await to_be_recorded(cast)
    good = attendance.recorder_token(recording, owner="worker-1")
    await stays_outside(cast, doctor, good[:-1] + ("A" if good[-1] != "A" else "B"))


async def test_it_refuses_a_token_that_was_signed_for_something_else(cast: Cast) -> None:
    doctor, recording = await to_be_recorded(cast)
    token = signing.dumps([str(recording.pk), "worker-1"], salt="another purpose")
    await stays_outside(cast, doctor, token)


async def test_it_refuses_a_worker_that_does_not_hold_the_lease(cast: Cast) -> None:
    doctor, recording = await to_be_recorded(cast)
    await stays_outside(cast, doctor, attendance.recorder_token(recording, owner="worker-2"))


async def test_it_refuses_a_token_that_has_expired(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    doctor, recording = await to_be_recorded(cast)
    token = attendance.recorder_token(recording, owner="worker-1")
    monkeypatch.setattr(attendance, "RECORDER_TOKEN_SECS", -1)
    await stays_outside(cast, doctor, token)
