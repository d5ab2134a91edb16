"""The desk's page and what an agent does there, over HTTP."""

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import Role, User
from audit.models import AuditEntry
from calls.desk.states import AgentState, EntryKind, HandlingState
from calls.models import (
    CannedReply,
    DeskAgent,
    Handling,
    Invitation,
    Notice,
    Participant,
    QueueEntry,
    WrapUpCode,
)
from calls.services import lifecycle
from calls.services.desk import offers
from calls.states import MailState, ParticipantState
from tests.desk import house

pytestmark = pytest.mark.django_db
JSON = {"accept": "application/json"}


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def in_hand(agent: User) -> QueueEntry:
    """A contact that the agent has accepted, and is in."""
    billing = house.queue(agent)
    house.sit_down(agent)
    entry = house.come(billing, waited_secs=5, subject="A bill")
    offers.accept(agent, house.offered(entry).pk)
    Participant.objects.filter(pk=house.agent_place(entry, agent).pk).update(
        state=ParticipantState.ADMITTED
    )
    return entry


def test_the_desk_shows_who_waits_and_what_is_in_hand() -> None:
    ada = house.person("Ada Brandt")
    entry = in_hand(ada)
    house.come(entry.queue, "Sam Okafor", subject="Another bill")
    page = signed_in(ada).get(reverse("desk")).content.decode()
    assert "In your hands" in page
    assert reverse("call", args=[entry.call_id]) in page
    assert "Sam Okafor" in page
    assert "Another bill" in page


def test_an_empty_desk_says_so() -> None:
    page = signed_in(house.person("Ada Brandt")).get(reverse("desk")).content.decode()
    assert "Nobody waits" in page
    assert "You are in no queue yet" in page


def test_an_agent_sees_nobody_of_other_queues() -> None:
    ada, tomas = house.person("Ada Brandt"), house.person("Tomas Ruiz")
    house.come(house.queue(tomas), "Sam Okafor")
    assert "Sam Okafor" not in signed_in(ada).get(reverse("desk")).content.decode()


@pytest.mark.parametrize("state", ["busy", "after_call", "", "nonsense"])
def test_nobody_chooses_what_is_no_choice(state: str) -> None:
    ada = house.person("Ada Brandt")
    answer = signed_in(ada).post(reverse("desk_state"), {"state": state}, headers=JSON)
    assert answer.status_code == 400
    assert not DeskAgent.objects.exclude(state=AgentState.OFFLINE).exists()


def test_choosing_a_state_answers_a_script_and_a_form() -> None:
    ada = house.person("Ada Brandt")
    client = signed_in(ada)
    assert client.post(reverse("desk_state"), {"state": "break"}, headers=JSON).status_code == 204
    assert DeskAgent.objects.get(user=ada).state == AgentState.BREAK
    answer = client.post(reverse("desk_state"), {"state": "available", "next": reverse("desk")})
    assert (answer.status_code, answer["location"]) == (302, reverse("desk"))
    assert DeskAgent.objects.get(user=ada).state == AgentState.AVAILABLE


def test_accepting_leads_to_the_call() -> None:
    ada = house.person("Ada Brandt")
    billing = house.queue(ada)
    house.sit_down(ada)
    entry = house.come(billing)
    offer = house.offered(entry)
    answer = signed_in(ada).post(reverse("ring_accept", args=[offer.pk]), headers=JSON)
    assert answer.json() == {"address": reverse("call", args=[entry.call_id])}


def test_what_rings_for_somebody_else_is_gone() -> None:
    ada, tomas = house.person("Ada Brandt"), house.person("Tomas Ruiz")
    billing = house.queue(ada, tomas)
    house.sit_down(ada)
    offer = house.offered(house.come(billing))
    client = signed_in(tomas)
    for name in ("ring_accept", "ring_decline"):
        answer = client.post(reverse(name, args=[offer.pk]), headers=JSON)
        assert answer.status_code == 409
        assert "answered by somebody else" in answer.content.decode()
    offer.refresh_from_db()
    assert offer.state == "ringing"


def test_the_card_shows_what_was_before() -> None:
    ada = house.person("Ada Brandt")
    mei = house.person("Mei Lin", Role.PATIENT)
    billing = house.queue(ada)
    house.sit_down(ada)
    CannedReply.objects.create(title="Hello", text="Good day {name}, this is {agent}.")
    first = house.come(billing, person=mei, subject="First bill")
    offers.accept(ada, house.offered(first).pk)
    Handling.objects.update(note="Paid twice.")
    place = house.agent_place(first, ada)
    Participant.objects.filter(pk=place.pk).update(state=ParticipantState.ADMITTED)
    lifecycle.end(by=place, ref="end")
    Handling.objects.update(state=HandlingState.DONE, done_at=first.arrived_at)
    second = house.come(billing, person=mei, subject="Second bill")
    page = signed_in(ada).get(reverse("contact_card", args=[second.pk])).content.decode()
    assert "Paid twice." in page
    assert "Good day Mei Lin, this is Ada Brandt." in page


