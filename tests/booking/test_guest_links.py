"""Links of guests while others act: opened at once, withdrawn meanwhile, moved, handed over."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client

from accounts.models import User
from calls.models import Appointment, GuestKind, Invitation, Participant, Service
from calls.services import invitations
from calls.services.errors import WrongState
from calls.services.scheduling import booking, changing
from calls.services.scheduling.errors import NoPlaceForGuests
from tests.booking import house
from tests.support.race import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def pair() -> Service:
    """For up to two patients, and so one guest."""
    return house.service("Pair", capacity=2)


@pytest.fixture
def ada(pair: Service) -> User:
    return house.agent(service=pair)


def booked(name: str, service: Service, *, hours: int = 0) -> Appointment:
    who = house.person(name)
    starts_at = house.tomorrow() + timedelta(hours=hours)
    return booking.book(who, None, service=service, starts_at=starts_at, zone=who.zone)


def invite(visit: Appointment, by: User) -> Invitation:
    return invitations.invite(visit, by=by, name="Yusuf", kind=GuestKind.INTERPRETER)[0]


def test_two_browsers_at_once_make_one_guest(pair: Service, ada: User) -> None:
    visit = booked("mei", pair)
    pk = invite(visit, visit.patient).pk
    loaded = [Invitation.objects.get(pk=pk) for _ in range(4)]
    assert at_once([coming(one) for one in loaded]) == {"User": 4}
    guests = Participant.objects.filter(call=visit.call, role="guest")
    assert guests.exclude(state="removed").count() == 1
    assert User.objects.filter(role="guest", is_active=True).count() == 1


def coming(invitation: Invitation) -> Callable[[], User]:
    return lambda: invitations.come_in(invitation, time_zone="UTC")


def test_a_link_that_was_withdrawn_meanwhile_brings_nobody(pair: Service, ada: User) -> None:
    visit = booked("mei", pair)
    stale = invite(visit, visit.patient)
    invitations.revoke(Invitation.objects.get(), by=visit.patient)
    with pytest.raises(WrongState):
        invitations.come_in(stale, time_zone="UTC")
    with pytest.raises(WrongState):
        invitations.renew(stale, by=visit.patient)
    answer = house.signed_in(visit.patient).post(f"/invitations/{stale.pk}/renew/", follow=True)
    assert "This link was withdrawn" in house.text(answer)
    assert not User.objects.filter(role="guest").exists()


def test_whoever_came_meanwhile_is_sent_away_by_a_withdrawal(pair: Service, ada: User) -> None:
    visit = booked("mei", pair)
    stale = invite(visit, visit.patient)
    guest = invitations.come_in(Invitation.objects.get(), time_zone="UTC")
    invitations.revoke(stale, by=visit.patient)
    guest.refresh_from_db()
    assert not guest.is_active


def test_guests_move_only_where_there_is_place_for_them(pair: Service, ada: User) -> None:
    here, there = booked("mei", pair), booked("sam", pair, hours=2)
    for visit in (here, there):
        invite(visit, visit.patient)
    target = there.starts_at
    with pytest.raises(NoPlaceForGuests):
        changing.move(here, None, starts_at=target, zone=here.patient.zone, by=here.patient)
    here.refresh_from_db()
    assert here.call_id != there.call_id
    assert here.call.seats_taken == 1
    invitations.revoke(Invitation.objects.get(created_by=there.patient), by=there.patient)
    changing.move(here, None, starts_at=target, zone=here.patient.zone, by=here.patient)
    standing = Invitation.objects.get(revoked_at__isnull=True)
    assert standing.call_id == there.call_id


def test_who_gives_a_visit_away_gives_its_guests_away(ada: User) -> None:
    service = house.service()
    service.agents.add(ada)
    tomas = house.agent("tomas", service=service)
    mei = house.person("mei")
    visit = booking.book(mei, ada, service=service, starts_at=house.tomorrow(), zone=mei.zone)
    invitation = invite(visit, ada)
    later = visit.starts_at + timedelta(hours=1)
    changing.move(visit, tomas, starts_at=later, zone=mei.zone, by=mei)
    for what in ("revoke", "renew"):
        answer = house.signed_in(ada).post(f"/invitations/{invitation.pk}/{what}/")
        assert answer.status_code == 404
    invitation.refresh_from_db()
    assert invitation.created_by == tomas
    assert house.signed_in(tomas).post(f"/invitations/{invitation.pk}/revoke/").status_code == 302


def test_guests_of_the_agent_go_along_into_another_group(ada: User, pair: Service) -> None:
    tomas = house.agent("tomas", service=pair)
    mei, sam = house.person("mei"), house.person("sam")
    later = house.tomorrow() + timedelta(hours=2)
    here = booking.book(mei, ada, service=pair, starts_at=house.tomorrow(), zone=mei.zone)
    booking.book(sam, tomas, service=pair, starts_at=later, zone=sam.zone)
    invitation = invite(here, ada)
    changing.move(here, tomas, starts_at=later, zone=mei.zone, by=mei)
    invitation.refresh_from_db()
    here.refresh_from_db()
    assert (invitation.call_id, invitation.created_by) == (here.call_id, tomas)


def test_two_who_change_groups_against_each_other_never_deadlock(pair: Service, ada: User) -> None:
    """PostgreSQL says so where calls are locked in the order in which each came by them."""
    for day in range(4):
        start = house.tomorrow() + timedelta(days=day)
        visits = []
        for number in range(4):
            who = house.person(f"p{day}{number}")
            at = start + timedelta(hours=number)
            visits.append(booking.book(who, ada, service=pair, starts_at=at, zone=who.zone))
        times = [visit.starts_at for visit in visits]

        answers = at_once([moving(one, at) for one, at in zip(visits, times[::-1], strict=True)])
        assert set(answers) <= {"Appointment", "SlotTaken"}, answers


def moving(visit: Appointment, starts_at: datetime) -> Callable[[], Appointment]:
    who = visit.patient
    return lambda: changing.move(visit, None, starts_at=starts_at, zone=who.zone, by=who)


def test_an_open_link_of_a_visit_that_moved_says_when_it_is_now(pair: Service, ada: User) -> None:
    visit = booked("mei", pair)
    _invitation, token = invitations.invite(
        visit, by=visit.patient, name="Yusuf", kind=GuestKind.RELATIVE
    )
    later = visit.starts_at + timedelta(hours=3)
    changing.move(visit, None, starts_at=later, zone=visit.patient.zone, by=visit.patient)
    assert f"{later:%H:%M}" in house.text(Client().get(f"/join/{token}/"))
