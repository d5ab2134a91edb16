"""Hold: who may put whom on it, what it keeps apart, and what ends it."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Role
from audit.models import AuditEntry
from calls.models import CallEvent, Leg, Participant, ParticipantRole
from calls.services import holding, lifecycle
from calls.services.errors import WrongState
from calls.services.hosting import open_room
from calls.services.news import history
from calls.services.peers import peers_of
from tests.support.cast import Cast, person


def seat(cast: Cast, name: str) -> Participant:
    user = getattr(cast, name)
    return cast.call.participants.select_related("user", "call").get(user=user)


def sit(cast: Cast, name: str, state: str = "admitted") -> Participant:
    """Somebody in the call, past the device check."""
    now = timezone.now()
    place = seat(cast, name)
    admitted_at = now if state == "admitted" else None
    Participant.objects.filter(pk=place.pk).update(state=state, admitted_at=admitted_at)
    Leg.objects.create(participant=place, seen_at=now, entered_at=now)
    return seat(cast, name)


def third(cast: Cast, role: ParticipantRole = ParticipantRole.GUEST) -> Participant:
    kim = person("kim@example.com", "Kim", Role.GUEST)
    now = timezone.now()
    place = Participant.objects.create(
        call=cast.call, user=kim, role=role, state="admitted", admitted_at=now
    )
    Leg.objects.create(participant=place, seen_at=now, entered_at=now)
    return place


def recorder(cast: Cast) -> Participant:
    place = Participant.objects.create(
        call=cast.call, role=ParticipantRole.RECORDER, state="admitted"
    )
    now = timezone.now()
    Leg.objects.create(participant=place, seen_at=now, entered_at=now)
    return place


def flows(place: Participant) -> dict[UUID, str]:
    """What the person's page may do with its connection to each other participant."""
    return {peer.participant: peer.flow for peer in peers_of(place.legs.get())}


def kinds(cast: Cast) -> list[str]:
    return list(CallEvent.objects.filter(call=cast.call).values_list("kind", flat=True))


def test_it_keeps_apart_who_is_on_hold_and_brings_them_back(cast: Cast) -> None:
    mei, ada, kim = sit(cast, "mei"), sit(cast, "ada"), third(cast)
    holding.hold(mei.pk, by=ada, ref="1")
    assert flows(mei) == {ada.pk: "none", kim.pk: "none"}
    assert flows(ada) == {mei.pk: "none", kim.pk: "both"}
    assert flows(kim) == {mei.pk: "none", ada.pk: "both"}
    mei.refresh_from_db()
    assert (mei.state, mei.held_at is not None) == ("admitted", True)
    holding.resume(mei.pk, by=ada, ref="2")
    assert flows(mei) == {ada.pk: "both", kim.pk: "both"}
    events = CallEvent.objects.order_by("seq")
    assert [(one.kind, one.by, one.data) for one in events] == [
        ("held", ada, {"participant": str(mei.pk), "music": True}),
        ("resumed", ada, {"participant": str(mei.pk)}),
    ]
    audited = AuditEntry.objects.filter(action__in=("call.hold", "call.resume")).order_by("pk")
    assert [(one.action, one.actor) for one in audited] == [
        ("call.hold", str(ada.user_id)),
        ("call.resume", str(ada.user_id)),
    ]


def test_it_has_one_effect_however_often_it_is_said(cast: Cast) -> None:
    mei, ada = sit(cast, "mei"), sit(cast, "ada")
    seq = holding.hold(mei.pk, by=ada, ref="1")
    assert holding.hold(mei.pk, by=ada, ref="1") == seq
    with pytest.raises(WrongState, match="Mei Lin is on hold already"):
        holding.hold(mei.pk, by=ada, ref="2")
    seq = holding.resume(mei.pk, by=ada, ref="3")
    assert holding.resume(mei.pk, by=ada, ref="3") == seq
    with pytest.raises(WrongState, match="Mei Lin is not on hold"):
        holding.resume(mei.pk, by=ada, ref="4")
    assert kinds(cast) == ["held", "resumed"]


@pytest.mark.parametrize("state", ["invited", "waiting", "removed"])
def test_it_holds_only_who_was_admitted(cast: Cast, state: str) -> None:
    mei, ada = sit(cast, "mei", state), sit(cast, "ada")
    with pytest.raises(WrongState):
        holding.hold(mei.pk, by=ada, ref="1")
    with transaction.atomic(), pytest.raises(IntegrityError):
        Participant.objects.filter(pk=mei.pk).update(held_at=timezone.now())


def test_it_holds_no_agent_no_recorder_and_nobody_of_another_call(cast: Cast) -> None:
    ada, tape = sit(cast, "ada"), recorder(cast)
    for target in (ada.pk, tape.pk, uuid4()):
        with pytest.raises(WrongState):
            holding.hold(target, by=ada, ref=uuid4().hex)
    assert kinds(cast) == []


