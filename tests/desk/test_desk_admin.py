"""The desk in the administration: queues that make sense, and decisions that can be read."""

from itertools import pairwise
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role, User
from audit.models import AuditEntry
from calls.models import DeskAgent, Queue, QueueDay, QueueHours, QueueText, RoutingDecision, Skill
from calls.services.desk import agents
from tests.desk import house

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    client = Client()
    client.force_login(house.person("Kai Admin", Role.ADMINISTRATOR))
    return client


def page(row: Any) -> str:
    return reverse(f"admin:calls_{row._meta.model_name}_change", args=(row.pk,))


def sent(queue: Queue, **changes: object) -> dict[str, object]:
    """What the page of a queue sends, without hours unless `changes` has some."""
    fields: dict[str, object] = {
        "name": queue.name,
        "slug": queue.slug,
        "is_active": "on",
        "service": queue.service_id,
        "media": "video",
        "priority": 0,
        "language_rule": "preferred",
        "target_secs": 60,
        "target_percent": 80,
        "ring_secs": 20,
        "wrap_up_secs": 60,
        "time_zone": "Europe/Berlin",
        "texts-TOTAL_FORMS": 0,
        "texts-INITIAL_FORMS": 0,
        "hours-TOTAL_FORMS": 0,
        "hours-INITIAL_FORMS": 0,
        "days-TOTAL_FORMS": 0,
        "days-INITIAL_FORMS": 0,
    }
    return fields | changes


def hours(*rows: tuple[object, str, str], of: str = "hours") -> dict[str, object]:
    day = "weekday" if of == "hours" else "date"
    fields: dict[str, object] = {f"{of}-TOTAL_FORMS": len(rows)}
    for number, (when, starts, ends) in enumerate(rows):
        fields |= {
            f"{of}-{number}-{day}": when,
            f"{of}-{number}-starts": starts,
            f"{of}-{number}-ends": ends,
        }
    return fields


def texts(*rows: tuple[str, str]) -> dict[str, object]:
    """A greeting in each of these languages."""
    fields: dict[str, object] = {"texts-TOTAL_FORMS": len(rows)}
    for number, (language, greeting) in enumerate(rows):
        fields |= {f"texts-{number}-language": language, f"texts-{number}-greeting": greeting}
    return fields


def test_it_gives_a_queue_texts_by_language(client: Client) -> None:
    billing = house.queue()
    answer = client.post(
        page(billing), sent(billing, **texts(("de", "Hallo!"), ("zh-hans", "您好")))
    )
    assert answer.status_code == 302, answer.context["errors"]
    kept = QueueText.objects.filter(queue=billing).values_list("language", "greeting")
    assert list(kept) == [("de", "Hallo!"), ("zh-hans", "您好")]


@pytest.mark.parametrize("rows", [[("de", "Hallo!"), ("de", "Tag!")], [("xx", "?")], [("de", "")]])
def test_it_refuses_a_language_twice_unknown_or_without_words(
    client: Client, rows: list[tuple[str, str]]
) -> None:
    billing = house.queue()
    assert client.post(page(billing), sent(billing, **texts(*rows))).status_code == 200
    assert not QueueText.objects.exists()


def test_it_saves_a_queue_with_all_that_belongs_to_it(client: Client, ada: User) -> None:
    billing = house.queue()
    dental = Skill.objects.create(name="Dental bills")
    answer = client.post(
        page(billing),
        sent(
            billing,
            agents=[ada.pk],
            required_skills=[dental.pk],
            languages=["en", "zh-hans"],
            **hours((0, "08:00", "12:00"), (0, "12:00", "17:00")),
            **hours(("2026-12-24", "", ""), of="days"),
        ),
    )
    assert answer.status_code == 302, answer.context["errors"]
    billing.refresh_from_db()
    assert billing.languages == ["en", "zh-hans"]
    assert list(billing.agents.all()) == [ada]
    assert QueueHours.objects.filter(queue=billing).count() == 2
    assert QueueDay.objects.get(queue=billing).starts is None
    assert AuditEntry.objects.filter(action="admin.queue.changed").count() == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            hours((0, "08:00", "12:00"), (0, "11:30", "17:00")),
            "On Monday, 08:00-12:00 and 11:30-17:00 overlap.",
        ),
        (hours((0, "12:00", "08:00")), "Hours end after they begin"),
        (hours(("2026-12-24", "08:00", ""), of="days"), "Give both times, or neither"),
        (
            hours(("2026-12-24", "08:00", "12:00"), ("2026-12-24", "", ""), of="days"),
            "A day cannot be closed and have hours as well.",
        ),
        ({"most_wait_secs": 60}, "Say to which queue people go on after the longest wait."),
        ({"target_percent": 0}, "greater than or equal to 1"),
        ({"target_secs": 0}, "greater than or equal to 1"),
        ({"languages": ["xx"]}, "xx is not one of the available choices"),
        ({"time_zone": "Mars/Olympus"}, "Mars/Olympus is not a time zone."),
        ({"ring_secs": 1}, "greater than or equal to 5"),
    ],
)
def test_it_says_what_is_wrong_with_a_queue(
    client: Client, changes: dict[str, object], words: str
) -> None:
    billing = house.queue()
    answer = client.post(page(billing), sent(billing, **changes))
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert not QueueHours.objects.exists()
    assert not QueueDay.objects.exists()


