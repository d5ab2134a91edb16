"""Supervisors in a call: who may, whom they see, who hears them, who is told and who is asked."""

from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Role, User
from audit.models import AuditEntry
from calls.models import (
    CallEvent,
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
from calls.services.peers import peers_of
from tests.support.cast import TEXT_VERSION, Cast, person

LISTEN, WHISPER, JOIN = Manner.LISTEN, Manner.WHISPER, Manner.JOIN


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
