"""What those who lead the desk are told: when, once, whom, and without what was said."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import Role, User
from audit.models import AuditEntry
from calls import tasks
from calls.desk.alerts import AlertKind, Idler, Line, Rule, evaluate
from calls.desk.risk_words import found
from calls.models import (
    Alert,
    AlertRule,
    DeskAgent,
    Notice,
    Participant,
    Queue,
    QueueEntry,
    RiskWord,
)
from calls.services import lifecycle
from calls.services.desk import alerts, offers, waiting
from calls.services.notices import mailing
from tests.desk import house, past

BILLING, OTHER, ADA = UUID(int=1), UUID(int=2), UUID(int=3)


# --- Rules, pure ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("kind", "threshold", "line", "value"),
    [
        (AlertKind.LONGEST_WAIT, 60, Line(BILLING, [10.0, 60.0]), None),
        (AlertKind.LONGEST_WAIT, 60, Line(BILLING, [10.0, 61.0]), 61),
        (AlertKind.WAITING, 2, Line(BILLING, [1.0, 2.0]), None),
        (AlertKind.WAITING, 2, Line(BILLING, [1.0, 2.0, 3.0]), 3),
        (AlertKind.SERVICE_LEVEL, 80, Line(BILLING, level=0.8, counted=5), None),
        (AlertKind.SERVICE_LEVEL, 80, Line(BILLING, level=0.79, counted=5), 79),
        (AlertKind.SERVICE_LEVEL, 80, Line(BILLING, level=0.0, counted=4), None),
        (AlertKind.SERVICE_LEVEL, 80, Line(BILLING, level=None), None),
    ],
)
def test_a_rule_says_when(kind: AlertKind, threshold: int, line: Line, value: int | None) -> None:
    raised = evaluate([Rule(1, kind, threshold)], [line], [])
    assert [one.value for one in raised.values()] == ([] if value is None else [value])


def test_a_rule_of_all_queues_looks_at_each_and_one_of_a_queue_at_that() -> None:
    lines = [Line(BILLING, [90.0]), Line(OTHER, [90.0])]
    every = evaluate([Rule(1, AlertKind.LONGEST_WAIT, 60)], lines, [])
    assert set(every) == {f"1:{BILLING}", f"1:{OTHER}"}
    one = evaluate([Rule(2, AlertKind.LONGEST_WAIT, 60, BILLING)], lines, [])
    assert set(one) == {f"2:{BILLING}"}


def test_an_agent_is_idle_in_minutes_and_in_their_queues() -> None:
    rules = [Rule(1, AlertKind.IDLE, 10), Rule(2, AlertKind.IDLE, 10, OTHER)]
    mine = frozenset({BILLING})
    assert evaluate(rules, [], [Idler(ADA, 600.0, mine)]) == {}
    raised = evaluate(rules, [], [Idler(ADA, 660.0, mine)])
    assert [(key, one.value) for key, one in raised.items()] == [(f"1:{ADA}", 11)]


@pytest.mark.parametrize(
    ("word", "text", "is_found"),
    [
        ("sue", "I will SUE you", True),
        ("sue", "a small issue, pursued", False),
        ("sue", "Sue, please", True),
        ("chest pain", "my chest \n pain is back", True),
        ("chest pain", "chestpain", False),
        ("überweisung", "Die ÜBERWEISUNG fehlt", True),
        ("straße", "in der STRASSE", True),
        ("sue", "s\u200bue them", True),
        ("ｓｕｅ", "sue", True),
        ("投诉", "我要投诉你们", True),
        ("жалоба", "Жалоба!", True),
        ("жалоба", "жалобами", False),
        ("a.b", "axb", False),
        ("   ", "anything", False),
    ],
)
def test_it_finds_whole_words_in_any_language(word: str, text: str, is_found: bool) -> None:
    assert found([word], text) == ([word] if is_found else [])


# --- Raising and clearing ------------------------------------------------------------------------
@pytest.fixture
def billing(ada: User) -> Queue:
    return house.queue(ada, target_secs=30)


def rule(kind: AlertKind, threshold: int, *told: User, **fields: object) -> AlertRule:
    made = AlertRule.objects.create(kind=kind, threshold=threshold, **fields)
    made.told.set(told)
    return made


def test_it_is_raised_once_mailed_once_and_cleared(ines: User, billing: Queue) -> None:
    rule(AlertKind.LONGEST_WAIT, 60, ines)
    entry = house.come(billing, waited_secs=90)
    tasks.sweep_alerts()
    tasks.sweep_alerts()
    raised = Alert.objects.get()
    assert (raised.queue, raised.value, raised.threshold) == (billing, 90, 60)
    mailing.send_due()
    [message] = mail.outbox
    assert message.to == [ines.email]
    assert "Somebody has waited for longer than 60 s." in message.body
    assert "/desk/wallboard/" in message.body
    assert "Mei Lin" not in message.body
    waiting.leave(entry)
    alerts.sweep()
    raised.refresh_from_db()
    assert raised.cleared_at is not None
    house.come(billing, "Sam", waited_secs=90)
    alerts.sweep()
    assert Alert.objects.filter(cleared_at=None).count() == 1
    assert Notice.objects.filter(person=ines, kind="alert").count() == 2


def test_it_is_told_to_those_whom_the_rule_names(ines: User, ada: User, billing: Queue) -> None:
    gone = house.person("Gone Boss", Role.SUPERVISOR)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    rule(AlertKind.WAITING, 1, gone)
    rule(AlertKind.WAITING, 5, ines)
    house.come(billing, "Sam")
    house.come(billing, "Vera")
    alerts.sweep()
    assert Alert.objects.get().value == 2
    assert mailing.send_due() == 0
    assert not Notice.objects.filter(person=ines).exists()


def test_it_watches_the_service_level_of_the_queues_own_day(ines: User, billing: Queue) -> None:
    rule(AlertKind.SERVICE_LEVEL, 80)
    now = timezone.now()
    for number in range(5):
        past.contact(billing, now - timedelta(seconds=number + 1), answered_after=50 * (number > 1))
    alerts.sweep(now)
    raised = Alert.objects.get()
    assert (raised.kind, raised.value) == ("service_level", 40)
    assert alerts.open_alerts() == [raised]


def test_it_watches_who_is_idle(ada: User, billing: Queue) -> None:
    rule(AlertKind.IDLE, 10)
    house.sit_down(ada, idle_secs=601)
    alerts.sweep()
    raised = Alert.objects.get()
    assert (raised.agent, raised.value) == (ada, 10)
    DeskAgent.objects.update(idle_since=timezone.now())
    alerts.sweep()
    assert alerts.open_alerts() == []


def test_what_is_switched_off_raises_nothing(billing: Queue) -> None:
    rule(AlertKind.LONGEST_WAIT, 60, is_active=False)
    house.come(billing, waited_secs=90)
    alerts.sweep()
    assert not Alert.objects.exists()


def test_an_alert_of_a_rule_that_was_deleted_is_cleared(billing: Queue) -> None:
    made = rule(AlertKind.LONGEST_WAIT, 60)
    house.come(billing, waited_secs=90)
    alerts.sweep()
    made.delete()
    alerts.sweep()
    assert Alert.objects.get().cleared_at is not None


# --- Risk words ----------------------------------------------------------------------------------
@pytest.fixture
def talk(ada: User, billing: Queue) -> QueueEntry:
    house.sit_down(ada)
    entry = house.come(billing)
    offers.accept(ada, house.offered(entry).pk)
    entry.refresh_from_db()
    return entry


def says(entry: QueueEntry, who: User, text: str) -> None:
    place = Participant.objects.get(call=entry.call, user=who)
    lifecycle.chat(text, by=place, ref=uuid4().hex)


def test_a_risk_word_calls_for_somebody(ines: User, ada: User, talk: QueueEntry) -> None:
    RiskWord.objects.create(words="chest pain")
    rule(AlertKind.RISK_WORD, 1, ines)
    says(talk, talk.person, "It is only a rash")
    assert not Alert.objects.exists()
    says(talk, talk.person, "I have Chest Pain since the morning")
    says(talk, talk.person, "chest pain, again")
    raised = Alert.objects.get()
    assert (raised.call, raised.person, raised.queue) == (talk.call, talk.person, talk.queue)
    mailing.send_due()
    [message] = mail.outbox
    assert "A risk word was written in a conversation." in message.body
    assert "chest" not in f"{message.subject} {message.body}".lower()
    alerts.sweep()
    assert Alert.objects.get().cleared_at is None
    alerts.acknowledge(raised, by=ines)
    says(talk, talk.person, "chest pain")
    assert Alert.objects.count() == 2


def test_a_word_that_is_not_watched_calls_nobody(talk: QueueEntry) -> None:
    RiskWord.objects.create(words="sue", is_active=False)
    says(talk, talk.person, "Please sue us")
    assert not Alert.objects.exists()


# --- On the wallboard ----------------------------------------------------------------------------
def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_supervisor_looks_after_it(ines: User, billing: Queue) -> None:
    rule(AlertKind.LONGEST_WAIT, 60)
    house.come(billing, waited_secs=90)
    alerts.sweep()
    raised = Alert.objects.get()
    client = signed_in(ines)
    page = client.get("/desk/wallboard/").content.decode()
    assert "Somebody has waited for longer than 60 s." in page
    address = f"/desk/wallboard/alerts/{raised.pk}/acknowledge/"
    assert client.get(address).status_code == 405
    after = client.post(address, follow=True).content.decode()
    assert "Ines Falk looks after it" in after
    second = house.person("Otto Boss", Role.SUPERVISOR)
    signed_in(second).post(address)
    raised.refresh_from_db()
    assert raised.acknowledged_by == ines
    assert AuditEntry.objects.filter(action="desk.acknowledge").count() == 1


def test_nobody_else_looks_after_it(ada: User, billing: Queue) -> None:
    raised = Alert.objects.create(key="1", kind=AlertKind.WAITING)
    address = f"/desk/wallboard/alerts/{raised.pk}/acknowledge/"
    for who in (ada, house.person("Mei Lin", Role.PATIENT)):
        assert signed_in(who).post(address).status_code == 404
    assert Client().post(address).status_code == 404
    raised.refresh_from_db()
    assert raised.acknowledged_at is None


def test_nothing_that_was_written_stands_on_the_wallboard(ines: User, talk: QueueEntry) -> None:
    RiskWord.objects.create(words="chest pain")
    says(talk, talk.person, "I have chest pain")
    page = signed_in(ines).get("/desk/wallboard/").content.decode()
    assert "A risk word was written in a conversation." in page
    assert "chest" not in page