@pytest.mark.parametrize("length", [1, 2, 5])
def test_it_sends_nobody_in_a_circle(client: Client, length: int) -> None:
    line = [house.queue(name=f"Queue {number}") for number in range(length)]
    for one, other in pairwise(line):
        Queue.objects.filter(pk=one.pk).update(overflow=other, most_wait_secs=60)
    last = line[-1]
    answer = client.post(page(last), sent(last, overflow=line[0].pk, most_wait_secs=60))
    way = " → ".join([last.name, *(one.name for one in line[:-1]), last.name])
    assert f"People would be sent in a circle: {way}." in answer.content.decode()
    last.refresh_from_db()
    assert last.overflow is None


def test_it_sends_people_on_in_a_straight_line(client: Client) -> None:
    first, second = house.queue(name="First"), house.queue(name="Second")
    answer = client.post(page(first), sent(first, overflow=second.pk, most_wait_secs=60))
    assert answer.status_code == 302
    first.refresh_from_db()
    assert first.overflow == second


def test_it_changes_what_an_agent_can_and_not_what_they_do(client: Client, ada: User) -> None:
    desk = agents.desk_of(ada)
    skill = Skill.objects.create(name="Dental bills")
    fields = {"skills": [skill.pk], "languages": ["de"], "most_chats": 5, "state": "busy"}
    assert client.post(page(desk), fields).status_code == 302
    desk.refresh_from_db()
    assert (desk.languages, desk.most_chats, desk.state) == (["de"], 5, "offline")
    assert list(desk.skills.all()) == [skill]
    assert client.post(page(desk), fields | {"most_chats": 0}).status_code == 200


def test_it_seats_agents_only(client: Client, ada: User) -> None:
    mei = house.person("Mei Lin", Role.PATIENT)
    address = reverse("admin:calls_deskagent_add")
    assert client.post(address, {"user": mei.pk, "most_chats": 3}).status_code == 200
    assert client.post(address, {"user": ada.pk, "most_chats": 3}).status_code == 302
    assert [desk.user for desk in DeskAgent.objects.all()] == [ada]


def test_it_says_why_this_agent(client: Client, ada: User) -> None:
    tomas, away = house.person("Tomas Ruiz"), house.person("Noa Berg")
    billing, other = house.queue(ada, tomas), house.queue(away, name="Other")
    for agent, idle_secs in ((ada, 10), (tomas, 90), (away, 5)):
        house.sit_down(agent, idle_secs=idle_secs)
    entry = house.come(billing, waited_secs=65, message="", subject="About the rash")
    house.offered(entry)
    decision = RoutingDecision.objects.get()
    answer = client.get(page(decision)).content.decode()
    for words in (
        "This agent was idle the longest.",
        "<strong>Tomas Ruiz</strong> · idle for 1:30",
        "<strong>Ada Brandt</strong> · idle for 0:10",
        "1 do not answer this queue",
        "1:05",
    ):
        assert words in answer
    shown = client.get(page(entry)).content.decode()
    for words in ("Offered", "agent: Tomas Ruiz", "to: Billing"):
        assert words in shown
    assert "rash" not in shown
    assert other.name not in shown


def test_it_keeps_a_queue_in_which_somebody_has_waited(client: Client) -> None:
    billing = house.queue()
    house.come(billing)
    address = reverse("admin:calls_queue_delete", args=(billing.pk,))
    assert client.post(address, {"post": "yes"}).status_code == 403
    assert Queue.objects.filter(pk=billing.pk).exists()


@pytest.mark.parametrize("name", ["queueentry", "routingdecision", "queueoffer", "handling"])
def test_it_opens_full_lists_in_few_queries(
    client: Client, ada: User, name: str, django_assert_max_num_queries: Any
) -> None:
    billing = house.queue(ada)
    house.sit_down(ada)
    for number in range(12):
        house.come(billing, f"Person {number}")
    house.offered(house.come(billing, waited_secs=900))
    with django_assert_max_num_queries(12):
        answer = client.get(reverse(f"admin:calls_{name}_changelist"), {"q": "a"})
    assert answer.status_code == 200
