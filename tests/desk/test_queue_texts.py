"""Greeting, what to have at hand and closing, in the language of whoever comes."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from calls.models import Queue, QueueText
from calls.models.queue_text import texts_for
from tests.booking.house import text
from tests.desk import house

pytestmark = pytest.mark.django_db


@pytest.fixture
def billing() -> Queue:
    queue = house.queue(
        languages=["en", "de", "zh-hans"],
        greeting="Hello!",
        at_hand="the invoice",
        closing="We are asleep.",
    )
    QueueText.objects.create(queue=queue, language="zh", greeting="您好", closing="我们休息了。")
    QueueText.objects.create(queue=queue, language="de", at_hand="die Rechnung")
    return queue


def test_each_text_is_said_in_the_first_language_that_has_it(billing: Queue) -> None:
    assert texts_for(billing, "en") == ("Hello!", "the invoice", "We are asleep.")
    assert texts_for(billing, "zh-hans") == ("您好", "the invoice", "我们休息了。")
    assert texts_for(billing, "de", "zh-hans") == ("您好", "die Rechnung", "我们休息了。")
    assert texts_for(billing, "") == ("Hello!", "the invoice", "We are asleep.")


def test_a_visitor_is_greeted_in_the_language_of_the_page(billing: Queue) -> None:
    def page(language: str) -> str:
        headers = {"accept-language": language}
        return text(Client().get("/talk/billing/", headers=headers))

    assert "Hello!" in page("en")
    assert "您好" in page("zh-hans")
    assert "Hello!" in page("fr")


def test_a_closed_queue_says_so_in_the_language_of_the_page(billing: Queue) -> None:
    Queue.objects.update(is_active=False)
    page = text(Client().get("/talk/billing/", headers={"accept-language": "zh-hans"}))
    assert "我们休息了。" in page
    assert "We are asleep." not in page


def test_who_waits_reads_it_in_the_language_that_they_asked_for(billing: Queue) -> None:
    mei = house.person("Mei Lin", Role.PATIENT)
    entry = house.come(billing, person=mei, language="de")
    client = Client()
    client.force_login(mei)
    page = client.get(reverse("call", args=[entry.call_id])).content.decode()
    assert "Good to have at hand: die Rechnung" in page
