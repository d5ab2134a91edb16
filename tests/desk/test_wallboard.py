"""The wallboard: what it shows, to whom, when it changes, and what it costs."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Role, User
from calls.desk.states import AgentState
from calls.models import AgentSpan, CallSession, DeskAgent, Queue, QueueEntry
from calls.services.desk import offers, waiting, wallboard
from calls.services.desk.wallboard import Choice
from tests.desk import house

pytestmark = pytest.mark.django_db

PAGE, LIVE = "/desk/wallboard/", "/desk/wallboard/live/"
MOST_QUERIES = 8
UTC = ZoneInfo("UTC")


@pytest.fixture
def client(ines: User) -> Client:
    client = Client()
    client.force_login(ines, backend="django.contrib.auth.backends.ModelBackend")
    return client


def contact(
    queue: Queue, arrived: datetime, *, answered_after: int | None = None, agent: User | None = None
) -> QueueEntry:
    """A contact of the past, answered after so many seconds, or given up after a minute."""
    answered = None if answered_after is None else arrived + timedelta(seconds=answered_after)
    call = CallSession.objects.create(service=queue.service, state="ended", ended_at=arrived)
    return QueueEntry.objects.create(
        queue=queue,
        call=call,
        person=agent or User.objects.filter(role="supervisor")[0],
        name="Sam Okafor",
        state="left" if answered is None else "done",
        arrived_at=arrived,
        queued_at=arrived,
        answered_at=answered,
        agent=agent,
        ended_at=arrived + timedelta(seconds=answered_after or 60),
    )


def test_it_shows_who_waits_talks_and_works(client: Client, ada: User) -> None:
    tomas = house.person("Tomas Ruiz")
    billing = house.queue(ada, tomas)
    house.sit_down(ada, idle_secs=60)
    mei, sam = house.come(billing, waited_secs=300), house.come(billing, "Sam", waited_secs=90)
    offers.accept(ada, house.offered(mei).pk)
    house.come(billing, "Vera", kind="callback", phone="123")
    shown = wallboard.board(UTC, Choice())
    [line] = shown.lines
    assert (line.waiting, line.callbacks, line.talking) == (1, 1, 1)
    assert (line.available, line.at_work) == (0, 1)
    assert line.longest_secs == pytest.approx(90, abs=20)
    assert line.is_late
    assert [one.name for one in shown.talking] == ["Mei Lin"]
    assert {one.name for one in shown.waiting} == {"Sam", "Vera"}
    [seat] = shown.seats
    assert (seat.name, seat.state, seat.talks) == ("Ada Brandt", AgentState.BUSY, 1)
    page = client.get(PAGE).content.decode()
    for words in (
        "Mei Lin",
        "with Ada Brandt",
        "Sam",
        f'data-since="{sam.arrived_at.isoformat()}"',
        "Call back",
        "Beyond the target",
    ):
        assert words in page
    assert f"/desk/wallboard/contacts/{sam.pk}/" in page


def test_it_counts_today_by_the_viewers_clock(ada: User) -> None:
    billing = house.queue(ada, target_secs=30)
    berlin = ZoneInfo("Europe/Berlin")
    house.person("Ines Falk", Role.SUPERVISOR)
    now = datetime(2026, 10, 25, 20, 0, tzinfo=UTC)  # a day of 25 hours in Berlin
    midnight = datetime(2026, 10, 24, 22, 0, tzinfo=UTC)
    contact(billing, midnight - timedelta(seconds=1), answered_after=5, agent=ada)
    contact(billing, midnight, answered_after=30, agent=ada)
    contact(billing, midnight + timedelta(hours=3), answered_after=31, agent=ada)
    contact(billing, midnight + timedelta(hours=12))
    shown = wallboard.board(berlin, Choice(), now)
    assert shown.day.isoformat() == "2026-10-25"
    today = shown.today
    assert (today.offered, today.answered, today.in_target, today.abandoned) == (3, 2, 1, 1)
    assert today.service_level == pytest.approx(1 / 3)
    assert len(shown.came) == 50
    assert (shown.came[0], shown.came[6], shown.came[24]) == (1, 1, 1)
    assert sum(shown.answered) == 2


def test_it_narrows_its_lists(client: Client, ada: User) -> None:
    tomas = house.person("Tomas Ruiz")
    billing, other = house.queue(ada), house.queue(tomas, name="Other")
    house.sit_down(ada)
    house.sit_down(tomas)
    house.come(billing, "Mei Lin")
    house.come(other, "Sam Okafor")
    only = client.get(f"{PAGE}?queue={billing.pk}").content.decode()
    assert "Mei Lin" in only
    assert "Sam Okafor" not in only
    assert "Tomas Ruiz" not in only
    breaks = client.get(f"{PAGE}?state=break").content.decode()
    assert "Ada Brandt" not in breaks
    one = client.get(f"{PAGE}?agent={ada.pk}").content.decode()
    assert "Ada Brandt" in one
    assert "Tomas Ruiz" not in one


def test_it_counts_at_once_who_waits_beyond_the_target(client: Client, ada: User) -> None:
    """By hand: one of two answered in time, two wait longer than 30 s, one was lost before."""
    now = timezone.now()
    billing = house.queue(ada, target_secs=30)
    start = now - timedelta(minutes=5)
    contact(billing, start, answered_after=30, agent=ada)
    contact(billing, start, answered_after=31, agent=ada)
    house.come(billing, "Mei Lin", waited_secs=31)
    house.come(billing, "Sam", waited_secs=200)
    house.come(billing, "Vera", waited_secs=10)
    away = house.come(billing, "Noor", waited_secs=90)
    lost = away.arrived_at + timedelta(seconds=20)
    QueueEntry.objects.filter(pk=away.pk).update(away_since=lost)
    day = ZoneInfo("UTC") if now.hour else ZoneInfo("Etc/GMT+12")  # midnight is far away
    [line] = wallboard.board(day, Choice(), now).lines
    assert (line.today.waiting_late, line.today.in_target, line.today.counted) == (2, 1, 4)
    assert line.today.service_level == 0.25
    page = " ".join(client.get(PAGE).content.decode().split())
    if now.hour:
        assert "25 % · 1 of 4" in page
    assert "or wait beyond it now" in page


def test_a_past_day_keeps_its_service_level(ada: User) -> None:
    billing = house.queue(ada, target_secs=30)
    house.person("Ines Falk", Role.SUPERVISOR)
    then = datetime(2026, 10, 20, 12, 0, tzinfo=UTC)
    contact(billing, then, answered_after=30, agent=ada)
    contact(billing, then)  # gave up after a minute
    house.come(billing, waited_secs=31)  # today
    shown = wallboard.board(UTC, Choice(), then + timedelta(hours=1))
    assert (shown.today.in_target, shown.today.counted) == (1, 2)


@pytest.mark.parametrize("wrong", ["queue=rubbish", "agent=x", "state=asleep", "queue=%00"])
def test_it_names_no_impossible_filter(client: Client, wrong: str) -> None:
    answer = client.get(f"{PAGE}?{wrong}")
    assert answer.status_code == 400
    assert "Here is everything." in answer.content.decode()


def test_it_answers_only_what_has_changed(client: Client, ada: User) -> None:
    billing = house.queue(ada)
    house.sit_down(ada)
    DeskAgent.objects.update(since=timezone.now() - timedelta(minutes=10, seconds=20))
    entry = house.come(billing, waited_secs=620)
    first = client.get(LIVE)
    assert first.status_code == 200
    seen = first.context["seen"]
    assert client.get(f"{LIVE}?seen={seen}").status_code == 204
    waiting.leave(entry)
    again = client.get(f"{LIVE}?seen={seen}")
    assert again.status_code == 200
    assert "Nobody waits." in again.content.decode()
    assert "<html" not in again.content.decode()


def test_it_is_for_those_who_lead_the_desk(client: Client, ada: User) -> None:
    mei = house.person("Mei Lin", Role.PATIENT)
    for address in (PAGE, LIVE):
        assert Client().get(address).status_code == 302
        for who in (ada, mei):
            client.force_login(who, backend="django.contrib.auth.backends.ModelBackend")
            assert client.get(address).status_code == 403
    client.force_login(house.person("Kai Admin", Role.ADMINISTRATOR))
    assert client.get(PAGE).status_code == 200
    assert client.post(LIVE).status_code == 405


def test_an_empty_house_says_so(client: Client) -> None:
    page = client.get(PAGE).content.decode()
    for words in ("There are no queues yet", "Nobody waits.", "Nobody is at the desk"):
        assert words in page


def test_it_costs_no_more_for_a_full_house_and_a_year_of_history(
    client: Client, ada: User, ines: User
) -> None:
    billing = house.queue(ada)
    house.sit_down(ada)
    house.come(billing)
    few = costs(client)
    fill(billing, ines, agents=199, today=2000, history=1500)
    assert costs(client) == few
    assert max(few.values()) <= MOST_QUERIES
    # Today's contacts come by the index of days and no others are read.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")  # as with more rows than a test makes
            cursor.execute("ANALYZE calls_queueentry")  # or the planner takes it for empty
    start = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    rows = QueueEntry.objects.filter(
        arrived_at__gte=start, arrived_at__lt=start + timedelta(days=1)
    )
    assert "entry_by_day" in rows.order_by().explain()


def costs(client: Client) -> dict[str, int]:
    """How many queries each address takes."""
    found = {}
    for address in (PAGE, LIVE):
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        found[address] = len(captured)
    return found


def fill(queue: Queue, person: User, *, agents: int, today: int, history: int) -> None:
    """So many more agents, contacts of today and contacts spread over the year before."""
    people = User.objects.bulk_create(
        User(email=f"agent{n}@example.com", display_name=f"Agent {n:03}", role=Role.AGENT)
        for n in range(agents)
    )
    now = timezone.now()
    desks = DeskAgent.objects.bulk_create(
        DeskAgent(user=one, state=list(AgentState)[n % 5], since=now)
        for n, one in enumerate(people)
    )
    AgentSpan.objects.bulk_create(
        AgentSpan(agent=desk, state=desk.state, starts_at=now) for desk in desks
    )
    queue.agents.add(*people)
    start = now.replace(hour=0, minute=0, second=0, microsecond=0)
    moments = [start + (now - start) * (n / max(today, 1)) for n in range(today)]
    moments += [start - timedelta(days=1 + 364 * n / max(history, 1)) for n in range(history)]
    calls = CallSession.objects.bulk_create(
        CallSession(service=queue.service, state="ended", ended_at=moment) for moment in moments
    )
    QueueEntry.objects.bulk_create(
        QueueEntry(
            queue=queue,
            call=call,
            person=person,
            name="Sam",
            state="done",
            arrived_at=moment,
            queued_at=moment,
            answered_at=moment + timedelta(seconds=20),
            ended_at=moment + timedelta(seconds=300),
        )
        for call, moment in zip(calls, moments, strict=True)
    )
