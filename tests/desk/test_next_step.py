"""Suggestions on the agent's card, and the one next step on the person's pages."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from audit.models import AuditEntry
from calls.models import CannedReply, CannedUse
from tests.booking.house import signed_in
from tests.desk import house

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
