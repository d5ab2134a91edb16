"""The reports' page and its files: who reads what, of which days."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Role, User
from audit.models import AuditEntry
from calls.models import Queue
from tests.desk import house, past

pytestmark = pytest.mark.django_db

PAGE, EXPORT = "/desk/reports/", "/desk/reports/export/"
DAY = "first=2026-11-03&last=2026-11-03"
EIGHT = datetime(2026, 11, 3, 8, 0, tzinfo=ZoneInfo("UTC"))


@pytest.fixture(autouse=True)
def _first_time() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def billing(ada: User) -> Queue:
    return house.queue(ada, target_secs=20)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def worked(queue: Queue, agent: User, *, answered_after: int = 15) -> None:
    """One contact of the day, with all that belongs to it."""
    entry = past.contact(queue, EIGHT, answered_after=answered_after, agent=agent)
    past.talk(entry, agent, talk_secs=125, wrap_secs=10)
    past.rang(entry, agent, "accepted", EIGHT)
    past.was(agent, "busy", EIGHT, EIGHT + timedelta(minutes=10))
    past.said(entry, 5)


def test_a_supervisor_reads_everybodys_figures(ines: User, ada: User, billing: Queue) -> None:
    tomas = house.person("Tomas Ruiz")
    worked(billing, ada)
    worked(billing, tomas, answered_after=30)
    page = signed_in(ines).get(f"{PAGE}?{DAY}").content.decode()
    for words in (
        "Ada Brandt",
        "Tomas Ruiz",
        "Billing",
        "50 %",  # one of two in time
        "2:15",  # 125 s of talk and 10 s after it
        "days by the clock of UTC",
        "Answered in time ÷ (answered + abandoned after the target + waiting beyond it).",
        "<rect",
    ):
        assert words in page


def test_an_agent_reads_only_their_own(ada: User, billing: Queue) -> None:
    tomas = house.person("Tomas Ruiz")
    worked(billing, ada)
    worked(billing, tomas)
    client = signed_in(ada)
    page = client.get(f"{PAGE}?{DAY}").content.decode()
    assert "Your figures" in page
    assert "Ada Brandt" in page
    assert "Tomas Ruiz" not in page
    for address in (f"{PAGE}?{DAY}", f"{EXPORT}?{DAY}&table=days"):
        assert client.get(f"{address}&agent={tomas.pk}").status_code == 404
    assert AuditEntry.objects.filter(action="desk.report", allowed=False).count() == 2
    file = client.get(f"{EXPORT}?{DAY}&table=agents").content.decode()
    assert "Ada Brandt" in file
    assert "Tomas Ruiz" not in file
    assert client.get(f"{EXPORT}?{DAY}&table=queues").status_code == 400


def test_an_administrator_reads_them_too_and_others_do_not(billing: Queue) -> None:
    kai = signed_in(house.person("Kai Admin", Role.ADMINISTRATOR))
    assert kai.get(PAGE).status_code == 200
    mei = signed_in(house.person("Mei Lin", Role.PATIENT))
    for address in (PAGE, f"{EXPORT}?table=days"):
        assert mei.get(address).status_code == 403
        assert Client().get(address).status_code == 302
        assert kai.post(address).status_code == 405


def test_it_shows_the_last_seven_days_of_the_viewers_clock(ines: User, billing: Queue) -> None:
    answer = signed_in(ines).get(PAGE)
    asked = answer.context["asked"]
    today = timezone.localdate(timezone=ZoneInfo("UTC"))
    assert (asked.first, asked.last) == (today - timedelta(days=6), today)
    assert "Nothing happened in these days" in answer.content.decode()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ("first=2026-11-03&last=2026-11-02", "The range ends before it begins."),
        ("first=2026-01-01&last=2026-11-02", "Please choose 92 days at most."),
        ("first=1999-01-01&last=1999-01-02", "This day is too far away."),
        ("first=rubbish", "This address names no such day"),
        ("first=2026-02-30", "This address names no such day"),
        ("queue=x", "This address names no such day"),
        ("agent=%00", "This address names no such day"),
    ],
)
def test_it_reports_no_impossible_range(ines: User, wrong: str, words: str) -> None:
    client = signed_in(ines)
    answer = client.get(f"{PAGE}?{wrong}")
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert client.get(f"{EXPORT}?{wrong}&table=days").status_code == 400


@pytest.mark.parametrize("edge", ["0001-01-01", "9999-12-31"])
def test_it_survives_the_ends_of_the_calendar(ines: User, edge: str) -> None:
    answer = signed_in(ines).get(f"{PAGE}?first={edge}&last={edge}")
    assert answer.status_code == 400


def test_an_unknown_agent_is_not_found(ines: User) -> None:
    assert signed_in(ines).get(f"{PAGE}?agent={uuid4()}").status_code == 404


def test_a_file_holds_numbers_and_harmless_names(ines: User, billing: Queue) -> None:
    Queue.objects.update(name="=cmd|' /C calc'!A0")
    worked(billing, User.objects.get(display_name="Ada Brandt"))
    answer = signed_in(ines).get(f"{EXPORT}?{DAY}&table=queues")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == (
        'attachment; filename="queues-2026-11-03-2026-11-03.csv"'
    )
    assert answer.content.startswith(b"\xef\xbb\xbf")
    [row] = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert row["Queue"] == "'=cmd|' /C calc'!A0"
    assert (row["Came"], row["Service level (%)"]) == ("1", "100.0")
    assert (row["Handle time (seconds)"], row["Abandonment (%)"]) == ("135", "0.0")


@pytest.mark.parametrize("table", ["queues", "agents", "days", "hours", "codes"])
def test_each_table_is_a_file_and_each_file_is_audited(
    ines: User, ada: User, billing: Queue, table: str
) -> None:
    worked(billing, ada)
    assert signed_in(ines).get(f"{EXPORT}?{DAY}&table={table}").status_code == 200
    entry = AuditEntry.objects.get(action="desk.export")
    assert (entry.actor, entry.target) == (str(ines.pk), table)
    assert entry.data == {"first": "2026-11-03", "last": "2026-11-03", "queue": "", "agent": ""}


def test_it_makes_no_file_of_what_is_no_table(ines: User) -> None:
    for wrong in ("", "table=", "table=users", "table=%00"):
        assert signed_in(ines).get(f"{EXPORT}?{wrong}").status_code == 400
    assert not AuditEntry.objects.filter(action="desk.export").exists()


def test_who_asks_for_too_many_files_has_to_wait(ines: User, billing: Queue) -> None:
    client = signed_in(ines)
    answers = [client.get(f"{EXPORT}?{DAY}&table=days").status_code for _ in range(31)]
    assert answers == [200] * 30 + [429]


def test_a_page_of_two_hundred_agents_costs_as_much_as_one_of_two(
    ines: User, billing: Queue
) -> None:
    client, counts = signed_in(ines), []
    for first, last in ((0, 2), (2, 200)):
        for number in range(first, last):
            agent = User.objects.create(
                email=f"a{number}@example.com", display_name=f"Agent {number:03}", role=Role.AGENT
            )
            worked(billing, agent)
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(f"{PAGE}?{DAY}")
        counts.append(len(captured))
    assert "Agent 199" in answer.content.decode()
    assert counts[0] == counts[1] <= 12
