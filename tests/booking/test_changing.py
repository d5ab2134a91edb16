"""Moving a visit: it stays one visit, its old time becomes free, and rules are kept."""

from datetime import time, timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from audit.models import AuditEntry
from calls.models import Appointment, CallSession, Notice, Participant, Service, TakenTime
from calls.services.scheduling import booking, changing
from calls.services.scheduling.errors import (
    NotMovable,
    NotOffered,
    OutsideHours,
    PatientBusy,
    SlotTaken,
    TooFarAhead,
    TooLateToChange,
)
from tests.booking import house

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def visit(mei: User, ada: User, consultation: Service) -> Appointment:
    return booking.book(mei, ada, service=consultation, starts_at=house.tomorrow(), zone=mei.zone)


def test_it_keeps_visit_and_call(visit: Appointment, mei: User) -> None:
    before = visit.call_id
    moved = changing.move(visit, None, starts_at=visit.starts_at + HOUR, zone=mei.zone, by=mei)
    assert (moved.pk, moved.call_id, moved.sequence) == (visit.pk, before, 1)
    call = CallSession.objects.get(pk=before)
    assert (call.starts_at, call.ends_at) == (
        house.tomorrow(time(11)),
        house.tomorrow(time(11, 30)),
    )
    spans = set(TakenTime.objects.values_list("starts_at", "ends_at"))
    assert spans == {(house.tomorrow(time(11)), house.tomorrow(time(11, 30)))}


def test_it_tells_both_and_audits(visit: Appointment, mei: User, ada: User) -> None:
    before = visit.starts_at
    changing.move(visit, None, starts_at=before + HOUR, zone=mei.zone, by=mei)
    notices = Notice.objects.filter(kind="moved")
    assert set(notices.values_list("person", flat=True)) == {mei.pk, ada.pk}
    assert all(notice.facts["before"] == before.isoformat() for notice in notices)
    assert AuditEntry.objects.get(action="appointment.move").actor == str(mei.pk)


def test_it_frees_the_old_time(visit: Appointment, mei: User, ada: User) -> None:
    old = visit.starts_at
    changing.move(visit, None, starts_at=old + HOUR, zone=mei.zone, by=mei)
    sam = house.person("sam")
    assert booking.book(sam, ada, service=visit.service, starts_at=old, zone=sam.zone)


def test_it_moves_by_less_than_its_length(visit: Appointment, mei: User) -> None:
    visit.service.duration_minutes = 60
    visit.service.save()
    again = changing.move(visit, None, starts_at=visit.starts_at, zone=mei.zone, by=mei)
    assert again.ends_at - again.starts_at == HOUR
    later = again.starts_at + timedelta(minutes=30)
    assert changing.move(again, None, starts_at=later, zone=mei.zone, by=mei).starts_at == later


def test_it_goes_to_another_agent(visit: Appointment, mei: User, ada: User) -> None:
    tomas = house.agent("tomas", service=visit.service)
    changing.move(visit, tomas, starts_at=visit.starts_at, zone=mei.zone, by=mei)
    places = Participant.objects.filter(call=visit.call_id, role="agent")
    assert dict(places.values_list("user", "state")) == {ada.pk: "removed", tomas.pk: "invited"}
    assert not TakenTime.objects.filter(person=ada).exists()


def test_it_keeps_its_agent_where_anybody_will_do(visit: Appointment, mei: User) -> None:
    for number in range(4):
        house.agent(f"agent{number}", service=visit.service)
    own = visit.agent_id
    moved = changing.move(visit, None, starts_at=visit.starts_at + HOUR, zone=mei.zone, by=mei)
    assert moved.agent_id == own


def test_it_does_not_take_somebody_elses_time(visit: Appointment, mei: User, ada: User) -> None:
    taken = visit.starts_at + HOUR
    house.visit(house.person("sam"), ada, of=visit.service, starts_at=taken)
    with pytest.raises(SlotTaken) as refused:
        changing.move(visit, None, starts_at=taken, zone=mei.zone, by=mei)
    assert refused.value.next_times[0] == taken + timedelta(minutes=30)
    visit.refresh_from_db()
    assert (visit.starts_at, visit.sequence) == (house.tomorrow(), 0)
    assert TakenTime.objects.filter(appointment=visit).get().starts_at == house.tomorrow()


def test_it_does_not_put_the_patient_in_two_places(
    visit: Appointment, mei: User, consultation: Service
) -> None:
    tomas = house.agent("tomas", service=consultation)
    other = visit.starts_at + HOUR
    booking.book(mei, tomas, service=consultation, starts_at=other, zone=mei.zone)
    with pytest.raises(PatientBusy):
        changing.move(visit, None, starts_at=other, zone=mei.zone, by=mei)


@pytest.mark.parametrize(
    ("ahead", "refusal"),
    [(timedelta(days=61), TooFarAhead), (timedelta(minutes=7, days=1), OutsideHours)],
)
def test_it_keeps_the_rules_of_the_service(
    visit: Appointment, mei: User, ahead: timedelta, refusal: type[Exception]
) -> None:
    odd = timezone.now().replace(minute=1, second=0, microsecond=0) + ahead
    with pytest.raises(refusal):
        changing.move(visit, None, starts_at=odd, zone=mei.zone, by=mei)


def test_it_goes_to_nobody_who_does_not_offer_it(visit: Appointment, mei: User) -> None:
    with pytest.raises(NotOffered):
        changing.move(
            visit, house.agent("eve"), starts_at=visit.starts_at + HOUR, zone=mei.zone, by=mei
        )


def test_a_patient_keeps_the_notice_and_staff_need_not(
    visit: Appointment, mei: User, ada: User
) -> None:
    visit.service.change_notice_minutes = 3 * 24 * 60
    visit.service.save()
    later = visit.starts_at + HOUR
    with pytest.raises(TooLateToChange):
        changing.move(visit, None, starts_at=later, zone=mei.zone, by=mei)
    with pytest.raises(TooLateToChange):
        changing.cancel(visit, mei)
    assert changing.move(visit, None, starts_at=later, zone=mei.zone, by=ada).starts_at == later
    changing.cancel(visit, ada)
    visit.refresh_from_db()
    assert visit.state == "cancelled"


@pytest.mark.parametrize("state", ["cancelled", "completed", "no_show", "not_held"])
def test_it_does_not_move_what_is_over(visit: Appointment, mei: User, state: str) -> None:
    Appointment.objects.filter(pk=visit.pk).update(state=state)
    with pytest.raises(NotMovable):
        changing.move(visit, None, starts_at=visit.starts_at + HOUR, zone=mei.zone, by=mei)


def test_it_does_not_move_a_visit_that_is_under_way(visit: Appointment, mei: User) -> None:
    CallSession.objects.filter(pk=visit.call_id).update(state="live", live_at=timezone.now())
    with pytest.raises(NotMovable):
        changing.move(visit, None, starts_at=visit.starts_at + HOUR, zone=mei.zone, by=mei)


def test_it_does_not_move_while_somebody_waits(visit: Appointment, mei: User) -> None:
    Participant.objects.filter(call=visit.call_id, user=mei).update(state="waiting")
    with pytest.raises(NotMovable):
        changing.move(visit, None, starts_at=visit.starts_at + HOUR, zone=mei.zone, by=mei)
