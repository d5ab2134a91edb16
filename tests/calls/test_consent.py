"""Consent to a recording, and what follows from it, as people in the call see it."""

from datetime import datetime, timedelta

from asgiref.sync import sync_to_async

from calls.models import Consent, Recording
from calls.protocol import FactKind
from calls.services import recording as recordings
from tests.support.cast import TEXT_VERSION, Cast
from tests.support.sockets import Person, in_lobby, in_visit


async def asked(cast: Cast) -> tuple[Person, Person]:
    """A visit in which the agent has asked to record."""
    guest, doctor = await in_visit(cast.call, cast.mei, cast.ada)
    answer = await doctor.do("record_ask", text_version=TEXT_VERSION)
    assert answer["t"] == "ok"
    await guest.fact(FactKind.RECORD_ASKED)
    return guest, doctor


async def agree(person: Person) -> dict[str, object]:
    return await person.do("record_consent", granted=True, text_version=TEXT_VERSION)


async def test_it_queues_a_recording_only_when_everyone_agreed(cast: Cast) -> None:
    guest, doctor = await asked(cast)
    assert (await Recording.objects.aget()).state == "asking"
    await agree(guest)
    await doctor.fact(FactKind.RECORDING_QUEUED)
    assert (await Recording.objects.aget()).state == "queued"
    given = [consent async for consent in Consent.objects.order_by("given_at")]
    assert [(c.state, c.text_version, c.language) for c in given] == [
        ("given", TEXT_VERSION, "en"),
        ("given", TEXT_VERSION, "en"),
    ]


async def test_it_records_nobody_after_a_refusal(cast: Cast) -> None:
    guest, doctor = await asked(cast)
    await guest.do("record_consent", granted=False, text_version=TEXT_VERSION)
    await doctor.fact(FactKind.CONSENT_REFUSED)
    assert (await doctor.fact(FactKind.RECORDING_STOPPED))["data"]["reason"] == "refused"
    assert (await Recording.objects.aget()).state == "refused"


async def test_it_says_within_five_seconds_that_no_recorder_answers(cast: Cast) -> None:
    guest, doctor = await asked(cast)
    await agree(guest)
    delayed = await doctor.fact(FactKind.RECORDING_DELAYED)
    queued = await doctor.fact(FactKind.RECORDING_QUEUED)
    assert delayed["data"]["reason"] == "no_recorder"
    passed = datetime.fromisoformat(delayed["at"]) - datetime.fromisoformat(queued["at"])
    assert timedelta() < passed <= timedelta(seconds=5)
    assert (await doctor.do("chat", text="we go on"))["t"] == "ok"


async def test_it_stops_for_all_when_one_person_withdraws(cast: Cast) -> None:
    guest, doctor = await asked(cast)
    await agree(guest)
    running = await Recording.objects.aget()
    await sync_to_async(recordings.claim)(running.pk, owner="worker-1")
    await sync_to_async(recordings.started)(running.pk, owner="worker-1")
    await guest.fact(FactKind.RECORDING_STARTED)

    await guest.do("record_consent", granted=False, text_version=TEXT_VERSION)

    await doctor.fact(FactKind.CONSENT_WITHDRAWN)
    assert (await doctor.fact(FactKind.RECORDING_STOPPED))["data"]["reason"] == "withdrawn"
    assert await sync_to_async(recordings.renew)(running.pk, owner="worker-1") == "stopping"
    consent = await Consent.objects.aget(participant_id=guest.you)
    assert (consent.state, consent.withdrawn_at is not None) == ("withdrawn", True)


async def test_it_asks_anew_after_a_recording_was_stopped(cast: Cast) -> None:
    guest, doctor = await asked(cast)
    await agree(guest)
    await doctor.do("record_stop")
    await guest.fact(FactKind.RECORDING_STOPPED)
    assert (await agree(guest))["code"] == "bad_state"
    assert (await doctor.do("record_ask", text_version=TEXT_VERSION))["t"] == "ok"
    assert await Recording.objects.acount() == 2
    assert await Consent.objects.filter(state="asked").acount() == 1


async def test_it_refuses_a_text_that_does_not_exist(cast: Cast) -> None:
    _guest, doctor = await in_visit(cast.call, cast.mei, cast.ada)
    refusal = await doctor.do("record_ask", text_version="made-up")
    assert refusal["code"] == "consent_missing"
    assert not await Recording.objects.aexists()


async def test_it_never_records_where_the_service_forbids_it(cast: Cast) -> None:
    cast.service.recording_policy = "never"
    await cast.service.asave()
    _guest, doctor = await in_visit(cast.call, cast.mei, cast.ada)
    refusal = await doctor.do("record_ask", text_version=TEXT_VERSION)
    assert refusal["code"] == "forbidden"


async def test_it_needs_somebody_to_ask(cast: Cast) -> None:
    doctor = await in_lobby(cast.call, cast.ada)
    await doctor.do("enter")
    refusal = await doctor.do("record_ask", text_version=TEXT_VERSION)
    assert refusal["code"] == "bad_state"


async def test_it_ends_the_recording_with_the_visit(cast: Cast) -> None:
    guest, doctor = await asked(cast)
    await agree(guest)
    await doctor.do("end")
    assert await guest.close_code() == 4410
    kinds = [fact["kind"] for fact in guest.facts]
    assert kinds.index("recording_stopped") < kinds.index("ended")
    assert (await Recording.objects.aget()).state in ("stopping", "finalising")