def test_it_lets_nothing_of_anybody_go_to_a_recorder_meanwhile(cast: Cast) -> None:
    mei, ada, tape = sit(cast, "mei"), sit(cast, "ada"), recorder(cast)
    allow(cast, mei, ada)
    assert flows(ada)[tape.pk] == "send"
    assert flows(tape) == {mei.pk: "receive", ada.pk: "receive"}
    holding.hold(mei.pk, by=ada, ref="1")
    assert flows(ada)[tape.pk] == "none"
    assert flows(tape) == {mei.pk: "none", ada.pk: "none"}


def allow(cast: Cast, *people: Participant) -> None:
    recording = cast.call.recordings.create(state="recording", asked_at=timezone.now())
    for one in people:
        recording.consents.create(
            participant=one, state="given", given_at=timezone.now(), text_version="1"
        )


@pytest.mark.parametrize("how", ["remove", "end", "withdraw"])
def test_it_ends_with_the_place_in_the_call(cast: Cast, how: str) -> None:
    mei, ada = sit(cast, "mei"), sit(cast, "ada")
    holding.hold(mei.pk, by=ada, ref="1")
    leave(mei)
    if how == "remove":
        lifecycle.remove(mei.pk, by=ada, ref="2")
    elif how == "end":
        lifecycle.end(by=ada, ref="2")
    else:
        lifecycle.withdraw_place(mei)
    mei.refresh_from_db()
    assert mei.held_at is None


def leave(place: Participant) -> None:
    with open_room(place.call_id) as room:
        leg = place.legs.get().pk
        lifecycle.leave(room, lifecycle.Leave(place.call_id, place.pk, leg, "leave"))


def come_back(place: Participant) -> Leg:
    leg = Leg.objects.create(participant=place, seen_at=timezone.now())
    with open_room(place.call_id) as room:
        lifecycle.enter(room, lifecycle.Enter(place.call_id, place.pk, leg.pk, "enter"))
    return leg


def test_it_outlasts_leaving_and_keeps_what_is_written_meanwhile(cast: Cast) -> None:
    mei, ada = sit(cast, "mei"), sit(cast, "ada")
    holding.hold(mei.pk, by=ada, ref="1")
    leave(mei)
    lifecycle.chat("The scan looks odd.", by=ada, ref="2")
    leg = come_back(mei)
    mei.refresh_from_db()
    assert (mei.state, mei.held_at is not None) == ("admitted", True)
    assert [(peer.participant, peer.flow) for peer in peers_of(leg)] == [(ada.pk, "none")]
    assert flows(ada) == {mei.pk: "none"}
    assert kinds(cast) == ["held", "left", "chat", "entered", "joined"]
    assert [fact.data for fact in history(mei, 0) if fact.kind == "chat"] == [{}]


def test_it_holds_who_had_left_when_everybody_was_held(cast: Cast) -> None:
    mei, kim = sit(cast, "mei"), third(cast)
    leave(mei)
    assert set(holding.hold_everybody(cast.call.pk)) == {mei.pk, kim.pk}
    leg = come_back(mei)
    assert [(peer.participant, peer.flow) for peer in peers_of(leg)] == [(kim.pk, "none")]
    assert set(holding.resume_everybody(cast.call.pk)) == {mei.pk, kim.pk}
    assert [(peer.participant, peer.flow) for peer in peers_of(leg)] == [(kim.pk, "both")]


def test_it_ends_for_somebody_who_is_out(cast: Cast) -> None:
    mei, ada = sit(cast, "mei"), sit(cast, "ada")
    holding.hold(mei.pk, by=ada, ref="1")
    leave(mei)
    holding.resume(mei.pk, by=ada, ref="2")
    come_back(mei)
    assert flows(ada) == {mei.pk: "both"}


def test_it_holds_everybody_where_no_agent_is(cast: Cast) -> None:
    mei, kim = sit(cast, "mei"), third(cast)
    sit(cast, "ada", "left")
    assert set(holding.hold_everybody(cast.call.pk)) == {mei.pk, kim.pk}
    assert holding.hold_everybody(cast.call.pk) == []
    assert flows(mei) == {kim.pk: "none"}
    assert set(holding.resume_everybody(cast.call.pk)) == {mei.pk, kim.pk}
    assert kinds(cast) == ["held", "held", "resumed", "resumed"]
    assert list(CallEvent.objects.values_list("by", flat=True)) == [None] * 4


def test_it_holds_nobody_after_the_end(cast: Cast) -> None:
    sit(cast, "mei")
    lifecycle.end(by=sit(cast, "ada"), ref="1")
    for everybody in (holding.hold_everybody, holding.resume_everybody):
        with pytest.raises(WrongState):
            everybody(cast.call.pk)


def test_it_plays_no_music_where_the_house_wants_none(cast: Cast, settings: Any) -> None:
    settings.HOLD_MUSIC = False
    holding.hold(sit(cast, "mei").pk, by=sit(cast, "ada"), ref="1")
    assert CallEvent.objects.get().data["music"] is False
