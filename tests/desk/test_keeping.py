"""How long words and names of contacts are kept: what goes, what stays, and who is asked."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import Role, User
from audit.models import AuditEntry
from calls import tasks
from calls.models import (
    LegalHold,
    Queue,
    QueueEntry,
    Recording,
)
from calls.services.desk import keeping
from calls.services.desk.figures.report import Asked, report
from tests.desk import house
from tests.desk.kept import FIELDS, contact, words
from tests.desk.test_desk_admin import page, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def billing(billing: Queue, ada: User) -> Queue:
    """With Ada at the desk."""
    house.sit_down(ada)
    return billing


@pytest.mark.parametrize("field", FIELDS)
def test_each_kind_goes_by_its_own_days(billing: Queue, ada: User, field: str) -> None:
    older, newer = contact(billing, ada, days=30.1), contact(billing, ada, days=29.9)
    before = words(older)
    setattr(billing, field, 30)
    billing.save()
    tasks.forget_contacts()
    assert words(newer) == before
    gone = [keeping.NOBODY] if field == "details_kept_days" else []
    assert words(older) == before | {field: gone}


def test_no_figure_changes(billing: Queue, ada: User) -> None:
    contact(billing, ada, days=3)
    day = (timezone.now() - timedelta(days=3)).date()
    asked = Asked(day, day, ZoneInfo("UTC"))
    before = report(asked)
    Queue.objects.update(**dict.fromkeys(FIELDS, 1))
    assert keeping.sweep() == len(FIELDS)
    assert report(asked) == before
    assert before.total.flow.answered == 1
    assert before.total.content.score == 4


def test_it_says_in_the_audit_log_what_went_and_not_what_it_was(billing: Queue, ada: User) -> None:
    contact(billing, ada, days=31)
    Queue.objects.update(notes_kept_days=30)
    keeping.sweep()
    keeping.sweep()
    line = AuditEntry.objects.get(action="queue.forget")
    assert (line.target, line.data) == (
        str(billing.pk),
        {"what": "notes", "days": 30, "contacts": 1},
    )


def test_it_goes_on_until_nothing_is_left(
    billing: Queue, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "BATCH", 2)
    for _ in range(5):
        contact(billing, ada, days=3)
    Queue.objects.update(writing_kept_days=1)
    assert keeping.sweep() == 5
    assert not QueueEntry.objects.exclude(message="").exists()


def test_an_account_keeps_its_name_and_a_visitor_does_not(billing: Queue, ada: User) -> None:
    sam = house.person("Sam Okafor", Role.PATIENT)
    with_account = contact(billing, ada, days=3, person=sam)
    visitor = contact(billing, ada, days=3)
    Queue.objects.update(details_kept_days=1)
    keeping.sweep()
    assert words(with_account)["details_kept_days"] == ["Mei Lin"]
    sam.refresh_from_db()
    assert sam.display_name == "Sam Okafor"
    visitor.person.refresh_from_db()
    assert visitor.person.display_name == keeping.NOBODY


def test_a_visitor_keeps_the_name_while_another_contact_has_it(billing: Queue, ada: User) -> None:
    older = contact(billing, ada, days=3)
    house.come(billing, "Mei Lin", person=older.person)
    Queue.objects.update(details_kept_days=1)
    keeping.sweep()
    older.refresh_from_db()
    assert (older.name, older.person.display_name) == (keeping.NOBODY, "Mei Lin")


def test_open_contacts_and_other_queues_keep_everything(billing: Queue, ada: User) -> None:
    other = contact(house.queue(ada, name="Other"), ada, days=90)
    waits = house.come(billing, message="Hello", waited_secs=90 * 86_400)
    before = words(other)
    Queue.objects.filter(pk=billing.pk).update(**dict.fromkeys(FIELDS, 1))
    keeping.sweep()
    waits.refresh_from_db()
    assert (waits.name, waits.message) == ("Mei Lin", "Hello")
    assert words(other) == before


def test_nothing_goes_while_a_hold_stands(billing: Queue, ada: User) -> None:
    entry = contact(billing, ada, days=90)
    recording = Recording.objects.create(call=entry.call, state="failed", asked_at=timezone.now())
    hold = LegalHold.objects.create(
        recording=recording, placed_by=ada, placed_at=timezone.now(), purpose="Case 7"
    )
    before = words(entry)
    Queue.objects.update(**dict.fromkeys(FIELDS, 1))
    assert keeping.sweep() == 0
    assert words(entry) == before
    LegalHold.objects.filter(pk=hold.pk).update(lifted_at=timezone.now(), lifted_by=ada)
    assert keeping.sweep() == len(FIELDS)


def test_the_pages_of_a_forgotten_contact_can_be_read(billing: Queue, ada: User) -> None:
    entry = contact(billing, ada, days=0.1)
    QueueEntry.objects.filter(pk=entry.pk).update(
        ended_at=datetime(2026, 1, 1, tzinfo=ZoneInfo("UTC"))
    )
    Queue.objects.update(**dict.fromkeys(FIELDS, 1))
    keeping.sweep()
    client = Client()
    client.force_login(
        house.person("Ines Falk", Role.SUPERVISOR),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    shown = client.get(f"/desk/wallboard/contacts/{entry.pk}/")
    assert shown.status_code == 200
    assert "Mei Lin" not in shown.content.decode()


# --- In the administration -----------------------------------------------------------------------
@pytest.fixture
def client() -> Client:
    client = Client()
    client.force_login(house.person("Kai Admin", Role.ADMINISTRATOR))
    return client


def test_days_that_make_something_go_at_once_want_a_word(
    client: Client, billing: Queue, ada: User
) -> None:
    entry = contact(billing, ada, days=10)
    before = words(entry)
    wanted = sent(billing, agents=[ada.pk], notes_kept_days=9, details_kept_days=9)
    refused = client.post(page(billing), wanted)
    assert refused.status_code == 200
    assert "1 contact is older" in refused.content.decode()
    billing.refresh_from_db()
    assert billing.notes_kept_days is None
    assert client.post(page(billing), wanted | {"forgets_older": "on"}).status_code == 302
    tasks.forget_contacts()
    assert words(entry)["notes_kept_days"] == []
    assert words(entry)["writing_kept_days"] == before["writing_kept_days"]


def test_longer_days_and_others_are_saved_without_a_word(
    client: Client, billing: Queue, ada: User
) -> None:
    contact(billing, ada, days=10)
    wanted = sent(billing, agents=[ada.pk], notes_kept_days=11)
    assert client.post(page(billing), wanted).status_code == 302
    billing.refresh_from_db()
    assert billing.notes_kept_days == 11


def test_no_days_at_all_are_refused(client: Client, billing: Queue, ada: User) -> None:
    wanted = sent(billing, agents=[ada.pk], notes_kept_days=0, forgets_older="on")
    assert client.post(page(billing), wanted).status_code == 200
    with pytest.raises(IntegrityError), transaction.atomic():
        Queue.objects.update(comments_kept_days=0)
