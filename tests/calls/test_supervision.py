"""Supervisors in a call: who may, whom they see, who hears them, who is told and who is asked."""

from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Role, User
from audit.models import AuditEntry
from calls.models import (
    CallEvent,
    CallSession,
    Consent,
    Leg,
    Participant,
    ParticipantRole,
    Recording,
)
from calls.models.call import Manner
from calls.permissions import calls_for
from calls.services import consent, holding, lifecycle, supervision
from calls.services.errors import Forbidden, Full, WrongState
from calls.services.news import history
from calls.services.peers import peers_in, peers_of
from calls.services.rooms import read_rooms
from tests.support.cast import TEXT_VERSION, Cast, person
from tests.support.sockets import Person, in_lobby, in_visit

LISTEN, WHISPER, JOIN = Manner.LISTEN, Manner.WHISPER, Manner.JOIN


@pytest.fixture
def ines(cast: Cast) -> User:
    return person("ines@example.com", "Ines Falk", Role.SUPERVISOR)


def connect(place: Participant) -> Participant:
    """They are admitted, and past the device check."""
    now = timezone.now()
    Participant.objects.filter(pk=place.pk).update(state="admitted", admitted_at=now)
    Leg.objects.create(participant=place, seen_at=now, entered_at=now)
    return Participant.objects.select_related("user", "call").get(pk=place.pk)


def sit(cast: Cast, name: str) -> Participant:
    return connect(cast.call.participants.get(user=getattr(cast, name)))


def flows(place: Participant) -> dict[UUID, str]:
    return {peer.participant: peer.flow for peer in peers_of(place.legs.get())}


@pytest.mark.parametrize(
    ("manner", "to_patient", "to_agent"),
    [(LISTEN, "receive", "receive"), (WHISPER, "receive", "both"), (JOIN, "both", "both")],
)
def test_it_is_heard_by_whom_its_manner_allows(
    cast: Cast, ines: User, manner: Manner, to_patient: str, to_agent: str
) -> None:
    mei, ada = sit(cast, "mei"), sit(cast, "ada")
    place = connect(supervision.sit_in(cast.call, ines, manner))
    assert flows(place) == {mei.pk: to_patient, ada.pk: to_agent}
    answer = {"receive": "send", "both": "both"}
    assert flows(mei) == {ada.pk: "both", place.pk: answer[to_patient]}
    assert flows(ada) == {mei.pk: "both", place.pk: answer[to_agent]}
    holding.hold(mei.pk, by=ada, ref="1")
    assert flows(place) == {mei.pk: "none", ada.pk: to_agent}


def test_it_is_in_the_history_and_audited_with_each_manner(cast: Cast, ines: User) -> None:
    place = supervision.sit_in(cast.call, ines, LISTEN)
    assert (place.role, place.state, place.manner) == ("supervisor", "admitted", "listen")
    assert supervision.sit_in(cast.call, ines, LISTEN) == place
    seq = supervision.change_manner(WHISPER, by=place, ref="1")
    assert supervision.change_manner(WHISPER, by=place, ref="1") == seq
    with pytest.raises(WrongState):
        supervision.change_manner(WHISPER, by=place, ref="2")
    events = CallEvent.objects.filter(kind="supervised").order_by("seq")
    said = {"participant": str(place.pk), "name": "Ines Falk"}
    assert [(one.by, one.data) for one in events] == [
        (place, said | {"manner": "listen"}),
        (place, said | {"manner": "whisper"}),
    ]
    audited = AuditEntry.objects.filter(action="call.supervise").order_by("pk")
    assert [(one.actor, one.data["manner"]) for one in audited] == [
        (str(ines.pk), "listen"),
        (str(ines.pk), "whisper"),
    ]


def test_it_comes_back_to_the_same_place_after_leaving(cast: Cast, ines: User) -> None:
    place = supervision.sit_in(cast.call, ines, LISTEN)
    Participant.objects.filter(pk=place.pk).update(state="left")
    again = supervision.sit_in(cast.call, ines, JOIN)
    assert (again, again.state, again.manner) == (place, "admitted", "join")


@pytest.mark.parametrize("role", [Role.PATIENT, Role.AGENT, Role.GUEST])
def test_it_refuses_every_other_role(cast: Cast, role: Role) -> None:
    somebody = person("somebody@example.com", "Somebody", role)
    with pytest.raises(Forbidden):
        supervision.sit_in(cast.call, somebody, LISTEN)
    assert AuditEntry.objects.get(action="call.supervise").allowed is False
    assert not Participant.objects.filter(user=somebody).exists()


