"""The demo command: alive at once, harmless to run again, and only where it was asked for."""

from datetime import timedelta
from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from accounts.models import ConsentText, User
from calls.models import (
    Appointment,
    Availability,
    CannedReply,
    DeskAgent,
    Queue,
    QueueHours,
    Service,
    Skill,
    WrapUpCode,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def demo(settings: Settings) -> None:
    settings.DEMO = True


def run(*options: str) -> str:
    output = StringIO()
    call_command("demo", *options, stdout=output)
    return output.getvalue()


def test_it_refuses_where_no_demo_was_asked_for(settings: Settings) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="not a demo"):
        run()
    assert not User.objects.exists()


def test_it_makes_the_accounts_and_prints_them() -> None:
    printed = run()
    people = dict(User.objects.values_list("email", "role"))
    assert people == {
        "patient@example.com": "patient",
        "patient2@example.com": "patient",
        "agent@example.com": "agent",
        "agent2@example.com": "agent",
        "supervisor@example.com": "supervisor",
        "admin@example.com": "administrator",
    }
    assert all(email in printed for email in people)
    assert all(user.check_password("parlour-demo") for user in User.objects.all())
    assert EmailAddress.objects.filter(verified=True, primary=True).count() == 6
    assert set(ConsentText.objects.values_list("language", flat=True)) == {"en", "zh-hans"}


def test_it_always_has_a_visit_that_can_be_joined_now() -> None:
    run()
    near = Appointment.objects.filter(patient__email="patient@example.com", state="booked")
    first = near.order_by("starts_at")[0]
    assert first.agent.email == "agent@example.com"
    assert timezone.now() < first.starts_at <= timezone.now() + timedelta(minutes=30)


def test_it_has_queues_that_nobody_books() -> None:
    run()
    front, billing = Queue.objects.order_by("-name")
    assert (front.slug, billing.slug) == ("front-desk", "billing")
    assert set(front.agents.values_list("email", flat=True)) == {
        "agent@example.com",
        "agent2@example.com",
        "supervisor@example.com",
    }
    assert not front.hours.exists()
    assert billing.hours.count() == 5
    assert not front.service.is_active
    for made in (*Queue.objects.all(), *DeskAgent.objects.all()):
        made.full_clean()


def test_it_changes_nothing_when_it_runs_again() -> None:
    run()
    tables = (
        *(User, Service, Availability, ConsentText, Appointment),
        *(Queue, QueueHours, DeskAgent, Skill, WrapUpCode, CannedReply),
    )
    before = [table.objects.count() for table in tables]
    run()
    assert [table.objects.count() for table in tables] == before


def test_it_makes_a_new_near_visit_when_that_time_has_passed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run()
    count = Appointment.objects.count()
    later = timezone.now() + timedelta(hours=3)
    monkeypatch.setattr(timezone, "now", lambda: later)
    run()
    assert Appointment.objects.count() == count + 1
    newest = Appointment.objects.order_by("-created_at")[0]
    assert later < newest.starts_at <= later + timedelta(minutes=30)


def test_it_only_prints_when_only_the_sign_ins_are_asked_for() -> None:
    assert "patient@example.com" in run("--sign-ins")
    assert not User.objects.exists()
