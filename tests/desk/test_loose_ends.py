"""Nobody is left alone: odd turns of a conversation that once had no way out."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, User
from calls.desk.states import AgentState, EntryKind, EntryState, HandlingState, RingState
from calls.models import (
    AgentSpan,
    DeskAgent,
    Handling,
    Leg,
    Media,
    Notice,
    Participant,
    ParticipantRole,
    QueueEntry,
)
from calls.models.call import Manner
from calls.services import lifecycle, supervision
from calls.services.desk import (
    agents,
    lost,
    offers,
    routing,
    sweeping,
    transferring,
    waiting,
)
from calls.services.desk.errors import NotThere
from calls.services.lifecycle import Leave
from calls.services.rooms import locked_rooms
from calls.states import LegState, ParticipantState
from tests.desk import house
from tests.desk.conversation import Conversation

pytestmark = pytest.mark.django_db


def leaves(entry: QueueEntry, user: User) -> None:
    """They press *Leave call*."""
    place = Participant.objects.get(call=entry.call, user=user)
    leg = Leg.objects.filter(participant=place).exclude(state=LegState.CLOSED).get()
    with locked_rooms([entry.call_id]) as rooms:
        change = Leave(entry.call_id, place.pk, leg.pk, ref=f"leave-{place.pk.hex[:8]}")
        lifecycle.leave(rooms[entry.call_id], change)


def is_advised(talk: Conversation) -> None:
    """Tomas is asked in, and is in the call."""
    offer = transferring.consult(talk.mei.pk, talk.tomas.pk, by=talk.ada, note="")
    offers.accept(talk.tomas, offer.pk)
    talk.enter(talk.tomas)


def long_since(talk: Conversation) -> None:
    """The talks began long ago."""
    Handling.objects.update(began_at=timezone.now() - timedelta(hours=1))


def test_who_is_handed_on_and_goes_away_waits_no_more(talk: Conversation) -> None:
    travel = house.queue(name="Travel")
    transferring.send_to_queue(talk.mei.pk, travel, by=talk.ada, note="")
    house.go(talk.mei)
    waiting.sweep()
    QueueEntry.objects.update(away_since=timezone.now() - waiting.PLACE_KEPT)
    waiting.sweep()
    assert talk.entry.state == EntryState.LEFT


def test_who_is_handed_on_to_a_queue_that_closes_is_told_after_a_while(talk: Conversation) -> None:
    travel = house.queue(name="Travel")
    transferring.send_to_queue(talk.mei.pk, travel, by=talk.ada, note="")
    travel.is_active = False
    travel.save()
    waiting.sweep()
    assert talk.entry.state == EntryState.WAITING
    QueueEntry.objects.update(queued_at=timezone.now() - waiting.HANDED_ON_KEPT)
    waiting.sweep()
    assert talk.entry.state == EntryState.CLOSED


def test_handing_on_does_not_mind_another_place_of_the_same_person(talk: Conversation) -> None:
    travel = house.queue(name="Travel")
    guest = talk.mei.person
    house.come(travel, person=guest, kind=EntryKind.CALLBACK, phone="030 12345", is_there=False)
    transferring.send_to_queue(talk.mei.pk, travel, by=talk.ada, note="")
    assert QueueEntry.objects.filter(queue=travel, state=EntryState.WAITING).count() == 2


def test_a_consult_stops_ringing_when_who_asked_is_lost(talk: Conversation) -> None:
    offer = transferring.consult(talk.mei.pk, talk.tomas.pk, by=talk.ada, note="")
    Leg.objects.filter(participant__user=talk.ada).update(state=LegState.CLOSED)
    long_since(talk)
    lost.sweep()
    offer.refresh_from_db()
    assert (offer.state, talk.entry.state) == (RingState.WITHDRAWN, EntryState.WAITING)
    assert routing.run() == 1


def test_nobody_is_handed_over_to_who_has_just_left(talk: Conversation) -> None:
    is_advised(talk)
    leaves(talk.mei, talk.tomas)
    with pytest.raises(NotThere):
        transferring.hand_over(talk.mei.pk, talk.tomas.pk, by=talk.ada)
    assert talk.entry.agent == talk.ada


def test_a_colleague_can_be_asked_in_again(talk: Conversation) -> None:
    is_advised(talk)
    leaves(talk.mei, talk.tomas)
    transferring.sweep()
    offer = transferring.consult(talk.mei.pk, talk.tomas.pk, by=talk.ada, note="")
    offers.accept(talk.tomas, offer.pk)
    transferring.sweep()
    assert talk.state_of(talk.tomas) == AgentState.BUSY


def test_a_supervisor_who_listened_takes_the_contact_as_an_agent(talk: Conversation) -> None:
    ines = house.person("Ines Falk", Role.SUPERVISOR)
    supervision.sit_in(talk.mei.call, ines, Manner.LISTEN)
    house.sit_down(ines)
    travel = house.queue(ines, name="Travel")
    transferring.send_to_queue(talk.mei.pk, travel, by=talk.ada, note="")
    offers.accept(ines, house.offered(talk.mei).pk)
    place = Participant.objects.get(call=talk.mei.call, user=ines)
    assert (place.role, place.manner) == (ParticipantRole.AGENT, "")


def test_who_was_removed_is_in_again_when_they_take_the_contact(talk: Conversation) -> None:
    is_advised(talk)
    place = house.agent_place(talk.mei, talk.tomas)
    lifecycle.remove(place.pk, by=house.agent_place(talk.mei, talk.ada), ref="remove")
    transferring.sweep()
    travel = house.queue(talk.tomas, name="Travel")
    transferring.send_to_queue(talk.mei.pk, travel, by=talk.ada, note="")
    offers.accept(talk.tomas, house.offered(talk.mei).pk)
    client = Client()
    client.force_login(talk.tomas)
    assert client.get(reverse("call", args=[talk.mei.call_id])).status_code == 200


def test_an_agent_who_takes_somebody_back_and_never_comes_is_lost(talk: Conversation) -> None:
    travel = house.queue(talk.ada, name="Travel")
    transferring.send_to_queue(talk.mei.pk, travel, by=talk.ada, note="")
    agents.choose(talk.ada, AgentState.AVAILABLE, by=talk.ada)
    offers.accept(talk.ada, house.offered(talk.mei).pk)
    long_since(talk)
    lost.sweep()
    assert talk.entry.state == EntryState.WAITING


def test_going_to_another_page_is_not_being_lost(talk: Conversation) -> None:
    long_since(talk)
    leaves(talk.mei, talk.ada)
    agents.unsee(talk.ada.pk)
    lost.sweep()
    assert talk.entry.state == EntryState.ANSWERED


def test_an_agent_who_left_by_word_is_not_waited_for_without_end(talk: Conversation) -> None:
    long_since(talk)
    leaves(talk.mei, talk.ada)
    Leg.objects.filter(participant__user=talk.ada).update(closed_at=timezone.now() - lost.LEFT_FOR)
    lost.sweep()
    assert talk.entry.state == EntryState.WAITING


def test_an_adviser_whose_browser_died_is_free_again(talk: Conversation) -> None:
    is_advised(talk)
    now = timezone.now()
    of_tomas = Leg.objects.filter(participant__user=talk.tomas)
    of_tomas.update(state=LegState.CLOSED, closed_at=now)
    long_since(talk)
    transferring.sweep()
    assert talk.state_of(talk.tomas) == AgentState.AVAILABLE


@pytest.mark.parametrize("kind", [EntryKind.MESSAGE, EntryKind.CALLBACK])
def test_what_a_gone_agent_had_goes_to_somebody_else(kind: EntryKind) -> None:
    ada, tomas = house.person("Ada Brandt"), house.person("Tomas Ruiz")
    billing = house.queue(ada)
    house.sit_down(ada)
    said: dict[str, Any] = {"email": "mei@example.com", "message": "Hello", "is_there": False}
    entry = house.come(billing, kind=kind, **said)
    offers.accept(ada, house.offered(entry).pk)
    billing.agents.set([tomas])
    house.sit_down(tomas)
    gone = timezone.now() - timedelta(days=1)
    DeskAgent.objects.filter(user=ada).update(is_connected=False, seen_at=gone)
    Handling.objects.update(began_at=gone)
    sweeping.sweep()
    entry.refresh_from_db()
    assert entry.state == EntryState.RINGING
    assert DeskAgent.objects.get(user=ada).state == AgentState.OFFLINE


def test_nobody_is_asked_into_a_call_about_a_letter() -> None:
    ada, tomas = house.person("Ada Brandt"), house.person("Tomas Ruiz")
    house.sit_down(ada)
    billing = house.queue(ada)
    letter: dict[str, Any] = {"email": "mei@example.com", "message": "Hello", "is_there": False}
    entry = house.come(billing, kind=EntryKind.MESSAGE, **letter)
    offers.accept(ada, house.offered(entry).pk)
    client = Client()
    client.force_login(ada)
    house.sit_down(tomas)
    address = reverse("contact_consult", args=[entry.pk])
    assert client.post(address, {"agent": tomas.pk}).status_code == 409


def test_an_agent_takes_back_what_they_sent_on_a_moment_ago() -> None:
    ada = house.person("Ada Brandt")
    chat = house.queue(ada, name="Chat", media=Media.TEXT)
    other = house.queue(ada, name="Other", media=Media.TEXT)
    house.sit_down(ada)
    entries = [house.come(chat, name, media=Media.TEXT) for name in ("Mei Lin", "Sam Okafor")]
    for entry in entries:
        offers.accept(ada, house.offered(entry).pk)
        Participant.objects.filter(pk=house.agent_place(entry, ada).pk).update(
            state=ParticipantState.ADMITTED
        )
    transferring.send_to_queue(entries[0].pk, other, by=ada, note="")
    offers.accept(ada, house.offered(entries[0]).pk)
    parts = Handling.objects.filter(entry=entries[0]).order_by("began_at")
    assert [one.state for one in parts] == [HandlingState.DONE, HandlingState.TALKING]


def test_a_chat_that_ends_declines_nothing_for_the_agent() -> None:
    ada = house.person("Ada Brandt")
    chat = house.queue(ada, name="Chat", media=Media.TEXT)
    house.sit_down(ada)
    first = house.come(chat, media=Media.TEXT)
    offers.accept(ada, house.offered(first).pk)
    place = house.agent_place(first, ada)
    Participant.objects.filter(pk=place.pk).update(state=ParticipantState.ADMITTED)
    rings = house.offered(house.come(chat, "Sam Okafor", media=Media.TEXT))
    lifecycle.end(by=place, ref="end")
    rings.refresh_from_db()
    assert rings.state == RingState.WITHDRAWN


def test_who_is_called_back_is_mailed_once() -> None:
    ada, tomas = house.person("Ada Brandt"), house.person("Tomas Ruiz")
    billing = house.queue(ada)
    house.sit_down(ada)
    entry = house.come(billing, kind=EntryKind.CALLBACK, email="mei@example.com", is_there=False)
    offers.accept(ada, house.offered(entry).pk)
    Notice.objects.update(key="of the minute before")
    Participant.objects.filter(call=entry.call).update(state=ParticipantState.ADMITTED)
    house.sit_down(tomas)
    offers.accept(tomas, transferring.consult(entry.pk, tomas.pk, by=ada, note="").pk)
    assert Notice.objects.count() == 1


def test_a_card_looks_back_only_while_somebody_is_spoken_with() -> None:
    ada, tomas = house.person("Ada Brandt"), house.person("Tomas Ruiz")
    mei = house.person("Mei Lin", Role.PATIENT)
    billing, travel = house.queue(ada, wrap_up_secs=0), house.queue(tomas, name="Travel")
    house.sit_down(ada)
    first = house.come(billing, person=mei)
    offers.accept(ada, house.offered(first).pk)
    place = house.agent_place(first, ada)
    Participant.objects.filter(pk=place.pk).update(state=ParticipantState.ADMITTED)
    lifecycle.end(by=place, ref="end")
    house.sit_down(tomas)
    second = house.come(travel, person=mei)
    offers.accept(tomas, house.offered(second).pk)
    Handling.objects.filter(entry=second).update(note="Lost her passport.")
    client = Client()
    client.force_login(ada)
    page = client.get(reverse("contact_card", args=[first.pk])).content.decode()
    assert "Lost her passport." not in page


def test_a_clock_that_is_behind_ends_nothing_before_it_began(talk: Conversation) -> None:
    ahead = timezone.now() + timedelta(seconds=1)
    AgentSpan.objects.filter(ends_at=None).update(starts_at=ahead)
    agents.choose(talk.tomas, AgentState.BREAK, by=talk.tomas)
    assert talk.state_of(talk.tomas) == AgentState.BREAK


def test_one_bad_contact_keeps_nobody_else_waiting(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> None:
        raise ValueError("a row that cannot be")

    monkeypatch.setattr(sweeping, "PARTS", (fails, *sweeping.PARTS))
    house.come(talk.billing, "Sam Okafor")
    assert sweeping.sweep() == 1
