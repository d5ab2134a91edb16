"""The waiting list: a freed time is kept for whoever has waited longest, and goes on from there."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Role, User
from calls.models import Appointment, Notice, Service, SlotOffer, TakenTime, WaitingListEntry
from calls.services.scheduling import booking, changing, waiting_list
from calls.services.scheduling.errors import AlreadyWaiting, OfferGone, SlotTaken
from calls.services.scheduling.free_times import next_free
from tests.booking import house
from tests.support.race import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def consultation() -> Service:
    return house.service(horizon_days=7)


@pytest.fixture
def ada(consultation: Service) -> User:
    """There tomorrow from ten to half past ten, and booked."""
    user = house.person("ada", Role.AGENT)
    consultation.agents.add(user)
    start = house.tomorrow()
    house.hours(user, start.weekday(), start.time(), (start + timedelta(minutes=30)).time())
    return user


@pytest.fixture
def booked(ada: User, consultation: Service) -> Appointment:
    return booking.book(
        house.person("first"), ada, service=consultation, starts_at=house.tomorrow(), zone=ada.zone
    )


def wait(name: str, service: Service, **wish: object) -> WaitingListEntry:
    today = timezone.now().date()
    dates = {"from_date": today, "until_date": today + timedelta(days=3), "agent": None, **wish}
    return waiting_list.join(house.person(name), service, **dates)  # type: ignore[arg-type]


def test_it_offers_a_freed_time_to_the_first_in_line(
    booked: Appointment, consultation: Service, ada: User
) -> None:
    first, second = wait("mei", consultation), wait("sam", consultation)
    assert not SlotOffer.objects.exists()
    changing.cancel(booked, ada)
    offer = SlotOffer.objects.get()
    assert (offer.entry, offer.starts_at, offer.agent) == (first, house.tomorrow(), ada)
    assert Notice.objects.get(kind="offer").person == first.patient
    assert not second.offers.exists()


def test_it_keeps_the_time_from_everybody_else(
    booked: Appointment, consultation: Service, ada: User
) -> None:
    wait("mei", consultation)
    changing.cancel(booked, ada)
    assert house.tomorrow() not in next_free(consultation, ada, limit=100)
    eve = house.person("eve")
    with pytest.raises(SlotTaken):
        booking.book(eve, ada, service=consultation, starts_at=house.tomorrow(), zone=eve.zone)


def test_it_books_what_is_accepted(booked: Appointment, consultation: Service, ada: User) -> None:
    entry = wait("mei", consultation)
    changing.cancel(booked, ada)
    visit = waiting_list.accept(SlotOffer.objects.get(), zone=entry.patient.zone)
    assert (visit.patient, visit.agent, visit.starts_at) == (
        entry.patient,
        ada,
        house.tomorrow(),
    )
    entry.refresh_from_db()
    assert (entry.state, SlotOffer.objects.get().state) == ("booked", "taken")
    assert TakenTime.objects.get(person=ada).call == visit.call


def test_it_accepts_once(booked: Appointment, consultation: Service, ada: User) -> None:
    entry = wait("mei", consultation)
    changing.cancel(booked, ada)
    offer = SlotOffer.objects.select_related("entry__patient", "entry__service", "agent").get()
    answers = at_once([lambda: waiting_list.accept(offer, zone=entry.patient.zone)] * 6)
    assert answers == {"Appointment": 1, "OfferGone": 5}


@pytest.mark.parametrize("silently", [True, False])
def test_it_goes_to_the_next(
    booked: Appointment, consultation: Service, ada: User, silently: bool
) -> None:
    wait("mei", consultation)
    second = wait("sam", consultation)
    changing.cancel(booked, ada)
    offer = SlotOffer.objects.get()
    if silently:
        SlotOffer.objects.update(expires_at=timezone.now())
        waiting_list.sweep()
    else:
        waiting_list.decline(offer)
    offer.refresh_from_db()
    assert offer.state == ("expired" if silently else "declined")
    assert SlotOffer.objects.get(state="open").entry == second


def test_it_offers_nobody_the_same_time_twice(
    booked: Appointment, consultation: Service, ada: User
) -> None:
    wait("mei", consultation)
    changing.cancel(booked, ada)
    waiting_list.decline(SlotOffer.objects.get())
    waiting_list.sweep()
    assert SlotOffer.objects.count() == 1
    assert house.tomorrow() in next_free(consultation, ada, limit=100)


def test_an_offer_ends(booked: Appointment, consultation: Service, ada: User) -> None:
    entry = wait("mei", consultation)
    changing.cancel(booked, ada)
    offer = SlotOffer.objects.get()
    SlotOffer.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(OfferGone):
        waiting_list.accept(offer, zone=entry.patient.zone)
    with pytest.raises(OfferGone):
        waiting_list.accept(offer, zone=entry.patient.zone)
    entry.refresh_from_db()
    assert entry.state == "waiting"


def test_whoever_leaves_gives_their_offer_to_the_next(
    booked: Appointment, consultation: Service, ada: User
) -> None:
    first, second = wait("mei", consultation), wait("sam", consultation)
    changing.cancel(booked, ada)
    waiting_list.leave(first)
    first.refresh_from_db()
    assert first.state == "left"
    assert SlotOffer.objects.get(state="open").entry == second


def test_it_offers_only_what_was_wished(
    booked: Appointment, consultation: Service, ada: User
) -> None:
    later = timezone.now().date() + timedelta(days=2)
    wait("mei", consultation, from_date=later, until_date=later)
    other = wait("sam", consultation, agent=house.person("tomas", Role.AGENT))
    changing.cancel(booked, ada)
    assert not SlotOffer.objects.exists()
    assert other.state == "waiting"


def test_it_takes_one_entry_a_service(booked: Appointment, consultation: Service) -> None:
    entry = wait("mei", consultation)
    with pytest.raises(AlreadyWaiting):
        waiting_list.join(
            entry.patient,
            consultation,
            agent=None,
            from_date=entry.from_date,
            until_date=entry.until_date,
        )


def test_it_ends_when_its_days_are_over(booked: Appointment, consultation: Service) -> None:
    entry = wait("mei", consultation)
    past = timezone.now().date() - timedelta(days=2)
    WaitingListEntry.objects.update(from_date=past, until_date=past)
    waiting_list.sweep()
    entry.refresh_from_db()
    assert entry.state == "over"


def test_two_sweeps_offer_a_time_once(
    booked: Appointment, consultation: Service, ada: User
) -> None:
    wait("mei", consultation)
    wait("sam", consultation)
    Appointment.objects.all().delete()
    TakenTime.objects.all().delete()
    at_once([waiting_list.sweep] * 4)
    assert SlotOffer.objects.count() == 1
    assert TakenTime.objects.filter(person=ada).count() == 1
