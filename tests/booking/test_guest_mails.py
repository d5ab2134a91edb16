"""What guests are told by mail: that the visit they were invited to moved, fell out, or is near."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail

from accounts.models import User
from calls.models import Appointment, GuestKind, Invitation, Notice, Service
from calls.services import invitations
from calls.services.notices import mailing, notify
from calls.services.scheduling import booking, changing
from tests.booking import house

pytestmark = pytest.mark.django_db

JANUARY = datetime(2027, 1, 15, 9, tzinfo=UTC)


@pytest.fixture
def consultation() -> Service:
    return house.service("Cardiology", horizon_days=365)


@pytest.fixture
def visit(mei: User, ada: User, consultation: Service) -> Appointment:
    return house.visit(mei, ada, of=consultation, starts_at=JANUARY)


def invite(visit: Appointment, by: User, name: str = "Yusuf") -> Invitation:
    address = f"{name.lower()}@example.com"
    return invitations.invite(visit, by=by, name=name, kind=GuestKind.INTERPRETER, email=address)[0]


def told(name: str = "yusuf") -> list[tuple[str, str]]:
    """Subject and text of the mails that a guest has got."""
    mailing.send_due()
    mails = [one for one in mail.outbox if one.to == [f"{name}@example.com"]]
    return [(str(one.subject), str(one.body)) for one in mails]


def test_a_guest_hears_of_the_new_time(visit: Appointment, mei: User) -> None:
    invite(visit, mei)
    later = JANUARY + timedelta(hours=2)
    changing.move(visit, None, starts_at=later, zone=mei.zone, by=mei)
    [(subject, text)] = told()
    assert subject == "Your visit has a new time"
    assert "Hello Yusuf" in text
    assert "New time: Friday, 15 January 2027 at 12:00 (Europe/Berlin)" in text
    assert "Until now: Friday, 15 January 2027 at 10:00 (Europe/Berlin)" in text
    assert "Mei has invited you." in text
    assert "The address that you were sent still leads there." in text
    for hidden in ("http", "Cardiology", "in your account"):
        assert hidden not in text


def test_a_guest_hears_that_it_does_not_take_place(visit: Appointment, mei: User) -> None:
    invite(visit, mei)
    changing.cancel(visit, mei)
    [(subject, text)] = told()
    assert subject == "Your visit is cancelled"
    assert "still leads there" not in text


def test_a_guest_is_reminded_once(visit: Appointment, ada: User) -> None:
    invite(visit, ada)
    assert notify.reminded(visit, minutes=10)
    assert not notify.reminded(visit, minutes=10)
    assert [subject for subject, _text in told()] == ["Your visit is coming up"]


def test_a_guest_reads_their_own_language_and_clock(visit: Appointment, mei: User) -> None:
    invitation = invite(visit, mei)
    guest = invitations.come_in(invitation, time_zone="Asia/Shanghai")
    User.objects.filter(pk=guest.pk).update(language="zh-hans")
    notify.reminded(visit, minutes=10)
    [(_subject, text)] = told()
    assert "2027年1月15日" in text
    assert "17:00" in text


def test_who_was_uninvited_hears_nothing(visit: Appointment, mei: User) -> None:
    notify.reminded(visit, minutes=10)
    invitation = invite(visit, mei)
    notify.reminded(visit, minutes=20)
    invitations.revoke(invitation, by=mei)
    changing.cancel(visit, mei)
    assert told() == []
    assert Notice.objects.get(invitation=invitation).mail_state == "none"


def test_a_guest_hears_of_each_of_many_moves(visit: Appointment, mei: User) -> None:
    invite(visit, mei)
    later = JANUARY + timedelta(hours=2)
    for starts_at in (later, JANUARY, later):
        changing.move(visit, None, starts_at=starts_at, zone=mei.zone, by=mei)
    assert len(told()) == 3
    assert "Until now: Friday, 15 January 2027 at 10:00" in told()[-1][1]


def test_whom_the_agent_invited_hears_what_becomes_of_the_whole_call(mei: User) -> None:
    pair = house.service("Pair", capacity=2, horizon_days=365)
    leader = house.agent("leo", service=pair)
    visit = booking.book(mei, leader, service=pair, starts_at=JANUARY, zone=mei.zone)
    invite(visit, leader)
    changing.move(visit, None, starts_at=JANUARY + timedelta(hours=1), zone=mei.zone, by=mei)
    assert [subject for subject, _text in told()] == ["Your visit has a new time"]
    changing.cancel(visit, mei)
    assert [subject for subject, _text in told()][1:] == ["Your visit is cancelled"]


def test_who_comes_into_a_group_is_no_news_to_the_guests_there(mei: User) -> None:
    pair = house.service("Pair", capacity=2, horizon_days=365)
    leader = house.agent("leo", service=pair)
    later = JANUARY + timedelta(hours=2)
    here = booking.book(mei, leader, service=pair, starts_at=JANUARY, zone=mei.zone)
    sam = house.person("sam")
    there = booking.book(sam, leader, service=pair, starts_at=later, zone=sam.zone)
    invite(there, sam)
    changing.move(here, None, starts_at=later, zone=mei.zone, by=mei)
    here.refresh_from_db()
    assert here.call_id == there.call_id
    assert told() == []


def test_a_reminder_of_a_group_does_not_hang_on_one_patient(mei: User) -> None:
    pair = house.service("Pair", capacity=2, horizon_days=365)
    leader = house.agent("leo", service=pair)
    visits = [
        booking.book(person, leader, service=pair, starts_at=JANUARY, zone=person.zone)
        for person in (mei, house.person("sam"))
    ]
    invite(visits[0], leader)
    for visit in visits:
        notify.reminded(visit, minutes=10)
    changing.cancel(visits[0], mei)
    assert [subject for subject, _text in told()] == ["Your visit is coming up"]


def test_in_a_group_only_ones_own_guests_hear_of_ones_own_change(mei: User) -> None:
    group = house.service("Class", capacity=2, horizon_days=365)
    leader = house.agent("leo", service=group)
    starts_at = house.tomorrow()
    visits = [
        booking.book(person, leader, service=group, starts_at=starts_at, zone=person.zone)
        for person in (mei, house.person("sam"))
    ]
    assert visits[0].call_id == visits[1].call_id
    invite(visits[0], mei)
    changing.cancel(visits[1], visits[1].patient)
    assert told() == []
    changing.cancel(visits[0], mei)
    assert [subject for subject, _text in told()] == ["Your visit is cancelled"]