def test_it_refuses_a_call_that_is_over_another_part_and_one_that_is_full(
    cast: Cast, ines: User
) -> None:
    User.objects.filter(pk=cast.ada.pk).update(role=Role.SUPERVISOR)
    with pytest.raises(WrongState, match="another part"):
        supervision.sit_in(cast.call, User.objects.get(pk=cast.ada.pk), LISTEN)
    for number in range(4):
        guest = person(f"{number}@example.com", "Guest", Role.GUEST)
        connect(Participant.objects.create(call=cast.call, user=guest, role=ParticipantRole.GUEST))
    with pytest.raises(Full):
        supervision.sit_in(cast.call, ines, LISTEN)
    lifecycle.end(by=sit(cast, "ada"), ref="1")
    with pytest.raises(WrongState, match="ended"):
        supervision.sit_in(cast.call, ines, LISTEN)


def test_it_has_a_manner_and_nobody_else_does(cast: Cast, ines: User) -> None:
    place = supervision.sit_in(cast.call, ines, LISTEN)
    for pk, manner in ((place.pk, ""), (sit(cast, "mei").pk, "join")):
        with transaction.atomic(), pytest.raises(IntegrityError):
            Participant.objects.filter(pk=pk).update(manner=manner)


def test_it_is_a_place_only_while_the_account_supervises(cast: Cast, ines: User) -> None:
    supervision.sit_in(cast.call, ines, LISTEN)
    assert cast.call in calls_for(ines)
    for role, sees in ((Role.ADMINISTRATOR, True), (Role.AGENT, False), (Role.PATIENT, False)):
        ines.role = role
        ines.save()
        assert (cast.call in calls_for(ines)) is sees


def test_it_cannot_be_held_and_answers_for_nothing(cast: Cast, ines: User) -> None:
    ada, place = sit(cast, "ada"), connect(supervision.sit_in(cast.call, ines, JOIN))
    mei = sit(cast, "mei")
    with pytest.raises(WrongState):
        holding.hold(place.pk, by=ada, ref="1")
    with pytest.raises(Forbidden):
        holding.hold(mei.pk, by=place, ref="2")
    with pytest.raises(Forbidden):
        lifecycle.remove(mei.pk, by=place, ref="3")
    with pytest.raises(Forbidden):
        lifecycle.end(by=place, ref="4")
    with pytest.raises(Forbidden):
        consent.ask(TEXT_VERSION, by=place, ref="5")


def test_it_is_asked_for_consent_only_when_it_joins(cast: Cast, ines: User) -> None:
    mei, ada = sit(cast, "mei"), sit(cast, "ada")
    place = connect(supervision.sit_in(cast.call, ines, LISTEN))
    consent.ask(TEXT_VERSION, by=ada, ref="1")
    agree(mei, "2")
    recording = Recording.objects.get()
    assert recording.state == "queued"  # nobody waits for who only listens
    assert not Consent.objects.filter(participant=place).exists()
    with pytest.raises(WrongState):
        agree(place, "3")
    supervision.change_manner(JOIN, by=place, ref="4")
    assert Consent.objects.get(participant=place).state == "asked"
    tape = connect(Participant.objects.create(call=cast.call, role=ParticipantRole.RECORDER))
    assert set(flows(tape)) == {mei.pk, ada.pk}
    agree(place, "5")
    assert flows(tape)[place.pk] == "receive"
    supervision.change_manner(LISTEN, by=place, ref="6")
    assert flows(tape) == {mei.pk: "receive", ada.pk: "receive", place.pk: "none"}
    recording.refresh_from_db()
    assert recording.state == "queued"


def agree(person: Participant, ref: str) -> None:
    consent.answer(granted=True, text_version=TEXT_VERSION, by=person, ref=ref)


def test_it_holds_up_no_recording_once_it_only_listens_again(cast: Cast, ines: User) -> None:
    mei, ada = sit(cast, "mei"), sit(cast, "ada")
    place = connect(supervision.sit_in(cast.call, ines, JOIN))
    consent.ask(TEXT_VERSION, by=ada, ref="1")
    agree(mei, "2")
    assert Recording.objects.get().state == "asking"
    supervision.change_manner(WHISPER, by=place, ref="3")
    assert Recording.objects.get().state == "queued"


# --- As the people in the call see it -------------------------------------------------------------
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
