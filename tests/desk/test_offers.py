"""An entry is offered, and answered, declined, missed or taken back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from calls.desk.states import AgentState, EntryState, HandlingState, RingState
from calls.models import (
    AgentSpan,
    CallSession,
    DeskAgent,
    EntryEvent,
    Handling,
    Media,
    Participant,
    QueueEntry,
    QueueOffer,
    RoutingDecision,
)
from calls.services import lifecycle
from calls.services.desk import agents, finishing, offers, routing, waiting
from calls.services.desk.errors import OfferGone
from calls.states import CallState, ParticipantState
from tests.desk import house

pytestmark = pytest.mark.django_db


def test_it_offers_the_longest_waiting_to_the_longest_idle() -> None:
    ada, tomas = house.person("Ada Brandt"), house.person("Tomas Ruiz")
    billing = house.queue(ada, tomas)
    house.sit_down(ada, idle_secs=10)
    house.sit_down(tomas, idle_secs=90)
    house.come(billing, "Sam", waited_secs=5)
    mei = house.come(billing, "Mei Lin", waited_secs=60)

    assert routing.run() == 2
    offer = QueueOffer.objects.get(entry=mei)
    assert offer.agent == tomas
    decision = RoutingDecision.objects.get(entry=mei)
    assert decision.reason == "longest_idle"
    assert decision.waited_secs == 60
    assert [one["agent"] for one in decision.candidates] == [str(tomas.pk), str(ada.pk)]
    mei.refresh_from_db()
    assert mei.state == EntryState.RINGING


def test_it_asks_nobody_who_is_not_past_the_device_check_yet() -> None:
    ada = house.person("Ada Brandt")
    billing = house.queue(ada)
    house.sit_down(ada)
    house.come(billing, is_there=False)
    assert routing.run() == 0


def test_accepting_lets_the_person_in_and_makes_the_agent_busy() -> None:
    ada = house.person("Ada Brandt")
    billing = house.queue(ada)
    house.sit_down(ada)
    mei = house.come(billing, waited_secs=30)
    offer = house.offered(mei)

    offers.accept(ada, offer.pk)

    mei.refresh_from_db()
    assert (mei.state, mei.agent) == (EntryState.ANSWERED, ada)
    assert mei.answered_at is not None
    call = CallSession.objects.get(pk=mei.call_id)
    assert (call.state, call.agent) == (CallState.LIVE, ada)
    guest = Participant.objects.get(call=call, user=mei.person)
    assert guest.state == ParticipantState.ADMITTED
    assert house.agent_place(mei, ada).state == ParticipantState.INVITED
    assert DeskAgent.objects.get(user=ada).state == AgentState.BUSY
    assert Handling.objects.get(entry=mei).state == HandlingState.TALKING
    kinds = list(EntryEvent.objects.filter(entry=mei).values_list("kind", flat=True))
    assert kinds == ["arrived", "offered", "accepted"]


def test_accepting_twice_has_one_effect() -> None:
    ada = house.person("Ada Brandt")
    billing = house.queue(ada)
    house.sit_down(ada)
    mei = house.come(billing)
    offer = house.offered(mei)
    offers.accept(ada, offer.pk)
    assert offers.accept(ada, offer.pk).pk == mei.pk
    assert Handling.objects.filter(entry=mei).count() == 1


def test_a_declined_entry_keeps_its_place_and_goes_to_the_next_agent() -> None:
    ada, tomas = house.person("Ada Brandt"), house.person("Tomas Ruiz")
    billing = house.queue(ada, tomas)
    house.sit_down(ada, idle_secs=90)
    house.sit_down(tomas, idle_secs=10)
    mei = house.come(billing, waited_secs=60)
    first = house.offered(mei)
    assert first.agent == ada

    offers.decline(ada, first.pk)

    mei.refresh_from_db()
    assert mei.state == EntryState.WAITING
    assert timezone.now() - mei.arrived_at >= timedelta(seconds=60)
    assert house.offered(mei).agent == tomas


def test_who_misses_two_offers_is_on_a_break() -> None:
    ada = house.person("Ada Brandt")
    billing = house.queue(ada)
    house.sit_down(ada)
    for name in ("Mei Lin", "Sam Okafor"):
        entry = house.come(billing, name, waited_secs=1)
        offer = house.offered(entry)
        QueueOffer.objects.filter(pk=offer.pk).update(rings_until=timezone.now())
        offers.sweep()
        offer.refresh_from_db()
        assert offer.state == RingState.MISSED
        QueueEntry.objects.filter(pk=entry.pk).update(
            state=EntryState.LEFT, ended_at=timezone.now()
        )
    desk = DeskAgent.objects.get(user=ada)
    assert (desk.state, desk.wanted, desk.missed) == (AgentState.BREAK, AgentState.BREAK, 0)
    assert AgentSpan.objects.get(agent=desk, ends_at=None).reason == "missed"


def test_an_answer_in_between_begins_the_count_of_misses_anew() -> None:
    ada = house.person("Ada Brandt")
    billing = house.queue(ada)
    house.sit_down(ada)
    DeskAgent.objects.filter(user=ada).update(missed=1)
    offers.accept(ada, house.offered(house.come(billing)).pk)
    assert DeskAgent.objects.get(user=ada).missed == 0


def test_going_on_a_break_gives_back_what_rings() -> None:
    ada = house.person("Ada Brandt")
    billing = house.queue(ada)
    house.sit_down(ada)
    mei = house.come(billing)
    offer = house.offered(mei)
    agents.choose(ada, AgentState.BREAK, by=ada)
    offer.refresh_from_db()
    mei.refresh_from_db()
    assert (offer.state, mei.state) == (RingState.DECLINED, EntryState.WAITING)


def test_choosing_a_break_while_writing_gives_back_what_rings_and_keeps_the_talk() -> None:
    ada = house.person("Ada Brandt")
    billing = house.queue(ada)
    house.sit_down(ada)
    offers.accept(ada, house.offered(house.come(billing, media=Media.TEXT)).pk)
    second = house.offered(house.come(billing, "Sam Okafor", media=Media.TEXT))
    desk = agents.choose(ada, AgentState.BREAK, by=ada)
    second.refresh_from_db()
    assert (desk.state, second.state) == (AgentState.BUSY, RingState.DECLINED)
    assert QueueEntry.objects.get(pk=second.entry_id).state == EntryState.WAITING


def test_who_calls_somebody_back_gets_nobody_to_write_with_meanwhile() -> None:
    ada = house.person("Ada Brandt")
    billing = house.queue(ada)
    house.sit_down(ada)
    mei = house.come(billing, media=Media.TEXT)
    waiting.call_me_back(mei, phone="030 123", email="")
    offers.accept(ada, house.offered(mei).pk)
    house.come(billing, "Sam Okafor", media=Media.TEXT)
    assert routing.run() == 0


def test_an_agents_day_begins_with_their_desk() -> None:
    ada = house.person("Ada Brandt")
    desk = agents.desk_of(ada)
    span = AgentSpan.objects.get(agent=desk, ends_at=None)
    assert (span.state, span.starts_at) == (AgentState.OFFLINE, desk.since)


def test_another_agents_offer_cannot_be_answered() -> None:
    ada, tomas = house.person("Ada Brandt"), house.person("Tomas Ruiz")
    billing = house.queue(ada, tomas)
    house.sit_down(ada)
    offer = house.offered(house.come(billing))
    with pytest.raises(OfferGone):
        offers.accept(tomas, offer.pk)
    with pytest.raises(OfferGone):
        offers.decline(tomas, offer.pk)


def test_what_was_missed_cannot_be_accepted_any_more() -> None:
    ada = house.person("Ada Brandt")
    billing = house.queue(ada)
    house.sit_down(ada)
    offer = house.offered(house.come(billing))
    QueueOffer.objects.filter(pk=offer.pk).update(rings_until=timezone.now())
    offers.sweep()
    with pytest.raises(OfferGone):
        offers.accept(ada, offer.pk)


def test_the_end_of_the_call_leads_through_after_call_work_to_the_next_one() -> None:
    ada = house.person("Ada Brandt")
    billing = house.queue(ada, wrap_up_secs=60)
    house.sit_down(ada)
    mei = house.come(billing)
    offers.accept(ada, house.offered(mei).pk)
    mine = house.agent_place(mei, ada)
    Participant.objects.filter(pk=mine.pk).update(state=ParticipantState.ADMITTED)

    lifecycle.end(by=mine, ref="end")

    mei.refresh_from_db()
    assert mei.state == EntryState.DONE
    desk = DeskAgent.objects.get(user=ada)
    assert desk.state == AgentState.AFTER_CALL
    house.come(billing, "Sam Okafor")
    assert routing.run() == 0

    handling = Handling.objects.get(entry=mei)
    finishing.wrap_up(handling, code=None, note="Paid twice.", version=0)
    handling.refresh_from_db()
    assert (handling.state, handling.note) == (HandlingState.DONE, "Paid twice.")
    assert DeskAgent.objects.get(user=ada).state == AgentState.AVAILABLE
    assert routing.run() == 1


def test_after_call_work_ends_by_itself() -> None:
    ada = house.person("Ada Brandt")
    billing = house.queue(ada, wrap_up_secs=60)
    house.sit_down(ada)
    mei = house.come(billing)
    offers.accept(ada, house.offered(mei).pk)
    mine = house.agent_place(mei, ada)
    Participant.objects.filter(pk=mine.pk).update(state=ParticipantState.ADMITTED)
    lifecycle.end(by=mine, ref="end")
    Handling.objects.filter(entry=mei).update(wraps_up_until=timezone.now())
    finishing.sweep()
    assert DeskAgent.objects.get(user=ada).state == AgentState.AVAILABLE
