"""A contact goes on to a colleague who answers other queues, or lacks what its queue asks for."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from calls.desk.states import EntryState
from calls.models import (
    DeskAgent,
    Handling,
    LanguageRule,
    Queue,
    QueueEntry,
    RoutingDecision,
    Skill,
)
from calls.services.desk import colleagues, offers, routing, transferring
from tests.desk import house
from tests.desk.conversation import Conversation

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk(db: None) -> Conversation:
    """Ada speaks with Mei of Billing, which asks for contracts and English."""
    made = Conversation()
    contracts = Skill.objects.create(name="Contracts")
    made.billing.required_skills.add(contracts)
    Queue.objects.filter(pk=made.billing.pk).update(language_rule=LanguageRule.REQUIRED)
    able = DeskAgent.objects.get(user=made.tomas)
    able.skills.add(contracts)
    DeskAgent.objects.filter(pk=able.pk).update(languages=["en"])
    QueueEntry.objects.filter(pk=made.mei.pk).update(language="en")
    return made


@pytest.fixture
def eva(talk: Conversation) -> User:
    """Eva answers Travel, in German."""
    eva = house.person("Eva Holm")
    house.queue(eva, name="Travel")
    house.sit_down(eva)
    DeskAgent.objects.filter(user=eva).update(languages=["de"])
    return eva


def page(talk: Conversation) -> str:
    client = Client()
    client.force_login(talk.ada)
    answer: Any = client.get(reverse("contact_transfer", args=[talk.mei.pk]))
    return " ".join(answer.content.decode().split())


def test_the_agent_is_told_what_a_colleague_lacks(talk: Conversation, eva: User) -> None:
    html = page(talk)
    for words in ("Does not answer Billing.", "Lacks: Contracts.", "Does not speak English."):
        assert html.count(words) == 1
    # Who suits is named before who does not.
    assert html.index("Tomas Ruiz") < html.index("Eva Holm")
    assert html.count(f'data-action="send-on" data-agent="{eva.pk}"') == 1


def test_it_asks_nothing_more_for_more_colleagues(
    talk: Conversation, eva: User, django_assert_num_queries: Any
) -> None:
    for number in range(5):
        house.sit_down(house.person(f"Agent {number}"))
    entry = QueueEntry.objects.select_related("queue").get(pk=talk.mei.pk)
    with django_assert_num_queries(5):
        found = colleagues.targets_of(entry, by=talk.ada)
    assert len(found.agents) == 7


def test_a_colleague_of_another_queue_is_asked(talk: Conversation, eva: User) -> None:
    house.sit_down(talk.tomas, idle_secs=900)
    transferring.send_to_agent(talk.mei.pk, eva.pk, by=talk.ada, note="Knows the trip")
    offer = house.offered(talk.entry)
    assert offer.agent == eva
    decision = RoutingDecision.objects.get(offer=offer)
    assert (decision.reason, decision.queue, decision.candidate_count) == (
        "reserved",
        talk.billing,
        1,
    )
    assert decision.candidates[0]["lacks"] == ["other_queue", "skill", "language"]
    assert decision.refused == {"reserved": 1}

    offers.accept(eva, offer.pk)

    assert (talk.entry.agent, talk.entry.queue) == (eva, talk.billing)
    assert not talk.is_held()
    assert not Handling.objects.get(entry=talk.mei, agent=eva).is_consult
    client = Client()
    client.force_login(eva)
    assert client.get(reverse("contact_card", args=[talk.mei.pk])).status_code == 200


def test_who_is_not_taken_goes_to_anybody_of_the_queue(talk: Conversation, eva: User) -> None:
    transferring.send_to_agent(talk.mei.pk, eva.pk, by=talk.ada, note="")
    offers.decline(eva, house.offered(talk.entry).pk)
    offer = house.offered(talk.entry)
    assert offer.agent == talk.tomas
    assert "lacks" not in RoutingDecision.objects.get(offer=offer).candidates[0]


def test_nobody_rings_at_a_colleague_who_talks(talk: Conversation, eva: User) -> None:
    sam = house.come(Queue.objects.get(name="Travel"), "Sam Okafor")
    offers.accept(eva, house.offered(sam).pk)
    transferring.send_to_agent(talk.mei.pk, eva.pk, by=talk.ada, note="")
    assert routing.run() == 0
    assert talk.entry.state == EntryState.WAITING


def test_what_was_lacking_is_read_in_the_administration(
    talk: Conversation, eva: User, admin_client: Client
) -> None:
    transferring.send_to_agent(talk.mei.pk, eva.pk, by=talk.ada, note="")
    decision = house.offered(talk.entry).decision_id
    html = admin_client.get(
        reverse("admin:calls_routingdecision_change", args=[decision])
    ).content.decode()
    assert "answers other queues" in html
    assert "lacks a skill that is required" in html
