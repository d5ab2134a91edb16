"""Suggestions on the agent's card: ready texts and a follow-up, each with its reason."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Dependant, Role, User
from audit.models import AuditEntry
from calls.models import (
    Appointment,
    CannedReply,
    CannedUse,
    Handling,
    Participant,
    QueueEntry,
    WrapUpCode,
)
from calls.services import lifecycle
from calls.services.desk import offers
from tests.booking import house as booking
from tests.booking.house import signed_in, text
from tests.desk import house
from tests.desk.before import booked_after, contact_of_before, seen

pytestmark = pytest.mark.django_db


def test_a_ready_text_that_was_pressed_is_counted_once_in_a_contact() -> None:
    ada = house.person("Ada Brandt")
    entry = house.come(house.queue(ada))
    hello = CannedReply.objects.create(title="Hello", text="Good day.")
    address = reverse("contact_reply_used", args=[entry.pk, hello.pk])
    client = signed_in(ada)
    assert [client.post(address).status_code for _ in range(2)] == [204, 204]
    use = CannedUse.objects.get()
    assert (use.entry, use.reply, use.agent) == (entry, hello, ada)
    assert not AuditEntry.objects.filter(actor=ada.pk).exists()


def test_nobody_counts_for_a_contact_that_is_not_theirs() -> None:
    ada, tomas = house.person("Ada Brandt"), house.person("Tomas Ruiz")
    entry = house.come(house.queue(ada))
    hello = CannedReply.objects.create(title="Hello", text="Good day.")
    address = reverse("contact_reply_used", args=[entry.pk, hello.pk])
    assert signed_in(tomas).post(address).status_code == 404
    assert signed_in(house.person("Mei Lin", Role.PATIENT)).post(address).status_code == 403
    assert Client().post(address).status_code == 302
    assert signed_in(ada).get(address).status_code == 405
    assert not CannedUse.objects.exists()


def test_a_text_of_another_queue_is_not_there() -> None:
    ada = house.person("Ada Brandt")
    entry = house.come(house.queue(ada))
    other = CannedReply.objects.create(title="Hi", text="Hi.", queue=house.queue(name="Sales"))
    address = reverse("contact_reply_used", args=[entry.pk, other.pk])
    assert signed_in(ada).post(address).status_code == 404
    assert not CannedUse.objects.exists()


def card(agent: User, entry: QueueEntry) -> str:
    return text(signed_in(agent).get(reverse("contact_card", args=[entry.pk])))


def test_the_card_suggests_a_text_with_its_reason() -> None:
    ada = house.person("Ada Brandt")
    billing = house.queue(ada)
    refund = WrapUpCode.objects.create(name="Refund")
    reply = CannedReply.objects.create(title="Refund", text="{name}, a refund takes five days.")
    for number in range(3):
        before = contact_of_before(billing, code=refund)
        if number:
            CannedUse.objects.create(entry=before, reply=reply, agent=ada)
    page = card(ada, house.come(billing, subject="Where is my refund?"))
    assert "Suggested" in page
    assert "has the word “refund” · chosen in 2 of 3 contacts of Billing about Refund" in page
    assert page.count("Mei Lin, a refund takes five days.") == 4


def test_the_card_suggests_nothing_where_nothing_is_known() -> None:
    ada = house.person("Ada Brandt")
    CannedReply.objects.create(title="Hello", text="Good day {name}, this is {agent}.")
    mei = house.person("Mei Lin", Role.PATIENT)
    page = card(ada, house.come(house.queue(ada), person=mei, subject="Hello, I am {name}"))
    assert "Good day Mei Lin" in page
    assert "Suggested" not in page
    assert "Follow-up" not in page


def test_lines_count_only_for_those_who_may_read_them() -> None:
    ada, tomas = house.person("Ada Brandt"), house.person("Tomas Ruiz")
    billing = house.queue(ada, tomas)
    house.sit_down(ada)
    entry = house.come(billing)
    CannedReply.objects.create(title="Refund", text="A refund takes five days.")
    offers.accept(ada, house.offered(entry).pk)
    place = Participant.objects.filter(call=entry.call)
    place.update(state="admitted", admitted_at=timezone.now())
    lifecycle.chat("My refund?", by=place.get(user=entry.person), ref="1")
    assert "has the word “refund”" in card(ada, entry)
    assert "Suggested" not in card(tomas, entry)
    place.filter(user=ada).update(admitted_at=timezone.now() + timedelta(hours=1))
    assert "Suggested" not in card(ada, entry)


def test_a_follow_up_is_suggested_by_the_rhythm_of_the_visits() -> None:
    ada = house.person("Ada Brandt")
    mei = house.person("Mei Lin", Role.PATIENT)
    service = booking.service()
    service.agents.add(ada)
    seen(mei, ada, service, 30, 72, 114)
    entry = house.come(house.queue(ada), person=mei)
    page = card(ada, entry)
    assert "Consultation with Ada Brandt" in page
    assert "Seen every 6 weeks so far, last on" in page
    address = f"/book/for/{mei.pk}/?service={service.pk}&amp;agent={ada.pk}"
    assert address in page
    answer = signed_in(ada).get(address.replace("&amp;", "&"))
    assert answer["location"] == f"/book/{service.pk}/time/?for={mei.pk}&agent={ada.pk}"
    assert Appointment.objects.filter(state="booked").count() == 0
    handling = Handling.objects.create(
        entry=entry, agent=ada, state="wrapping_up", talked_until=timezone.now()
    )
    wrap_up = text(signed_in(ada).get(reverse("contact_wrap_up", args=[handling.pk])))
    assert "Seen every 6 weeks so far" in wrap_up
    assert address in wrap_up


@pytest.mark.parametrize("what", ["booked", "inactive", "nobody", "dependant", "missed"])
def test_no_follow_up_where_it_makes_no_sense(what: str) -> None:
    ada = house.person("Ada Brandt")
    mei = house.person("Mei Lin", Role.PATIENT)
    service = booking.service(is_active=what != "inactive")
    service.agents.set([] if what == "nobody" else [ada])
    child = Dependant.objects.create(keeper=mei, display_name="Lily", relation="child")
    seen(mei, ada, service, 30, 72, 114, dependant=child if what == "dependant" else None)
    if what == "booked":
        booking.visit(mei, ada, of=service, starts_at=timezone.now() + timedelta(days=3))
    if what == "missed":
        Appointment.objects.update(state="no_show")
    assert "Follow-up" not in card(ada, house.come(house.queue(ada), person=mei))


def test_a_follow_up_comes_from_nothing_that_the_card_does_not_show() -> None:
    """The rhythm of older visits stays unsaid when newer ones have taken their place."""
    ada = house.person("Ada Brandt")
    mei = house.person("Mei Lin", Role.PATIENT)
    service, other = booking.service(), booking.service("Check")
    service.agents.add(ada)
    seen(mei, ada, other, 1, 3, 9, 11, 20)
    seen(mei, ada, service, 30, 72, 114)
    assert "Follow-up" not in card(ada, house.come(house.queue(ada), person=mei))


def test_a_follow_up_is_suggested_by_what_others_did() -> None:
    ada = house.person("Ada Brandt")
    billing = house.queue(ada)
    service = booking.service("Payment talk")
    service.agents.add(ada)
    refund = WrapUpCode.objects.create(name="Refund")
    for number in range(4):
        before = contact_of_before(billing, code=refund)
        if number:
            booked_after(before, ada, service, days=3)
    contact_of_before(billing)
    mei = house.person("Mei Lin", Role.PATIENT)
    page = card(ada, house.come(billing, person=mei, subject="My refund"))
    assert "Payment talk with Ada Brandt" in page
    assert "Booked within 14 days after 3 of 4 contacts of Billing about Refund." in page
    assert "Patient" not in page
    assert "Follow-up" not in card(ada, house.come(billing, "Sam", subject="My refund"))


def test_a_card_costs_the_same_whatever_was_before() -> None:
    ada = house.person("Ada Brandt")
    billing = house.queue(ada)
    CannedReply.objects.create(title="Refund", text="A refund takes five days.")
    mei = house.person("Mei Lin", Role.PATIENT)
    entry = house.come(billing, person=mei, subject="My refund")
    client, address = signed_in(ada), reverse("contact_card", args=[entry.pk])
    counts = []
    for _round in range(2):
        for _number in range(4):
            contact_of_before(billing)
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 20, counts
