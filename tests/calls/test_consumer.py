"""The rules of the signaling socket, in one process."""

from audit.models import AuditEntry
from calls.models import CallEvent, CallSession, Leg, Participant
from tests.support.cast import Cast
from tests.support.sockets import SDP, Person, in_lobby, in_visit

CANDIDATE = "candidate:1 1 udp 1 192.0.2.1 9 typ host"


async def test_it_admits_a_waiting_patient(cast: Cast) -> None:
    doctor = await in_lobby(cast.call, cast.ada)
    await doctor.do("enter")
    guest = await in_lobby(cast.call, cast.mei)
    await guest.do("enter")
    entered = await doctor.fact("entered")
    assert entered["data"]["waiting"] is False
    await guest.warm_with(doctor)

    answer = await doctor.do("admit", participant=guest.you)

    assert answer["t"] == "ok"
    assert (await guest.peered_with(doctor))["polite"] is True
    assert (await doctor.peered_with(guest))["polite"] is False
    call = await CallSession.objects.aget(pk=cast.call.pk)
    assert call.state == "live"
    assert call.live_at is not None


async def test_it_numbers_facts_without_gaps(cast: Cast) -> None:
    guest, doctor = await in_visit(cast.call, cast.mei, cast.ada)
    for text in ("one", "two", "three"):
        await guest.do("chat", text=text)
    while len([f for f in doctor.facts if f["kind"] == "chat"]) < 3:
        await doctor.expect("fact")
    assert [fact["seq"] for fact in doctor.facts] == list(range(1, len(doctor.facts) + 1))
    assert [f["data"]["text"] for f in doctor.facts if f["kind"] == "chat"] == [
        "one",
        "two",
        "three",
    ]


async def test_it_relays_signals_and_stamps_the_sender(cast: Cast) -> None:
    guest, doctor = await in_visit(cast.call, cast.mei, cast.ada)
    await doctor.signal("description", guest, type="offer", sdp=SDP)
    offer = await guest.expect("description")
    assert offer == {"t": "description", "leg": doctor.leg, "n": 1, "type": "offer", "sdp": SDP}
    await guest.signal("description", doctor, type="answer", sdp=SDP, to=1)
    assert (await doctor.expect("description"))["type"] == "answer"
    await guest.signal("candidate", doctor, candidate=CANDIDATE)
    assert (await doctor.expect("candidate"))["leg"] == guest.leg


async def test_it_refuses_an_answer_without_an_offer(cast: Cast) -> None:
    guest, doctor = await in_visit(cast.call, cast.mei, cast.ada)
    await guest.signal("description", doctor, type="answer", sdp=SDP, to=1)
    assert (await guest.expect("error"))["code"] == "bad_state"


async def test_it_carries_out_the_same_command_once(cast: Cast) -> None:
    guest, _doctor = await in_visit(cast.call, cast.mei, cast.ada)
    first = await guest.do("chat", text="hello", ref="same")
    second = await guest.do("chat", text="hello", ref="same")
    assert first == second
    assert await CallEvent.objects.filter(kind="chat").acount() == 1


async def test_it_tells_facts_after_the_last_one_seen(cast: Cast) -> None:
    guest, doctor = await in_visit(cast.call, cast.mei, cast.ada)
    seen = max(fact["seq"] for fact in guest.facts)
    await guest.hang_up()
    await doctor.fact("dropped")
    await doctor.do("chat", text="are you there?")

    again = await Person.connect(cast.call.pk, cast.mei)
    await again.hello(leg=guest.leg, last_seq=seen)

    assert again.leg == guest.leg
    await again.fact("joined")
    assert [fact["kind"] for fact in again.facts] == ["dropped", "chat", "joined"]


async def test_it_keeps_the_place_of_a_lost_leg(cast: Cast) -> None:
    guest, doctor = await in_visit(cast.call, cast.mei, cast.ada)
    await guest.hang_up()
    await doctor.fact("dropped")
    assert [peer["leg"] for peer in doctor.peers] == [guest.leg]
    participant = await Participant.objects.aget(pk=guest.you)
    assert participant.state == "admitted"


async def test_it_lets_the_newest_tab_win(cast: Cast) -> None:
    guest, doctor = await in_visit(cast.call, cast.mei, cast.ada)
    newer = await in_lobby(cast.call, cast.mei)
    assert await guest.close_code() == 4409
    await newer.do("enter")
    await doctor.peered_with(newer)
    assert len(doctor.peers) == 1
    assert await Leg.objects.exclude(state="closed").filter(participant_id=newer.you).acount() == 1


async def test_it_tells_leaving_from_ending(cast: Cast) -> None:
    guest, doctor = await in_visit(cast.call, cast.mei, cast.ada)
    await guest.do("leave")
    left = await doctor.fact("left")
    assert left["data"]["reason"] == "left"
    assert (await CallSession.objects.aget(pk=cast.call.pk)).state == "live"

    await guest.do("enter")
    assert (await Participant.objects.aget(pk=guest.you)).state == "admitted"

    await doctor.do("end")
    assert await doctor.close_code() == 4410
    assert await guest.close_code() == 4410
    assert guest.facts[-1]["kind"] == "ended"


