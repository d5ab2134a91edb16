"""What supervisors move, assign, call back and force, and what is refused."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Role, User
from audit.models import AuditEntry
from calls.desk.states import AgentState, EntryState, RingState
from calls.models import (
    AgentSpan,
    DeskAgent,
    EntryEvent,
    Media,
    Queue,
    QueueEntry,
    QueueOffer,
    Skill,
)
from calls.services.desk import agents, offers, routing, supervising, waiting
from calls.services.desk.errors import (
    AgentAway,
    AgentLacksSkill,
    DeskError,
    EntryMoved,
    NoSuchAgent,
    NothingRings,
    NotOffered,
    NotWaiting,
    WaitsThere,
)
from tests.desk import house

pytestmark = pytest.mark.django_db


@pytest.fixture
def billing(ada: User, tomas: User) -> Queue:
    return house.queue(ada, tomas)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def happened(entry: QueueEntry) -> list[str]:
    return list(EntryEvent.objects.filter(entry=entry).values_list("kind", flat=True))


def audited(action: str) -> AuditEntry:
    return AuditEntry.objects.get(action=action, allowed=True)


def test_it_moves_somebody_with_the_time_that_they_waited(
    ines: User, ada: User, billing: Queue
) -> None:
    other = house.queue(name="Other")
    house.sit_down(ada)
    entry = house.come(billing, waited_secs=300)
    offer = house.offered(entry)
    arrived = entry.arrived_at
    supervising.move(entry, to=other, seen=billing.pk, by=ines)
    entry.refresh_from_db()
    assert (entry.queue, entry.state, entry.arrived_at) == (other, EntryState.WAITING, arrived)
    assert entry.queued_at > arrived
    offer.refresh_from_db()
    assert offer.state == RingState.WITHDRAWN
    assert happened(entry)[-2:] == ["withdrawn", "moved"]
    moved = EntryEvent.objects.get(entry=entry, kind="moved")
    assert moved.by == ines
    assert moved.data == {"queue": str(other.pk), "before": str(billing.pk)}
    assert audited("desk.move").actor == str(ines.pk)


def test_the_second_of_two_supervisors_is_told(ines: User, billing: Queue) -> None:
    other, third = house.queue(name="Other"), house.queue(name="Third")
    entry = house.come(billing)
    seen_by_both = QueueEntry.objects.get(pk=entry.pk)
    supervising.move(entry, to=other, seen=billing.pk, by=ines)
    with pytest.raises(EntryMoved):
        supervising.move(seen_by_both, to=third, seen=billing.pk, by=ines)
    entry.refresh_from_db()
    assert (entry.queue, entry.state) == (other, EntryState.WAITING)
    assert happened(entry).count("moved") == 1


@pytest.mark.parametrize(
    ("fields", "said", "refusal"),
    [
        ({"media": Media.TEXT}, {}, NotOffered),
        ({"is_active": False}, {}, NotOffered),
        ({"takes_messages": False}, {"kind": "message", "message": "Hello"}, NotOffered),
        ({"takes_callbacks": False}, {"kind": "callback", "phone": "1"}, NotOffered),
    ],
)
def test_it_moves_nobody_to_where_they_are_not_served(
    ines: User,
    billing: Queue,
    fields: dict[str, object],
    said: dict[str, Any],
    refusal: type[DeskError],
) -> None:
    other = house.queue(name="Other", **fields)
    entry = house.come(billing, **said)
    with pytest.raises(refusal):
        supervising.move(entry, to=other, seen=billing.pk, by=ines)
    entry.refresh_from_db()
    assert entry.queue == billing


def test_it_gives_nobody_two_places_in_one_line(ines: User, billing: Queue) -> None:
    other = house.queue(name="Other")
    entry = house.come(billing)
    house.come(other, person=entry.person)
    with pytest.raises(WaitsThere):
        supervising.move(entry, to=other, seen=billing.pk, by=ines)


def test_it_keeps_somebody_for_one_agent_for_a_minute(
    ines: User, ada: User, tomas: User, billing: Queue
) -> None:
    house.sit_down(ada, idle_secs=5)
    house.sit_down(tomas, idle_secs=90)
    entry = house.come(billing, waited_secs=20)
    assert house.offered(entry).agent == tomas
    supervising.assign(entry, ada, seen=billing.pk, by=ines)
    entry.refresh_from_db()
    assert entry.reserved_for == ada
    assert entry.reserved_until is not None
    assert 55 < (entry.reserved_until - timezone.now()).total_seconds() <= 60
    offer = house.offered(entry)
    assert (offer.agent, offer.decision and offer.decision.reason) == (ada, "reserved")
    assert audited("desk.assign").data == {"agent": str(ada.pk)}


def test_it_assigns_only_to_who_can_answer(ines: User, ada: User, billing: Queue) -> None:
    entry = house.come(billing)
    stranger = house.person("Noa Berg")
    house.sit_down(stranger)
    with pytest.raises(NoSuchAgent):
        supervising.assign(entry, stranger, seen=billing.pk, by=ines)
    with pytest.raises(AgentAway):
        supervising.assign(entry, ada, seen=billing.pk, by=ines)
    house.sit_down(ada)
    agents.choose(ada, AgentState.BREAK, by=ada)
    with pytest.raises(AgentAway):
        supervising.assign(entry, ada, seen=billing.pk, by=ines)
    agents.choose(ada, AgentState.AVAILABLE, by=ada)
    billing.required_skills.add(Skill.objects.create(name="Dental bills"))
    with pytest.raises(AgentLacksSkill):
        supervising.assign(entry, ada, seen=billing.pk, by=ines)
    entry.refresh_from_db()
    assert entry.reserved_for is None


def test_it_recalls_what_rings_and_asks_somebody_else(
    ines: User, ada: User, tomas: User, billing: Queue
) -> None:
    house.sit_down(ada, idle_secs=90)
    house.sit_down(tomas, idle_secs=5)
    entry = house.come(billing, waited_secs=20)
    assert house.offered(entry).agent == ada
    supervising.recall(entry, seen=billing.pk, by=ines)
    assert happened(entry)[-2:] == ["withdrawn", "recalled"]
    assert house.offered(entry).agent == tomas
    # A minute later it may be her again.
    supervising.recall(entry, seen=billing.pk, by=ines)
    QueueOffer.objects.update(settled_at=timezone.now() - timedelta(seconds=61))
    EntryEvent.objects.update(at=timezone.now() - timedelta(seconds=61))
    assert house.offered(entry).agent == ada


def test_it_recalls_nothing_where_nothing_rings(ines: User, billing: Queue) -> None:
    entry = house.come(billing)
    with pytest.raises(NothingRings):
        supervising.recall(entry, seen=billing.pk, by=ines)


def test_it_leaves_those_alone_who_wait_no_more(ines: User, ada: User, billing: Queue) -> None:
    other = house.queue(name="Other")
    house.sit_down(ada)
    answered, gone = house.come(billing, waited_secs=60), house.come(billing, "Sam")
    offers.accept(ada, house.offered(answered).pk)
    waiting.leave(gone)
    for entry in (answered, gone):
        with pytest.raises(NotWaiting):
            supervising.move(entry, to=other, seen=billing.pk, by=ines)
        with pytest.raises(NotWaiting):
            supervising.recall(entry, seen=billing.pk, by=ines)
        with pytest.raises(NotWaiting):
            supervising.assign(entry, ada, seen=billing.pk, by=ines)
    answered.refresh_from_db()
    assert (answered.state, answered.agent) == (EntryState.ANSWERED, ada)


# --- Pages ---------------------------------------------------------------------------------------
def lever(entry: QueueEntry, name: str) -> str:
    return f"/desk/wallboard/contacts/{entry.pk}/{name}/"


def test_a_supervisor_moves_assigns_and_recalls(
    ines: User, ada: User, tomas: User, billing: Queue
) -> None:
    other = house.queue(name="Other")
    house.sit_down(ada)
    entry = house.come(billing, waited_secs=20)
    client = signed_in(ines)
    seen = {"seen": billing.pk}
    assert client.post(lever(entry, "assign"), seen | {"agent": ada.pk}).status_code == 302
    routing.run()
    page = client.get(f"/desk/wallboard/contacts/{entry.pk}/").content.decode()
    for words in (
        "Assigned",
        "by Ines Falk",
        "It was meant for this agent.",
        "Take the offer back",
    ):
        assert words in page
    assert client.post(lever(entry, "recall"), seen).status_code == 302
    answer = client.post(lever(entry, "move"), seen | {"queue": other.pk}, follow=True)
    assert "Mei Lin waits in Other now." in answer.content.decode()
    answer = client.post(lever(entry, "move"), seen | {"queue": other.pk})
    assert answer.status_code == 400
    answer = client.post(lever(entry, "recall"), seen)
    assert answer.status_code == 409
    assert "Somebody else has moved this person meanwhile." in answer.content.decode()


@pytest.mark.parametrize("name", ["move", "assign", "recall"])
@pytest.mark.parametrize("sent", [{}, {"seen": "x", "queue": "x", "agent": "x"}])
def test_levers_refuse_rubbish(ines: User, billing: Queue, name: str, sent: dict[str, str]) -> None:
    entry = house.come(billing)
    answer = signed_in(ines).post(lever(entry, name), sent)
    assert answer.status_code == 400
    assert "Please choose from the list." in answer.content.decode()
    assert signed_in(ines).get(lever(entry, name)).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ines, backend="django.contrib.auth.backends.ModelBackend")
    assert strict.post(lever(entry, name), sent).status_code == 403


def test_only_who_leads_the_desk_may_steer_it(ada: User, billing: Queue) -> None:
    entry, other = house.come(billing), house.queue(name="Other")
    mei = house.person("Mei Lin", Role.PATIENT)
    for who in (ada, mei, entry.person):
        for name in ("move", "assign", "recall"):
            answer = signed_in(who).post(
                lever(entry, name), {"seen": billing.pk, "queue": other.pk}
            )
            assert answer.status_code in (403, 404)
    assert Client().post(lever(entry, "move")).status_code == 404
    assert signed_in(ada).post(f"/desk/wallboard/agents/{ada.pk}/state/").status_code == 404
    refused = AuditEntry.objects.filter(allowed=False).values_list("action", flat=True)
    assert {"desk.move", "desk.assign", "desk.recall", "desk.force_state"} <= set(refused)
    entry.refresh_from_db()
    assert entry.queue == billing


def test_a_supervisor_forces_a_state(ines: User, ada: User) -> None:
    house.sit_down(ada)
    client = signed_in(ines)
    page = f"/desk/wallboard/agents/{ada.pk}/"
    answer = client.post(f"{page}state/", {"state": "break"}, follow=True)
    assert "The state of Ada Brandt was changed." in answer.content.decode()
    assert DeskAgent.objects.get(user=ada).state == AgentState.BREAK
    assert AgentSpan.objects.get(agent__user=ada, ends_at=None).reason == "forced"
    assert audited("desk.force_state").target == str(ada.pk)
    for wrong in ("busy", "", "x"):
        answer = client.post(f"{page}state/", {"state": wrong}, follow=True)
        assert "Please choose a state." in answer.content.decode()
    assert DeskAgent.objects.get(user=ada).state == AgentState.BREAK


def test_a_talk_goes_on_when_a_state_is_forced(ines: User, ada: User, billing: Queue) -> None:
    house.sit_down(ada)
    entry = house.come(billing)
    offers.accept(ada, house.offered(entry).pk)
    address = f"/desk/wallboard/agents/{ada.pk}/state/"
    answer = signed_in(ines).post(address, {"state": "offline"}, follow=True)
    assert "Ada Brandt talks. Afterwards the new state holds." in answer.content.decode()
    desk = DeskAgent.objects.get(user=ada)
    assert (desk.state, desk.wanted) == (AgentState.BUSY, AgentState.OFFLINE)


def test_nobody_is_found_by_a_made_up_id(ines: User) -> None:
    client = signed_in(ines)
    unknown: UUID = uuid4()
    assert client.get(f"/desk/wallboard/contacts/{unknown}/").status_code == 404
    assert client.get(f"/desk/wallboard/agents/{unknown}/").status_code == 404
