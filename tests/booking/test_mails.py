"""What people are told by mail: once, in their language and zone, nothing about their health."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.core import mail
from django.utils import timezone
from icalendar import Calendar

from accounts.models import User
from calls.models import Appointment, Notice, NoticeKind, Service
from calls.services.desk import letters
from calls.services.notices import mailing, notify, reminders
from calls.services.scheduling import booking, changing, series, waiting_list
from tests.booking import house
from tests.desk import house as desk
from tests.support.race import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def consultation() -> Service:
    return house.service("Cardiology")


@pytest.fixture
def visit(mei: User, ada: User, consultation: Service) -> Appointment:
    details = booking.Details(reason="A heart that races")
    return booking.book(
        mei,
        ada,
        service=consultation,
        starts_at=datetime(2027, 1, 15, 9, tzinfo=UTC),
        zone=mei.zone,
        details=details,
    )


@pytest.fixture(autouse=True)
def january() -> Iterator[None]:
    """It is the 10th of January 2027, at nine in Greenwich."""
    with patch.object(timezone, "now", return_value=datetime(2027, 1, 10, 9, tzinfo=UTC)):
        yield


def sent_to(person: User) -> list[Any]:
    """The messages of the mailbox, EmailMultiAlternatives each."""
    mailing.send_due()
    return [one for one in mail.outbox if one.to == [person.email]]


def whole(message: Any) -> str:
    parts = [
        str(message.subject),
        str(message.body),
        *(str(one[0]) for one in message.alternatives),
    ]
    files = [part[1] for part in message.attachments]
    return " ".join([*parts, *(one.decode() if isinstance(one, bytes) else one for one in files)])


def test_it_confirms_in_the_persons_zone(visit: Appointment, mei: User) -> None:
    [message] = sent_to(mei)
    assert message.subject == "Your visit is booked"
    assert "Friday, 15 January 2027 at 10:00 (Europe/Berlin)" in message.body
    assert "You meet Ada." in message.body
    assert f"http://testserver/appointments/{visit.pk}/" in message.body


def test_it_confirms_in_the_persons_language(mei: User, ada: User, consultation: Service) -> None:
    mei.language = "zh-hans"
    mei.save()
    booking.book(
        mei,
        ada,
        service=consultation,
        starts_at=datetime(2027, 1, 15, 9, tzinfo=UTC),
        zone=mei.zone,
    )
    [message] = sent_to(mei)
    assert message.subject == "您的问诊已预约"
    assert "2027年1月15日" in message.body
    assert not re.search(r"\b(visit|booked|meet)\b", message.body)


def test_it_says_everything_in_the_persons_language(
    visit: Appointment, mei: User, ada: User, consultation: Service
) -> None:
    """Each kind of notice, as a mail and without a word of English."""
    User.objects.filter(pk=mei.pk).update(language="zh-hans", display_name="林美")
    User.objects.filter(pk=ada.pk).update(display_name="布兰特")
    later = visit.starts_at + timedelta(hours=1)
    changing.move(visit, None, starts_at=later, zone=mei.zone, by=mei)
    notify.reminded(visit, minutes=10)
    notify.missed(visit)
    notify.not_held(visit)
    notify.shared(visit, key="1")
    waiting_list.join(
        mei,
        consultation,
        agent=None,
        from_date=date(2027, 1, 20),
        until_date=date(2027, 1, 21),
    )
    changing.cancel(visit, ada)
    series.book(
        mei,
        ada,
        [datetime(2027, 2, 1 + 7 * week, 9, tzinfo=UTC) for week in range(2)],
        service=consultation,
        zone=mei.zone,
    )
    be_told_by_the_desk(mei, ada)
    mails = sent_to(mei)
    kinds = set(Notice.objects.filter(person=mei).values_list("kind", flat=True))
    assert kinds == {kind.value for kind in NoticeKind} - {"alert"}  # for the desk alone
    for message in mails:
        words = re.sub(r"https?://\S+|Europe/Berlin", "", f"{message.subject} {message.body}")
        assert not re.search(r"[A-Za-z]{3,}", words), words


def be_told_by_the_desk(mei: User, ada: User) -> None:
    """A letter of hers is answered, and she is called back."""
    queue = desk.queue(ada, name="账单")
    said: dict[str, Any] = {"name": "林美", "email": mei.email, "person": mei, "is_there": False}
    letters.reply(desk.come(queue, kind="message", message="你好", **said), ada, "你好。")
    assert letters.call_now(desk.come(queue, kind="callback", **said))


def test_it_tells_nothing_about_anybodys_health(visit: Appointment, mei: User, ada: User) -> None:
    changing.move(
        visit, None, starts_at=visit.starts_at + timedelta(hours=1), zone=mei.zone, by=mei
    )
    notify.reminded(visit, minutes=10)
    changing.cancel(visit, ada)
    notify.missed(visit)
    notify.shared(visit, key="1")
    words = [whole(one) for one in [*sent_to(mei), *sent_to(ada)]]
    assert len(words) >= 8
    for word in words:
        assert not re.search("cardiology|heart|races", word, re.IGNORECASE)
    for message in sent_to(ada):
        assert "mei" not in whole(message).lower()


def test_it_sends_what_a_calendar_takes(visit: Appointment, mei: User) -> None:
    changing.cancel(visit, mei)
    booked, cancelled = [Calendar.from_ical(message.attachments[0][1]) for message in sent_to(mei)]
    assert (str(booked["METHOD"]), str(cancelled["METHOD"])) == ("CANCEL", "CANCEL")
    [event] = cancelled.walk("VEVENT")
    assert (event["UID"], event["SEQUENCE"]) == (f"{visit.pk}@testserver", 1)


def test_it_sends_a_series_as_one_mail(mei: User, ada: User, consultation: Service) -> None:
    starts = [datetime(2027, 1, 15 + 7 * week, 9, tzinfo=UTC) for week in range(2)]
    series.book(mei, ada, starts, service=consultation, zone=mei.zone)
    [message] = sent_to(mei)
    assert message.subject == "2 visits are booked"
    assert "15 January" in message.body
    assert "22 January" in message.body
    events: list[Any] = [
        Calendar.from_ical(one[1]).walk("VEVENT")[0] for one in message.attachments
    ]
    found = [event.start for event in events]
    assert [one.astimezone(UTC) for one in found] == starts


def test_it_sends_each_mail_once_however_many_send(visit: Appointment) -> None:
    at_once([mailing.send_due] * 6)
    assert len(mail.outbox) == 2
    assert set(Notice.objects.values_list("mail_state", flat=True)) == {"sent"}


@pytest.mark.parametrize("kind", ["bookings", "reminders"])
def test_it_sends_only_what_people_want(
    mei: User, ada: User, consultation: Service, kind: str
) -> None:
    setattr(mei, f"mails_{kind}", False)
    mei.save()
    start = datetime(2027, 1, 11, 10, tzinfo=UTC)
    visit = booking.book(mei, ada, service=consultation, starts_at=start, zone=mei.zone)
    notify.reminded(visit, minutes=10)
    wanted = {"bookings": "Your visit is coming up", "reminders": "Your visit is booked"}[kind]
    assert [one.subject for one in sent_to(mei)] == [wanted]
    assert Notice.objects.filter(person=mei).count() == 2


def test_it_sends_nothing_to_somebody_who_is_gone(visit: Appointment, mei: User) -> None:
    User.objects.filter(pk=mei.pk).update(is_active=False)
    assert sent_to(mei) == []
    assert Notice.objects.get(person=mei).mail_state == "none"


# --- Reminders --------------------------------------------------------------------------------
def at(moment: datetime) -> int:
    """How many visits are reminded of at that time."""
    with patch.object(timezone, "now", return_value=moment):
        return reminders.sweep()


def test_it_reminds_a_day_and_ten_minutes_before(visit: Appointment) -> None:
    start = visit.starts_at
    assert at(start - timedelta(days=1, minutes=1)) == 0
    assert at(start - timedelta(days=1)) == 1
    assert at(start - timedelta(hours=5)) == 0
    assert at(start - timedelta(minutes=10)) == 1
    assert at(start - timedelta(minutes=1)) == 0
    assert at(start) == 0
    told = Notice.objects.filter(kind="reminder", person=visit.patient)
    assert sorted(one.facts["minutes"] for one in told) == [10, 1440]


def test_it_sends_the_newest_reminder_after_a_pause(visit: Appointment) -> None:
    assert at(visit.starts_at - timedelta(minutes=5)) == 1
    [told] = Notice.objects.filter(kind="reminder", person=visit.patient)
    assert told.facts["minutes"] == 10


def test_it_reminds_of_nothing_that_was_near_when_booked(
    mei: User, ada: User, consultation: Service
) -> None:
    soon = datetime(2027, 1, 10, 12, tzinfo=UTC)
    booking.book(mei, ada, service=consultation, starts_at=soon, zone=mei.zone)
    assert at(soon - timedelta(hours=2)) == 0
    assert at(soon - timedelta(minutes=10)) == 1


def test_it_reminds_of_the_new_time(visit: Appointment, mei: User) -> None:
    assert at(visit.starts_at - timedelta(hours=3)) == 1
    later = visit.starts_at + timedelta(days=3)
    changing.move(visit, None, starts_at=later, zone=mei.zone, by=mei)
    mailing.send_due()
    reminded = [one for one in mail.outbox if one.subject == "Your visit is coming up"]
    assert reminded == []
    assert at(later - timedelta(days=1)) == 1


@pytest.mark.parametrize("minutes", [[], [60]])
def test_it_reminds_as_the_service_says(visit: Appointment, minutes: list[int]) -> None:
    Service.objects.update(reminder_minutes=minutes)
    assert at(visit.starts_at - timedelta(hours=1)) == len(minutes)


def test_two_sweeps_remind_once(visit: Appointment) -> None:
    with patch.object(timezone, "now", return_value=visit.starts_at - timedelta(minutes=10)):
        at_once([reminders.sweep] * 4)
    assert Notice.objects.filter(kind="reminder").count() == 2


def test_it_asks_the_database_no_more_for_what_was_told(
    mei: User, ada: User, consultation: Service, django_assert_num_queries: Any
) -> None:
    start = datetime(2027, 1, 15, 9, tzinfo=UTC)
    for number in range(12):
        house.visit(mei, ada, of=consultation, starts_at=start + number * timedelta(minutes=30))
    assert at(start - timedelta(hours=1)) == 12
    with django_assert_num_queries(2):
        assert at(start - timedelta(minutes=50)) == 0
