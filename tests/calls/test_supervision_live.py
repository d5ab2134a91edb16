"""Supervisors as the people in the call see them: who is told, and what is left out."""

from typing import Any

from asgiref.sync import sync_to_async

from accounts.models import Role, User
from audit.models import AuditEntry
from calls.models import (
    CallSession,
    Participant,
    ParticipantRole,
)
from calls.models.call import Manner
from calls.services import holding, lifecycle, supervision
from calls.services.news import history
from calls.services.peers import peers_in
from calls.services.rooms import read_rooms
from tests.calls.test_supervision import connect, sit
from tests.support.cast import Cast, person
from tests.support.sockets import Person, in_lobby, in_visit

LISTEN, WHISPER, JOIN = Manner.LISTEN, Manner.WHISPER, Manner.JOIN


async def supervised(cast: Cast, ines: User, manner: Manner) -> tuple[Person, Person, Person]:
    guest, doctor = await in_visit(cast.call, cast.mei, cast.ada)
    await sync_to_async(supervision.sit_in)(cast.call, ines, manner)
    watcher = await in_lobby(cast.call, ines)
    await watcher.do("enter")
    await watcher.peered_with(doctor)
    await doctor.peered_with(watcher)
    return guest, doctor, watcher


async def test_it_is_told_to_everybody(cast: Cast, ines: User) -> None:
    guest, doctor, watcher = await supervised(cast, ines, LISTEN)
    for somebody in (guest, doctor):
        told = (await somebody.fact("supervised"))["data"]
        assert (told["name"], told["manner"]) == ("Ines Falk", "listen")
        assert (await somebody.peered_with(watcher))["name"] == "Ines Falk"
    assert (await watcher.do("supervise", manner="join"))["t"] == "ok"
    assert (await watcher.do("supervise", manner="shout"))["code"] == "bad_field"


async def test_it_refuses_a_manner_of_anybody_else(cast: Cast, ines: User) -> None:
    guest, doctor = await in_visit(cast.call, cast.mei, cast.ada)
    for somebody in (guest, doctor):
        assert (await somebody.do("supervise", manner="listen"))["code"] == "forbidden"
    assert await AuditEntry.objects.filter(action="call.supervise", allowed=False).acount() == 2


async def test_it_writes_to_agents_alone_until_it_joins(cast: Cast, ines: User) -> None:
    guest, doctor, watcher = await supervised(cast, ines, WHISPER)
    await watcher.do("chat", text="Ask about the dose.")
    await watcher.do("supervise", manner="join")
    await watcher.do("chat", text="Good morning.")
    for somebody, texts in ((guest, [None, "Good morning."]),
                            (doctor, ["Ask about the dose.", "Good morning."])):  # fmt: skip
        while len(said := [one for one in somebody.facts if one["kind"] == "chat"]) < 2:
            await somebody.expect("fact")
        assert [one["data"].get("text") for one in said] == texts


async def test_it_sends_nothing_while_it_listens(cast: Cast, ines: User) -> None:
    _guest, doctor, watcher = await supervised(cast, ines, LISTEN)
    await watcher.signal("media", doctor, audio=True, video=True)
    assert (await watcher.expect("error"))["code"] == "not_a_peer"
    await doctor.signal("media", watcher, audio=True, video=True)
    assert (await watcher.expect("media"))["leg"] == doctor.leg


def test_it_is_left_out_of_the_page_of_a_guest_who_comes_later(
    cast: Cast, ines: User, settings: Any
) -> None:
    settings.SUPERVISOR_HIDDEN_FROM_CUSTOMER = True
    mei, ada = sit(cast, "mei"), sit(cast, "ada")
    place = connect(supervision.sit_in(cast.call, ines, LISTEN))
    kim = person("kim@example.com", "Kim", Role.GUEST)
    guest = Participant.objects.create(call=cast.call, user=kim, role=ParticipantRole.GUEST)
    lifecycle.remove(place.pk, by=ada, ref="1")
    said = {"participant": str(place.pk), "name": "Ines Falk", "manner": "listen"}
    for reader, expected in ((mei, {}), (connect(guest), {}), (ada, said)):
        told = {fact.kind.value: fact.data for fact in history(reader, 0)}
        assert told["supervised"] == expected
        assert told["removed"] == ({"participant": str(place.pk)} if expected else {})


def test_it_is_hidden_at_one_query_however_many_are_watched(
    cast: Cast, ines: User, settings: Any, django_assert_num_queries: Any
) -> None:
    settings.SUPERVISOR_HIDDEN_FROM_CUSTOMER = True
    joined = person("eva@example.com", "Eva Holm", Role.SUPERVISOR)
    calls = [cast.call, *(CallSession.objects.create() for _ in range(3))]
    for call in calls:
        patient = Participant.objects.get_or_create(
            call=call, user=cast.mei, defaults={"role": ParticipantRole.PATIENT}
        )
        connect(patient[0])
        connect(supervision.sit_in(call, ines, LISTEN))
        eva = connect(supervision.sit_in(call, joined, JOIN))
        supervision.change_manner(WHISPER, by=eva, ref="1")
    for some in (calls[:1], calls):
        with django_assert_num_queries(2):
            rooms = read_rooms([call.pk for call in some])
            named = [
                sorted(peer.name for peer in peers_in(room, seat, {}))
                for room in rooms.values()
                for seat in room.seats.values()
                if seat.user_id == cast.mei.pk
            ]
        assert named == [["", "Eva Holm"]] * len(some)
    settings.SUPERVISOR_HIDDEN_FROM_CUSTOMER = False
    with django_assert_num_queries(1):
        read_rooms([call.pk for call in calls])


def test_it_tells_only_who_works_there_whom_a_message_was_kept_from(cast: Cast) -> None:
    mei, ada = sit(cast, "mei"), sit(cast, "ada")
    kim = person("kim@example.com", "Kim", Role.GUEST)
    guest = connect(
        Participant.objects.create(call=cast.call, user=kim, role=ParticipantRole.GUEST)
    )
    holding.hold(mei.pk, by=ada, ref="1")
    lifecycle.chat("The scan looks odd.", by=ada, ref="2")
    said = {"participant": str(ada.pk), "name": "Dr. Ada Brandt", "text": "The scan looks odd."}
    told = [
        fact.data
        for reader in (mei, guest, ada)
        for fact in history(reader, 0)
        if fact.kind == "chat"
    ]
    assert told == [{}, said, said | {"kept_from": [str(mei.pk)]}]


async def test_it_is_left_out_of_the_patients_page_where_the_house_wants_that(
    cast: Cast, ines: User, settings: Any
) -> None:
    settings.SUPERVISOR_HIDDEN_FROM_CUSTOMER = True
    guest, doctor, watcher = await supervised(cast, ines, LISTEN)
    assert (await guest.peered_with(watcher))["name"] == ""
    assert (await doctor.fact("supervised"))["data"]["name"] == "Ines Falk"
    await doctor.do("chat", text="Next.")
    await guest.fact("chat")
    assert "Ines" not in str(guest.facts)
    assert watcher.you not in str([fact["data"] for fact in guest.facts])
    await watcher.do("supervise", manner="join")
    while not (joined := [one for one in guest.facts if one["data"].get("name") == "Ines Falk"]):
        await guest.expect("fact")
    assert joined[0]["kind"] == "supervised"
    await watcher.do("supervise", manner="listen")
    await watcher.do("leave")
    while not [one for one in guest.facts if one["kind"] == "left"]:
        await guest.expect("fact")
    assert guest.facts[-1]["data"]["participant"] == watcher.you