def test_a_strangers_card_is_not_there_and_the_attempt_is_kept() -> None:
    ada, tomas = house.person("Ada Brandt"), house.person("Tomas Ruiz")
    entry = in_hand(tomas)
    assert signed_in(ada).get(reverse("contact_card", args=[entry.pk])).status_code == 404
    assert AuditEntry.objects.get(action="desk.card").allowed is False


def test_notes_are_kept_and_never_overwritten() -> None:
    ada = house.person("Ada Brandt")
    entry = in_hand(ada)
    address = reverse("contact_note", args=[Handling.objects.get(entry=entry).pk])
    client = signed_in(ada)
    assert client.post(address, {"note": "Paid", "version": 0}).json() == {"version": 1}
    # Sent again because its answer was lost.
    assert client.post(address, {"note": "Paid", "version": 0}).json() == {"version": 1}
    assert client.post(address, {"note": "Other tab", "version": 0}).status_code == 409
    assert client.post(address, {"note": "x" * 4001, "version": 1}).status_code == 400
    assert client.post(address, {"note": "Paid", "version": "x"}).status_code == 400
    assert Handling.objects.get(entry=entry).note == "Paid"


def test_somebody_elses_note_is_not_there() -> None:
    ada, tomas = house.person("Ada Brandt"), house.person("Tomas Ruiz")
    entry = in_hand(tomas)
    address = reverse("contact_note", args=[Handling.objects.get(entry=entry).pk])
    assert signed_in(ada).post(address, {"note": "", "version": 0}).status_code == 404


def test_wrapping_up_asks_for_a_code_where_there_are_any() -> None:
    ada = house.person("Ada Brandt")
    entry = in_hand(ada)
    code = WrapUpCode.objects.create(name="Payment")
    other = WrapUpCode.objects.create(name="Elsewhere", queue=house.queue(name="Sales"))
    lifecycle.end(by=house.agent_place(entry, ada), ref="end")
    handling = Handling.objects.get(entry=entry)
    address = reverse("contact_wrap_up", args=[handling.pk])
    client = signed_in(ada)
    assert "Payment" in client.get(address).content.decode()
    for wrong in ("", other.pk):
        answer = client.post(address, {"code": wrong, "note": "", "version": 0})
        assert answer.status_code == 400
    answer = client.post(address, {"code": code.pk, "note": "Done.", "version": 0})
    assert (answer.status_code, answer["location"]) == (302, reverse("desk"))
    handling.refresh_from_db()
    assert (handling.code, handling.note, handling.state) == (code, "Done.", HandlingState.DONE)
    assert DeskAgent.objects.get(user=ada).state == AgentState.AVAILABLE


def test_nobody_wraps_up_while_they_talk() -> None:
    ada = house.person("Ada Brandt")
    entry = in_hand(ada)
    handling = Handling.objects.get(entry=entry)
    answer = signed_in(ada).post(
        reverse("contact_wrap_up", args=[handling.pk]), {"note": "", "version": 0}
    )
    assert answer.status_code == 400
    assert Handling.objects.get(entry=entry).state == HandlingState.TALKING


@pytest.mark.parametrize("role", [Role.PATIENT, Role.ADMINISTRATOR])
def test_the_desk_is_for_agents(role: Role) -> None:
    somebody = house.person("Somebody", role)
    assert signed_in(somebody).get(reverse("desk")).status_code == 403
    assert signed_in(somebody).post(reverse("desk_state"), {"state": "break"}).status_code == 403


def test_who_wanted_a_call_back_is_mailed_the_way_when_an_agent_has_time() -> None:
    ada = house.person("Ada Brandt")
    billing = house.queue(ada)
    house.sit_down(ada)
    entry = house.come(
        billing, kind=EntryKind.CALLBACK, phone="030 1234", email="mei@example.com", is_there=False
    )
    offers.accept(ada, house.offered(entry).pk)
    assert Notice.objects.get(entry=entry).mail_state == MailState.DUE
    place = Participant.objects.get(call=entry.call, user=entry.person)
    assert place.state == ParticipantState.ADMITTED


def test_a_third_person_is_invited_by_a_link() -> None:
    ada, tomas = house.person("Ada Brandt"), house.person("Tomas Ruiz")
    entry = in_hand(ada)
    address = reverse("contact_invite", args=[entry.pk])
    said = {"name": "Lena", "kind": "interpreter", "email": "lena@example.com"}
    assert signed_in(tomas).post(address, said).status_code == 404
    page = signed_in(ada).post(address, said).content.decode()
    assert "/join/" in page
    assert Invitation.objects.get(call=entry.call).name == "Lena"
    assert "a conversation that is going on now" in mail.outbox[0].body
    assert signed_in(ada).post(address, {"name": ""}).status_code == 400
    lifecycle.end(by=house.agent_place(entry, ada), ref="end")
    assert signed_in(ada).post(address, said).status_code == 400
