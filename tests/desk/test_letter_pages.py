"""A letter in an agent's hands: the page with the answer, the card beside it, handing it on."""

import pytest
from django.urls import reverse

from accounts.models import User
from calls.desk.states import AgentState, EntryKind, EntryState
from calls.models import CallSession, CannedReply, DeskAgent, Handling, Notice, QueueEntry
from calls.services.desk import offers
from calls.states import MailState
from tests.desk import house
from tests.desk.test_desk_pages import JSON, signed_in

pytestmark = pytest.mark.django_db


def letter(agent: User) -> QueueEntry:
    """A letter that rings at the agent's desk and is accepted over HTTP."""
    billing = house.queue(agent)
    house.sit_down(agent)
    entry = house.come(
        billing,
        kind=EntryKind.MESSAGE,
        message="Please send the bill again.",
        email="mei@example.com",
        is_there=False,
    )
    offer = house.offered(entry)
    answer = signed_in(agent).post(reverse("ring_accept", args=[offer.pk]), headers=JSON)
    part = Handling.objects.get(entry=entry)
    assert answer.json() == {"address": reverse("contact_letter", args=[part.pk])}
    return entry


def test_a_letter_is_answered_by_mail_and_wrapped_up() -> None:
    ada = house.person("Ada Brandt")
    entry = letter(ada)
    part = Handling.objects.get(entry=entry)
    client, address = signed_in(ada), reverse("contact_letter", args=[part.pk])
    assert "Please send the bill again." in client.get(address).content.decode()
    assert client.post(address, {"text": " "}).status_code == 400
    answer = client.post(address, {"text": "Here it is."})
    assert answer["location"] == reverse("contact_wrap_up", args=[part.pk])
    entry.refresh_from_db()
    assert (entry.state, entry.answer) == (EntryState.DONE, "Here it is.")
    assert CallSession.objects.get(pk=entry.call_id).live_at is None
    assert Notice.objects.get(entry=entry).mail_state == MailState.DUE
    assert DeskAgent.objects.get(user=ada).state == AgentState.AFTER_CALL
    # Sent again from another tab, it is over.
    again = client.post(address, {"text": "Again."}, follow=True)
    assert again.redirect_chain[0][0] == answer["location"]
    assert "Nothing was sent" not in again.content.decode()
    assert Notice.objects.count() == 1


def test_somebody_elses_letter_is_not_there() -> None:
    ada, tomas = house.person("Ada Brandt"), house.person("Tomas Ruiz")
    part = Handling.objects.get(entry=letter(ada))
    client = signed_in(tomas)
    address = reverse("contact_letter", args=[part.pk])
    assert client.get(address).status_code == client.post(address, {"text": "x"}).status_code == 404


def test_a_letter_has_the_card_with_a_note_and_ready_texts_beside_it() -> None:
    ada = house.person("Ada Brandt")
    entry = letter(ada)
    CannedReply.objects.create(title="Bill", text="Dear {name}, the bill follows.")
    client, part = signed_in(ada), Handling.objects.get(entry=entry)
    card = reverse("contact_card", args=[entry.pk])
    page = client.get(reverse("contact_letter", args=[part.pk])).content.decode()
    assert f'data-contact-card="{card}"' in page
    html = client.get(card).content.decode()
    assert f'data-reply="Dear {entry.name}, the bill follows."' in html
    assert f'action="{reverse("contact_note", args=[part.pk])}"' in html


def test_a_letter_is_handed_on_to_a_colleague_or_a_queue() -> None:
    ada, tomas = house.person("Ada Brandt"), house.person("Tomas Ruiz")
    entry = letter(ada)
    sales = house.queue(tomas, name="Sales")
    house.sit_down(tomas)
    client, address = signed_in(ada), reverse("contact_send_on", args=[entry.pk])
    page = client.get(reverse("contact_transfer", args=[entry.pk])).content.decode()
    assert f'name="agent" value="{tomas.pk}"' in page
    assert f'name="queue" value="{sales.pk}"' in page
    assert "Ask first" not in page

    answer = client.post(address, {"agent": tomas.pk, "note": "Yours"})
    mine = Handling.objects.get(entry=entry, agent=ada)
    assert answer["location"] == reverse("contact_wrap_up", args=[mine.pk])
    assert DeskAgent.objects.get(user=ada).state == AgentState.AFTER_CALL
    offer = house.offered(entry)
    assert offer.agent == tomas
    offers.accept(tomas, offer.pk)
    entry.refresh_from_db()
    assert (entry.agent, entry.state, entry.handed_note) == (tomas, EntryState.ANSWERED, "Yours")
    # It is not Ada's any more, and the desk says so.
    answer = client.post(address, {"queue": sales.pk}, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("desk")
    assert "not in your hands any more" in answer.content.decode()
    late = reverse("contact_letter", args=[mine.pk])
    said = client.post(late, {"text": "Here it is."}, follow=True).content.decode()
    assert "The letter is in other hands now. Nothing was sent." in said

    signed_in(tomas).post(address, {"queue": sales.pk})
    entry.refresh_from_db()
    assert (entry.queue, entry.state) == (sales, EntryState.WAITING)
