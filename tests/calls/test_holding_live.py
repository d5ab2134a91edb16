"""Hold as the people in the call see it: what is refused, kept from them, and outlasted."""

from uuid import uuid4

from audit.models import AuditEntry
from calls.models import Participant
from calls.states import ParticipantState
from tests.support.cast import Cast
from tests.support.sockets import SDP, Person, in_lobby, in_visit


async def flow_becomes(one: Person, other: Person, flow: str) -> None:
    while not any(peer["leg"] == other.leg and peer["flow"] == flow for peer in one.peers):
        await one.expect("peers")


async def held(cast: Cast) -> tuple[Person, Person]:
    guest, doctor = await in_visit(cast.call, cast.mei, cast.ada)
    assert (await doctor.do("hold", participant=guest.you))["t"] == "ok"
    await flow_becomes(guest, doctor, "none")
    await flow_becomes(doctor, guest, "none")
    return guest, doctor


async def test_it_refuses_whoever_may_not(cast: Cast) -> None:
    guest, doctor = await in_visit(cast.call, cast.mei, cast.ada)
    for command, target in (("hold", doctor.you), ("hold", guest.you), ("resume", guest.you)):
        assert (await guest.do(command, participant=target))["code"] == "forbidden"
    refused = AuditEntry.objects.filter(action__in=("call.hold", "call.resume"), allowed=False)
    assert await refused.acount() == 3
    assert await Participant.objects.filter(held_at__isnull=False).acount() == 0


async def test_it_refuses_a_waiting_guest_and_a_made_up_one(cast: Cast) -> None:
    doctor = await in_lobby(cast.call, cast.ada)
    await doctor.do("enter")
    guest = await in_lobby(cast.call, cast.mei)
    await guest.do("enter")
    for target in (guest.you, str(uuid4())):
        assert (await doctor.do("hold", participant=target))["code"] == "bad_state"


async def test_it_lets_only_connecting_through_and_asks_to_blank_the_rest(cast: Cast) -> None:
    guest, doctor = await held(cast)
    await guest.signal("media", doctor, audio=True, video=True)
    refusal = await guest.expect("error")
    assert (refusal["code"], refusal["leg"], refusal["n"]) == ("not_a_peer", doctor.leg, 1)
    await guest.signal("description", doctor, type="offer", sdp=SDP)
    assert (await doctor.expect("description", "media"))["t"] == "description"
    await doctor.do("resume", participant=guest.you)
    await flow_becomes(guest, doctor, "both")
    await guest.signal("media", doctor, audio=True, video=True)
    assert (await doctor.expect("media"))["leg"] == guest.leg


async def test_it_keeps_from_the_held_for_good_what_is_written_meanwhile(cast: Cast) -> None:
    guest, doctor = await held(cast)
    await doctor.do("chat", text="The scan looks odd.")
    await guest.do("chat", text="Still here.")
    await doctor.do("resume", participant=guest.you)
    await doctor.do("chat", text="Back again.")
    await guest.fact("resumed")
    while len([fact for fact in guest.facts if fact["kind"] == "chat"]) < 3:
        await guest.expect("fact")
    again = await in_lobby(cast.call, cast.mei)
    await again.fact("resumed")
    while len([fact for fact in again.facts if fact["kind"] == "chat"]) < 3:
        await again.expect("fact")
    for page in (guest, again):
        texts = [fact["data"].get("text") for fact in page.facts if fact["kind"] == "chat"]
        assert texts == [None, "Still here.", "Back again."]
        assert "scan" not in str(page.facts)
    while len([fact for fact in doctor.facts if fact["kind"] == "chat"]) < 3:
        await doctor.expect("fact")
    said = [fact["data"] for fact in doctor.facts if fact["kind"] == "chat"]
    assert [one["text"] for one in said] == ["The scan looks odd.", "Still here.", "Back again."]
    assert said[0]["kept_from"] == [guest.you]
    await doctor.do("end")
    after = await Person.connect(cast.call.pk, cast.mei)
    assert await after.refusal() == 4410
    assert "scan" not in str(after.facts)


async def test_it_outlasts_a_reload_of_either_and_an_agent_who_is_gone(cast: Cast) -> None:
    guest, doctor = await held(cast)
    await guest.hang_up()
    guest = await in_lobby(cast.call, cast.mei)
    await guest.do("enter")
    await flow_becomes(guest, doctor, "none")
    await doctor.hang_up()
    place = await Participant.objects.aget(pk=guest.you)
    assert (place.state, place.held_at is not None) == (ParticipantState.ADMITTED, True)
    doctor = await in_lobby(cast.call, cast.ada)
    await doctor.do("enter")
    await flow_becomes(doctor, guest, "none")
    assert (await doctor.do("resume", participant=guest.you))["t"] == "ok"
    await flow_becomes(guest, doctor, "both")


async def test_it_lets_who_is_on_hold_leave_and_come_back_on_hold(cast: Cast) -> None:
    guest, doctor = await held(cast)
    assert (await guest.do("leave"))["t"] == "ok"
    assert (await guest.do("enter"))["t"] == "ok"
    place = await Participant.objects.aget(pk=guest.you)
    assert (place.state, place.held_at is not None) == (ParticipantState.ADMITTED, True)
    assert await doctor.fact("left")
