"""The day of the staff: who is ready, who is at risk, who runs late, in a few queries."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Role, User
from calls.models import Appointment, DeviceTest, RunningLate, Service
from calls.services import running_late
from tests.booking import house
from tests.booking.house import text

pytestmark = pytest.mark.django_db


def planned(ada: User, service: Service, *, count: int, first: int = 0) -> list[Appointment]:
    """Visits of different patients tomorrow, every half hour from midnight."""
    start = house.tomorrow() - timedelta(hours=10)
    return [
        house.visit(
            house.person(f"patient{number}"),
            ada,
            of=service,
            starts_at=start + timedelta(minutes=30 * number),
        )
        for number in range(first, first + count)
    ]


def tomorrow() -> str:
    return f"{house.tomorrow():%Y-%m-%d}"


def test_it_shows_who_is_ready_and_who_is_not(ada: User, consultation: Service) -> None:
    ready, problem, _untested = planned(ada, consultation, count=3)
    for visit, outcome, parts in (
        (ready, "ready", {"camera": "ok"}),
        (problem, "problem", {"camera": "ok", "network": "no_relay"}),
    ):
        DeviceTest.objects.create(
            appointment=visit, person=visit.patient, outcome=outcome, parts=parts
        )
    client = house.signed_in(ada)
    whole = text(client.get(f"/day/?day={tomorrow()}"))
    for word in (
        "Patient0",
        "Patient1",
        "Patient2",
        "Ready",
        "Network holds back video",
        "2 not ready",
    ):
        assert word in whole
    risky = text(client.get(f"/day/?day={tomorrow()}&only=risk"))
    assert "Patient0" not in risky
    assert "Not tested" in risky


def test_agents_see_their_own_and_supervisors_everybodys(ada: User, consultation: Service) -> None:
    planned(ada, consultation, count=1)
    eve = house.agent("eve", service=consultation)
    boss = house.person("boss", Role.SUPERVISOR)
    chief = house.person("chief", Role.ADMINISTRATOR)
    page = f"/day/?day={tomorrow()}"
    assert "No visits on this day" in text(house.signed_in(eve).get(page))
    for person in (boss, chief):
        assert "Patient0" in text(house.signed_in(person).get(page))
    only_eve = text(house.signed_in(boss).get(f"{page}&agent={eve.pk}"))
    assert "Patient0" not in only_eve
    assert f'value="{eve.pk}" selected' in only_eve
    assert house.signed_in(boss).get(f"{page}&agent=rubbish").status_code == 400
    assert house.signed_in(house.person("mei")).get(page).status_code == 403


@pytest.mark.parametrize("wrong", ["day=2027-02-31", "day=rubbish", "only=x", "day=%00"])
def test_it_names_no_impossible_day(ada: User, wrong: str) -> None:
    answer = house.signed_in(ada).get(f"/day/?{wrong}")
    assert answer.status_code == 400
    assert "does not name a day" in text(answer)


@pytest.mark.parametrize("edge", ["0001-01-01", "9999-12-31"])
def test_it_survives_the_ends_of_the_calendar(ada: User, edge: str) -> None:
    assert house.signed_in(ada).get(f"/day/?day={edge}").status_code in (200, 400)


def test_it_takes_as_many_queries_for_many_as_for_few(ada: User, consultation: Service) -> None:
    client = house.signed_in(ada)
    counts = []
    for first, count in ((0, 2), (2, 28)):
        planned(ada, consultation, count=count, first=first)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = client.get(f"/day/?day={tomorrow()}")
        assert answer.status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12


# --- Running late ---------------------------------------------------------------------------------
def test_those_who_wait_see_that_it_takes_longer(
    ada: User, mei: User, consultation: Service
) -> None:
    visit = house.visit(mei, ada, of=consultation, starts_at=house.tomorrow())
    start = timezone.now() + timedelta(minutes=10)
    span = {"starts_at": start, "ends_at": start + timedelta(minutes=30)}
    Appointment.objects.filter(pk=visit.pk).update(**span)
    type(visit.call).objects.filter(pk=visit.call_id).update(**span)
    agent, patient = house.signed_in(ada), house.signed_in(mei)
    waiting_room = f"/calls/{visit.call_id}/late/"
    assert patient.get(waiting_room).json() == {"text": ""}
    agent.post("/day/late/", {"minutes": "15"})
    told = "We are about 15 minutes late. Thank you for waiting."
    assert patient.get(waiting_room).json() == {"text": told}
    for page in ("/home/", f"/appointments/{visit.pk}/"):
        assert told in text(patient.get(page))
    assert "you are 15 minutes late" in text(agent.get("/day/"))
    agent.post("/day/late/", {"minutes": "0"})
    assert patient.get(waiting_room).json() == {"text": ""}
    stranger = house.signed_in(house.person("eve"))
    assert stranger.get(waiting_room).status_code == 404


def test_a_delay_is_forgotten_after_two_hours_and_not_told_for_tomorrow(
    ada: User, mei: User, consultation: Service
) -> None:
    visit = house.visit(mei, ada, of=consultation, starts_at=house.tomorrow() + timedelta(days=1))
    late = running_late.say(ada, 30)
    assert running_late.minutes_for(ada.pk, visit.starts_at) is None
    assert running_late.minutes_for(ada.pk, late.until - timedelta(minutes=1)) == 30
    RunningLate.objects.update(until=timezone.now())
    assert running_late.minutes_for(ada.pk, timezone.now() - timedelta(minutes=1)) is None


def test_an_agent_reads_how_late_in_their_own_language(ada: User) -> None:
    client = house.signed_in(ada)
    assert "20 minutes" in text(client.get("/day/"))
    User.objects.filter(pk=ada.pk).update(language="zh-hans")
    page = text(client.get("/day/"))
    assert "20 分钟" in page
    assert "minutes" not in re.sub(r"<[^>]+>", "", page)


@pytest.mark.parametrize("minutes", ["", "7", "-5", "999", "x"])
def test_nobody_is_late_by_rubbish(ada: User, minutes: str) -> None:
    answer = house.signed_in(ada).post("/day/late/", {"minutes": minutes}, follow=True)
    assert "Please choose how late you are." in text(answer)
    assert not RunningLate.objects.exists()


def test_a_patient_is_never_running_late(mei: User) -> None:
    assert house.signed_in(mei).post("/day/late/", {"minutes": "5"}).status_code == 403
