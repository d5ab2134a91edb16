"""Rarer turns of a visit: tabs closed in the waiting room, roles taken away, calls left alone."""

from datetime import timedelta

from asgiref.sync import sync_to_async
from django.utils import timezone

from calls.models import CallSession, Leg, Participant, Recording
from calls.services import abandoned, consent, presence, recording
from tests.support.cast import TEXT_VERSION, Cast
from tests.support.sockets import Person, in_lobby, in_visit


async def test_it_stops_waiting_when_the_newer_tab_never_entered(cast: Cast) -> None:
    doctor = await in_lobby(cast.call, cast.ada)
    await doctor.do("enter")
    guest = await in_lobby(cast.call, cast.mei)
    await guest.do("enter")
    second = await in_lobby(cast.call, cast.mei)
    assert await guest.close_code() == 4409
    await second.hang_up()
    while (await Participant.objects.aget(pk=guest.you)).state != "invited":
        await doctor.expect("fact")
    assert (await doctor.do("admit", participant=guest.you))["code"] == "bad_state"
    assert (await CallSession.objects.aget(pk=cast.call.pk)).state == "open"


async def test_it_lets_nobody_in_as_an_agent_who_is_none_any_more(cast: Cast) -> None:
    cast.ada.role = "patient"
    await cast.ada.asave()
    doctor = await Person.connect(cast.call.pk, cast.ada)
    assert await doctor.refusal() == 4404


async def test_it_queues_the_recording_when_the_last_one_who_agreed_is_back(cast: Cast) -> None:
    guest, doctor = await in_visit(cast.call, cast.mei, cast.ada)
    await doctor.do("record_ask", text_version=TEXT_VERSION)
    await doctor.do("leave")
    await guest.do("record_consent", granted=True, text_version=TEXT_VERSION)
    assert (await Recording.objects.aget()).state == "asking"
    await doctor.do("enter")
    await guest.fact("recording_queued")


async def test_it_takes_no_consent_from_somebody_who_left(cast: Cast) -> None:
    guest, doctor = await in_visit(cast.call, cast.mei, cast.ada)
    await doctor.do("record_ask", text_version=TEXT_VERSION)
    await guest.do("leave")
    answer = await guest.do("record_consent", granted=True, text_version=TEXT_VERSION)
    assert answer["code"] == "bad_state"


async def test_it_stops_recording_when_a_person_is_removed(cast: Cast) -> None:
    guest, doctor = await in_visit(cast.call, cast.mei, cast.ada)
    await doctor.do("record_ask", text_version=TEXT_VERSION)
    await guest.do("record_consent", granted=True, text_version=TEXT_VERSION)
    await doctor.do("remove", participant=guest.you)
    await doctor.fact("consent_withdrawn")
    assert (await doctor.fact("recording_stopped"))["data"]["reason"] == "withdrawn"


async def test_it_stops_a_recording_that_nobody_is_in(cast: Cast) -> None:
    guest, doctor = await in_visit(cast.call, cast.mei, cast.ada)
    await doctor.do("record_ask", text_version=TEXT_VERSION)
    await guest.do("record_consent", granted=True, text_version=TEXT_VERSION)
    running = await Recording.objects.aget()
    await sync_to_async(recording.claim)(running.pk, owner="one")
    await sync_to_async(consent.stop_unattended)()
    assert (await Recording.objects.aget()).state == "queued"
    for person in (guest, doctor):
        await person.do("leave")
    await sync_to_async(consent.stop_unattended)()
    stopped = await Recording.objects.aget()
    assert (stopped.state, stopped.reason) == ("stopping", "abandoned")


async def test_it_ends_a_call_that_only_a_recorder_holds_open(cast: Cast) -> None:
    recorder = await Participant.objects.acreate(call=cast.call, role="recorder", state="admitted")
    await Leg.objects.acreate(participant=recorder, seen_at=timezone.now())
    yesterday = timezone.now() - timedelta(days=1)
    await CallSession.objects.filter(pk=cast.call.pk).aupdate(
        starts_at=yesterday, ends_at=yesterday + timedelta(minutes=30)
    )
    assert await sync_to_async(abandoned.end_abandoned)() == 1
    assert (await CallSession.objects.aget(pk=cast.call.pk)).state == "ended"


async def test_it_takes_back_a_leg_that_was_given_up_too_early(cast: Cast) -> None:
    guest, doctor = await in_visit(cast.call, cast.mei, cast.ada)
    long_ago = timezone.now() - timedelta(minutes=5)
    await Leg.objects.filter(pk=guest.leg).aupdate(seen_at=long_ago)
    await sync_to_async(presence.sweep)()
    await doctor.fact("dropped")
    while (await Leg.objects.aget(pk=guest.leg)).state != "connected":
        await doctor.expect("fact")


async def test_it_refuses_a_message_with_a_nul(cast: Cast) -> None:
    guest, _doctor = await in_visit(cast.call, cast.mei, cast.ada)
    assert (await guest.do("chat", text="a\x00b"))["code"] == "bad_field"
