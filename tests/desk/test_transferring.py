"""A contact goes on to a colleague or a queue, and nobody is left alone on the way."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from calls.desk.messages import Consult
from calls.desk.states import AgentState, EntryState, HandlingState
from calls.models import (
    CallSession,
    DeskAgent,
    EntryEvent,
    Participant,
    Queue,
    QueueOffer,
)
from calls.services.desk import colleagues, offers, routing, transferring
from calls.services.desk.errors import AskedAlready, NoSuchAgent, NotInHand, NotThere
from calls.services.desk.news import desks_of
from calls.services.news import history
from calls.states import ParticipantState
from tests.desk import house
from tests.desk.conversation import Conversation

pytestmark = pytest.mark.django_db


def test_a_colleague_is_asked_while_the_person_is_on_hold(talk: Conversation) -> None:
    offer = transferring.consult(talk.mei.pk, talk.tomas.pk, by=talk.ada, note="Refund?")
    assert talk.is_held()
    assert (offer.agent, offer.note, offer.asked_by) == (talk.tomas, "Refund?", talk.ada)
    assert talk.entry.state == EntryState.ANSWERED

    offers.accept(talk.tomas, offer.pk)

    assert talk.is_held()
    assert talk.entry.agent == talk.ada
    assert talk.part_of(talk.tomas).is_consult
    assert talk.state_of(talk.tomas) == AgentState.BUSY
    assert house.agent_place(talk.mei, talk.tomas).state == ParticipantState.INVITED


def test_a_warm_transfer_leaves_the_person_with_the_colleague(talk: Conversation) -> None:
    offer = transferring.consult(talk.mei.pk, talk.tomas.pk, by=talk.ada, note="")
    offers.accept(talk.tomas, offer.pk)
    talk.enter(talk.tomas)

    transferring.hand_over(talk.mei.pk, talk.tomas.pk, by=talk.ada)

    assert not talk.is_held()
    assert (talk.entry.agent, talk.entry.state) == (talk.tomas, EntryState.ANSWERED)
    assert CallSession.objects.get(pk=talk.mei.call_id).agent == talk.tomas
    assert not talk.part_of(talk.tomas).is_consult
    assert talk.part_of(talk.ada).state == HandlingState.WRAPPING_UP
    assert talk.state_of(talk.ada) == AgentState.AFTER_CALL
    assert house.agent_place(talk.mei, talk.ada).state == ParticipantState.LEFT
    kinds = list(EntryEvent.objects.filter(entry=talk.mei).values_list("kind", flat=True))
    assert kinds[-1] == "transferred"


def test_the_person_is_told_who_handed_them_on_and_who_goes_on(talk: Conversation) -> None:
    offer = transferring.consult(talk.mei.pk, talk.tomas.pk, by=talk.ada, note="")
    offers.accept(talk.tomas, offer.pk)
    talk.enter(talk.tomas)
    transferring.hand_over(talk.mei.pk, talk.tomas.pk, by=talk.ada)
    left, resumed = talk.told()[-2:]
    assert (left.kind, left.data["reason"], left.data["agent"]) == (
        "left",
        "handed_on",
        "Tomas Ruiz",
    )
    assert left.data["participant"] == str(house.agent_place(talk.mei, talk.ada).pk)
    # Said once.
    assert (resumed.kind, set(resumed.data)) == ("resumed", {"participant"})


def test_the_person_sent_on_is_told_who_goes_on_when_somebody_does(talk: Conversation) -> None:
    transferring.send_to_agent(talk.mei.pk, talk.tomas.pk, by=talk.ada, note="")
    left = talk.told()[-1]
    assert (left.kind, left.data["reason"]) == ("left", "handed_on")
    assert "agent" not in left.data
    offers.accept(talk.tomas, house.offered(talk.entry).pk)
    resumed = talk.told()[-1]
    assert (resumed.kind, resumed.data["agent"]) == ("resumed", "Tomas Ruiz")


def test_advice_ends_when_the_colleague_leaves(talk: Conversation) -> None:
    offer = transferring.consult(talk.mei.pk, talk.tomas.pk, by=talk.ada, note="")
    offers.accept(talk.tomas, offer.pk)
    place = house.agent_place(talk.mei, talk.tomas)
    Participant.objects.filter(pk=place.pk).update(state=ParticipantState.LEFT)
    transferring.sweep()
    assert talk.part_of(talk.tomas).state == HandlingState.DONE
    assert talk.state_of(talk.tomas) == AgentState.AVAILABLE


def test_the_desk_says_who_advises_only_while_they_do(talk: Conversation) -> None:
    def consult() -> Consult | None:
        return desks_of([talk.ada.pk])[talk.ada.pk].talks[0].consult

    offer = transferring.consult(talk.mei.pk, talk.tomas.pk, by=talk.ada, note="")
    offers.accept(talk.tomas, offer.pk)
    assert consult() == Consult(talk.tomas.pk, "Tomas Ruiz", "accepted")
    place = house.agent_place(talk.mei, talk.tomas)
    Participant.objects.filter(pk=place.pk).update(state=ParticipantState.LEFT)
    transferring.sweep()
    assert consult() is None


def test_who_takes_back_what_they_handed_on_comes_in_at_once(talk: Conversation) -> None:
    def enters_at_once() -> bool:
        client = Client()
        client.force_login(talk.ada)
        page = client.get(reverse("call", args=[talk.mei.call_id]))
        return bool(page.context["setup"]["entersAtOnce"])

    assert enters_at_once()
    place = house.agent_place(talk.mei, talk.ada)
    Participant.objects.filter(pk=place.pk).update(state=ParticipantState.LEFT)
    assert not enters_at_once()
    Participant.objects.filter(pk=place.pk).update(state=ParticipantState.ADMITTED)
    transferring.send_to_queue(talk.mei.pk, talk.billing, by=talk.ada, note="")
    assert not enters_at_once()
    house.sit_down(talk.ada, idle_secs=900)
    offers.accept(talk.ada, house.offered(talk.entry).pk)
    assert enters_at_once()


def test_a_contact_sent_on_waits_in_the_other_queue_with_its_old_time(
    talk: Conversation,
) -> None:
    sales = house.queue(talk.tomas, name="Sales")
    house.come(sales, "Sam Okafor", waited_secs=300)

    transferring.send_to_queue(talk.mei.pk, sales, by=talk.ada, note="Wants the new plan")

    entry = talk.entry
    assert (entry.queue, entry.state, entry.handed_note) == (
        sales,
        EntryState.WAITING,
        "Wants the new plan",
    )
    assert timezone.now() - entry.arrived_at >= timedelta(seconds=30)
    assert talk.is_held()
    assert talk.state_of(talk.ada) == AgentState.AFTER_CALL
    # Who was handed on comes before who has not been answered yet.
    offer = house.offered(entry)
    assert offer.agent == talk.tomas
    offers.accept(talk.tomas, offer.pk)
    assert not talk.is_held()
    assert talk.entry.answered_at == entry.answered_at


def test_a_contact_sent_to_an_agent_is_theirs_alone_for_a_while(talk: Conversation) -> None:
    eva = house.person("Eva Holm")
    talk.billing.agents.add(eva)
    house.sit_down(eva, idle_secs=900)
    transferring.send_to_agent(talk.mei.pk, talk.tomas.pk, by=talk.ada, note="")
    offer = house.offered(talk.entry)
    assert offer.agent == talk.tomas
    assert offer.decision
    assert offer.decision.reason == "reserved"
    # Who was meant has been asked: from here on it is anybody of the queue.
    offers.decline(talk.tomas, offer.pk)
    assert house.offered(talk.entry).agent == eva


def test_only_who_speaks_with_somebody_hands_them_on(talk: Conversation) -> None:
    sales = house.queue(name="Sales")
    with pytest.raises(NotInHand):
        transferring.consult(talk.mei.pk, talk.ada.pk, by=talk.tomas, note="")
    with pytest.raises(NotInHand):
        transferring.send_to_queue(talk.mei.pk, sales, by=talk.tomas, note="")
    with pytest.raises(NotInHand):
        transferring.hand_over(talk.mei.pk, talk.tomas.pk, by=talk.tomas)
    assert not talk.is_held()


def test_nobody_is_asked_who_cannot_take_it(talk: Conversation) -> None:
    away = house.person("Eva Holm")
    with pytest.raises(NotThere):
        transferring.consult(talk.mei.pk, away.pk, by=talk.ada, note="")
    with pytest.raises(NoSuchAgent):
        transferring.send_to_agent(talk.mei.pk, away.pk, by=talk.ada, note="")
    with pytest.raises(NoSuchAgent):
        transferring.send_to_agent(talk.mei.pk, talk.ada.pk, by=talk.ada, note="")
    house.sit_down(away)
    DeskAgent.objects.filter(user=away).update(is_connected=False)
    with pytest.raises(NotThere):
        transferring.send_to_agent(talk.mei.pk, away.pk, by=talk.ada, note="")
    with pytest.raises(NotThere):
        transferring.hand_over(talk.mei.pk, talk.tomas.pk, by=talk.ada)
    assert not talk.is_held()
    transferring.consult(talk.mei.pk, talk.tomas.pk, by=talk.ada, note="")
    with pytest.raises(AskedAlready):
        transferring.consult(talk.mei.pk, talk.tomas.pk, by=talk.ada, note="")


def test_handing_on_over_http(talk: Conversation) -> None:
    sales = house.queue(talk.tomas, name="Sales")
    client = Client()
    client.force_login(talk.ada)
    page = client.get(reverse("contact_transfer", args=[talk.mei.pk])).content.decode()
    assert "Tomas Ruiz" in page
    assert "Sales" in page
    address = reverse("contact_send_on", args=[talk.mei.pk])
    both = {"agent": talk.tomas.pk, "queue": sales.pk}
    for wrong in ({}, both, {"queue": "x"}, {"queue": sales.pk, "note": "x" * 301}):
        assert client.post(address, wrong).status_code == 400
    script = {"accept": "application/json"}
    answer = client.post(address, {"queue": sales.pk, "note": ""}, headers=script)
    part = talk.part_of(talk.ada)
    assert answer.json() == {"address": reverse("contact_wrap_up", args=[part.pk])}
    assert client.post(address, {"queue": sales.pk}, headers=script).status_code == 409


def test_a_stranger_hands_nobody_on(talk: Conversation) -> None:
    eva = house.person("Eva Holm")
    client = Client()
    client.force_login(eva)
    for name in ("consult", "consult_stop", "hand_over", "send_on"):
        address = reverse(f"contact_{name}", args=[talk.mei.pk])
        assert client.post(address, {"agent": eva.pk}).status_code == 404
    assert client.get(reverse("contact_transfer", args=[talk.mei.pk])).status_code == 404


def test_what_agents_write_meanwhile_is_not_the_persons_to_read(talk: Conversation) -> None:
    from calls.services import lifecycle

    transferring.consult(talk.mei.pk, talk.tomas.pk, by=talk.ada, note="")
    lifecycle.chat("He has not paid.", by=house.agent_place(talk.mei, talk.ada), ref="a")
    place = Participant.objects.get(call=talk.mei.call, user=talk.mei.person)
    texts = [fact.data.get("text") for fact in history(place, 0) if fact.kind == "chat"]
    assert texts == [None]


def test_a_person_who_had_left_comes_back_on_hold(talk: Conversation) -> None:
    place = Participant.objects.filter(call=talk.mei.call, user=talk.mei.person)
    place.update(state=ParticipantState.LEFT)
    offer = transferring.consult(talk.mei.pk, talk.tomas.pk, by=talk.ada, note="")
    assert talk.is_held()
    offers.accept(talk.tomas, offer.pk)
    talk.enter(talk.tomas)
    transferring.hand_over(talk.mei.pk, talk.tomas.pk, by=talk.ada)
    assert not talk.is_held()


def test_there_is_one_offer_at_a_time(talk: Conversation) -> None:
    transferring.consult(talk.mei.pk, talk.tomas.pk, by=talk.ada, note="")
    house.come(talk.billing, "Sam Okafor")
    assert routing.run() == 0
    transferring.stop_asking(talk.mei.pk, by=talk.ada)
    assert QueueOffer.objects.get(entry=talk.mei, kind="consult").state == "withdrawn"
    assert talk.entry.state == EntryState.ANSWERED
    assert routing.run() == 1


def test_a_queue_that_takes_nobody_is_no_target(talk: Conversation) -> None:
    Queue.objects.create(name="Old", slug="old", service=talk.billing.service, is_active=False)
    found = colleagues.targets_of(talk.entry, by=talk.ada)
    assert [one.desk.user for one in found.agents] == [talk.tomas]
    assert found.queues == []
