"""A group: several patients book the same time, and no more than there are places."""

from datetime import timedelta

import pytest

from accounts.models import User
from calls.models import Appointment, CallSession, GuestKind, Participant, Service, TakenTime
from calls.services.invitations import come_in, found, invite
from calls.services.scheduling import booking, changing
from calls.services.scheduling.errors import PatientBusy, SlotTaken
from calls.services.scheduling.free_times import next_free
from tests.booking import house
from tests.support.race import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def group() -> Service:
    return house.service("Group", capacity=3)


@pytest.fixture
def ada(group: Service) -> User:
    return house.agent(service=group)


def join(name: str, group: Service) -> Appointment:
    who = house.person(name)
    return booking.book(who, None, service=group, starts_at=house.tomorrow(), zone=who.zone)


def test_it_puts_them_in_one_call(group: Service, ada: User) -> None:
    visits = [join(name, group) for name in ("mei", "sam", "eve")]
    assert len({visit.call_id for visit in visits}) == 1
    call = CallSession.objects.get()
    assert (call.seats_taken, call.patient_names) == (3, "Mei, Sam, Eve")
    assert Participant.objects.filter(call=call, role="patient").count() == 3
    assert TakenTime.objects.filter(person=ada).count() == 1


def test_it_offers_the_time_until_it_is_full(group: Service, ada: User) -> None:
    start = house.tomorrow()
    for name in ("mei", "sam", "eve"):
        assert start in next_free(group, ada, limit=1000)
        join(name, group)
    assert start not in next_free(group, ada, limit=1000)
    with pytest.raises(SlotTaken):
        join("late", group)


def test_it_offers_nobody_the_group_that_they_are_in(group: Service, ada: User) -> None:
    visit = join("mei", group)
    assert visit.starts_at not in next_free(group, ada, limit=1000, patient=visit.patient)
    with pytest.raises(PatientBusy):
        booking.book(
            visit.patient, None, service=group, starts_at=visit.starts_at, zone=visit.patient.zone
        )


def test_it_goes_on_when_one_cancels(group: Service, ada: User) -> None:
    mei, sam = join("mei", group), join("sam", group)
    changing.cancel(mei, mei.patient)
    call = CallSession.objects.get()
    assert (call.state, call.seats_taken, call.patient_names) == ("open", 1, "Sam")
    place = Participant.objects.get(call=call, user=mei.patient)
    assert place.state == "removed"
    changing.cancel(sam, ada)
    assert CallSession.objects.get().state == "ended"
    assert not TakenTime.objects.exists()


def test_whoever_cancelled_may_book_again(group: Service, ada: User) -> None:
    mei, _sam = join("mei", group), join("sam", group)
    changing.cancel(mei, mei.patient)
    again = booking.book(
        mei.patient, None, service=group, starts_at=mei.starts_at, zone=mei.patient.zone
    )
    assert again.call_id == mei.call_id
    assert Participant.objects.get(call=again.call_id, user=mei.patient).state == "invited"


def test_one_of_them_moves_alone(group: Service, ada: User) -> None:
    mei, sam = join("mei", group), join("sam", group)
    later = mei.starts_at + timedelta(hours=2)
    changing.move(mei, None, starts_at=later, zone=mei.patient.zone, by=mei.patient)
    sam.refresh_from_db()
    assert mei.call_id != sam.call_id
    assert list(
        CallSession.objects.order_by("starts_at").values_list("seats_taken", flat=True)
    ) == [
        1,
        1,
    ]
    changing.move(mei, None, starts_at=sam.starts_at, zone=mei.patient.zone, by=mei.patient)
    assert mei.call_id == sam.call_id
    assert CallSession.objects.get(pk=sam.call_id).seats_taken == 2


def test_it_has_no_more_than_its_places_when_many_come_at_once(group: Service, ada: User) -> None:
    people = [house.person(f"patient{number}") for number in range(20)]
    answers = at_once(
        [
            lambda who=who: booking.book(  # type: ignore[misc]
                who, None, service=group, starts_at=house.tomorrow(), zone=who.zone
            )
            for who in people
        ]
    )
    assert answers == {"Appointment": 3, "SlotTaken": 17}
    assert CallSession.objects.get().seats_taken == 3


def test_the_last_of_a_group_moves_into_another(group: Service, ada: User) -> None:
    mei = join("mei", group)
    sam = house.person("sam")
    later = mei.starts_at + timedelta(hours=2)
    other = booking.book(sam, None, service=group, starts_at=later, zone=sam.zone)
    old = mei.call_id
    changing.move(mei, None, starts_at=later, zone=mei.patient.zone, by=mei.patient)
    mei.refresh_from_db()
    assert (mei.call_id, mei.state) == (other.call_id, "booked")
    assert CallSession.objects.get(pk=old).state == "ended"
    assert TakenTime.objects.filter(person=ada).count() == 1


@pytest.mark.parametrize("names", [["mei"], ["mei", "sam"]])
def test_whoever_moves_to_where_they_are_stays(group: Service, ada: User, names: list[str]) -> None:
    mei, *_others = [join(name, group) for name in names]
    changing.move(mei, ada, starts_at=mei.starts_at, zone=mei.patient.zone, by=mei.patient)
    call = CallSession.objects.get()
    assert (call.state, call.seats_taken) == ("open", len(names))
    assert Participant.objects.get(call=call, user=mei.patient).state == "invited"
    assert TakenTime.objects.count() == 1 + len(names)


def test_nobody_moves_into_a_group_that_they_are_in(group: Service, ada: User) -> None:
    mei = join("mei", group)
    later = mei.starts_at + timedelta(hours=2)
    second = booking.book(mei.patient, None, service=group, starts_at=later, zone=mei.patient.zone)
    with pytest.raises(PatientBusy):
        changing.move(second, None, starts_at=mei.starts_at, zone=ada.zone, by=mei.patient)


@pytest.fixture
def pair(ada: User) -> Service:
    """A group that leaves a place for somebody invited."""
    service = house.service("Pair", capacity=2)
    service.agents.add(ada)
    return service


def test_whom_they_invited_leaves_the_group_with_them(pair: Service, ada: User) -> None:
    mei, _sam = join("mei", pair), join("sam", pair)
    group_call = mei.call
    invitation, token = invite(mei, by=mei.patient, name="May", kind=GuestKind.RELATIVE)
    guest = come_in(invitation, time_zone="UTC")
    later = mei.starts_at + timedelta(hours=2)
    changing.move(mei, None, starts_at=later, zone=mei.patient.zone, by=mei.patient)
    assert Participant.objects.get(call=group_call, user=guest).state == "removed"
    moved = found(token)
    assert moved is not None
    assert (moved.call_id, moved.guest) == (mei.call_id, None)
    again = come_in(moved, time_zone="UTC")
    assert Participant.objects.get(user=again).call_id == mei.call_id


def test_whom_they_invited_has_no_way_into_a_group_they_left(pair: Service, ada: User) -> None:
    mei, _sam = join("mei", pair), join("sam", pair)
    invitation, token = invite(mei, by=mei.patient, name="May", kind=GuestKind.RELATIVE)
    guest = come_in(invitation, time_zone="UTC")
    changing.cancel(mei, mei.patient)
    assert Participant.objects.get(user=guest).state == "removed"
    assert found(token) is None