async def test_it_lets_nobody_leave_where_they_left_already(cast: Cast) -> None:
    """Their newer tab is in the visit: the old one cannot take them out of it."""
    guest, doctor = await in_visit(cast.call, cast.mei, cast.ada)
    await guest.do("leave")
    newer = await Person.connect(cast.call.pk, cast.mei)
    await newer.hello()
    await newer.do("enter")
    assert (await guest.do("leave"))["code"] == "bad_state"
    await newer.peered_with(doctor)
    assert (await Participant.objects.aget(pk=guest.you)).state == "admitted"


async def test_it_lets_the_host_back_after_a_removal(cast: Cast) -> None:
    guest, doctor = await in_visit(cast.call, cast.mei, cast.ada)
    await doctor.do("remove", participant=guest.you)
    await doctor.do("leave")
    back = await Person.connect(cast.call.pk, cast.ada)
    assert (await back.hello())["you"] == doctor.you


async def test_it_gives_a_new_leg_to_whoever_rejoins(cast: Cast) -> None:
    guest, doctor = await in_visit(cast.call, cast.mei, cast.ada)
    old = guest.leg
    await guest.do("leave")
    await guest.say(t="enter", ref="back")
    guest.leg = (await guest.expect("welcome"))["leg"]
    assert guest.leg != old
    assert (await guest.expect("ok"))["ref"] == "back"
    await guest.peered_with(doctor)
    await doctor.peered_with(guest)
    assert [peer["leg"] for peer in doctor.peers] == [guest.leg]


async def test_it_hides_what_was_written_before_admission(cast: Cast) -> None:
    doctor = await in_lobby(cast.call, cast.ada)
    await doctor.do("enter")
    await doctor.do("chat", text="notes of an earlier patient")
    guest = await in_lobby(cast.call, cast.mei)
    await guest.do("enter")
    hidden = await guest.fact("chat")
    assert hidden["data"] == {}
    await doctor.do("admit", participant=guest.you)
    await guest.peered_with(doctor)
    again = await in_lobby(cast.call, cast.mei)
    assert (await again.fact("chat"))["data"] == {}


async def test_it_forbids_agents_commands_to_patients_and_audits_that(cast: Cast) -> None:
    guest, _doctor = await in_visit(cast.call, cast.mei, cast.ada)
    for command, fields in (
        ("admit", {"participant": guest.you}),
        ("remove", {"participant": guest.you}),
        ("hold", {"participant": guest.you}),
        ("resume", {"participant": guest.you}),
        ("supervise", {"manner": "listen"}),
        ("end", {}),
        ("record_ask", {"text_version": "recording-test"}),
        ("record_stop", {}),
    ):
        refusal = await guest.do(command, **fields)
        assert (command, refusal["code"]) == (command, "forbidden")
    refused = AuditEntry.objects.filter(actor=str(cast.mei.pk), allowed=False)
    assert await refused.acount() == 8


async def test_it_closes_every_socket_of_a_removed_person(cast: Cast) -> None:
    guest, doctor = await in_visit(cast.call, cast.mei, cast.ada)
    await doctor.do("remove", participant=guest.you)
    assert await guest.close_code() == 4403
    again = await Person.connect(cast.call.pk, cast.mei)
    assert await again.refusal() == 4404


async def test_it_answers_alike_for_a_foreign_and_an_unknown_call(cast: Cast) -> None:
    foreign = await Person.connect(cast.call.pk, cast.sam)
    unknown = await Person.connect(cast.sam.pk, cast.sam)
    other_agent = await Person.connect(cast.call.pk, cast.tomas)
    assert await foreign.refusal() == 4404
    assert await unknown.refusal() == 4404
    assert await other_agent.refusal() == 4404
    refused = AuditEntry.objects.filter(allowed=False)
    assert {entry.action async for entry in refused} == {"call.connect"}


async def test_it_asks_strangers_to_sign_in(cast: Cast) -> None:
    stranger = await Person.connect(cast.call.pk, None)
    assert stranger.accepted
    assert await stranger.close_code() == 4401


async def test_it_refuses_pages_of_other_sites(cast: Cast) -> None:
    for origin in ("https://evil.example", "null", "http://testserver.evil.example", None):
        person = await Person.connect(cast.call.pk, cast.mei, origin=origin)
        assert (origin, person.accepted) == (origin, False)


async def test_it_says_no_to_a_call_that_has_ended(cast: Cast) -> None:
    guest, doctor = await in_visit(cast.call, cast.mei, cast.ada)
    await doctor.do("end")
    assert await guest.close_code() == 4410
    late = await Person.connect(cast.call.pk, cast.mei)
    await late.say(t="hello", leg=None, last_seq=0)
    assert await late.close_code() == 4410
    assert late.facts[-1]["kind"] == "ended"


async def test_it_bounds_the_candidates_of_one_description(cast: Cast) -> None:
    guest, doctor = await in_visit(cast.call, cast.mei, cast.ada)
    await guest.signal("description", doctor, type="offer", sdp=SDP)
    for _ in range(50):
        await guest.signal("candidate", doctor, candidate=CANDIDATE)
        assert (await doctor.expect("candidate"))["leg"] == guest.leg
    await guest.signal("candidate", doctor, candidate=CANDIDATE)
    assert (await guest.expect("error"))["code"] == "rate"
    # It was their number, not their speed.
    await guest.say(t="ping")
    assert (await guest.expect("pong", "error"))["t"] == "pong"
