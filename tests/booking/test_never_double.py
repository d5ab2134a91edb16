"""Five hundred bookings, moves, cancellations and time off at once: nobody is in two places."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from django.db.models import Count

from accounts.models import User
from audit.models import AuditEntry
from calls.models import Appointment, CallSession, Service, TakenTime, TimeOff
from calls.services.scheduling import booking, changing, time_off
from calls.services.scheduling.errors import BookingError
from calls.services.scheduling.time_off import InTheWay, NoTimeOff
from tests.booking import house
from tests.support.race import at_once

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 20
EACH = 25


def starts() -> list[datetime]:
    return [house.tomorrow() + number * timedelta(minutes=15) for number in range(16)]


class Crowd:
    """People who book, move and cancel at random, and agents who take time off meanwhile."""

    def __init__(self) -> None:
        self.services = [
            house.service("Short", minutes=15, buffer_after_minutes=5),
            house.service("Long", minutes=45, buffer_before_minutes=10),
            house.service("Group", minutes=30, capacity=3),
        ]
        self.agents = [house.agent(f"agent{number}") for number in range(3)]
        for service in self.services:
            service.agents.set(self.agents)
        self.patients = [house.person(f"patient{number}") for number in range(12)]

    def run(self, seed: int) -> Callable[[], int]:
        """A thread's work: so many attempts; returns how many were carried out."""

        def work() -> int:
            dice = random.Random(seed)
            return sum(self._attempt(dice) for _ in range(EACH))

        return work

    def _attempt(self, dice: random.Random) -> bool:
        act = dice.choices((self._book, self._move, self._cancel, self._away), (8, 5, 3, 2))[0]
        try:
            act(dice)
        except BookingError:
            return False
        return True

    def _book(self, dice: random.Random) -> None:
        who = dice.choice(self.patients)
        agent = dice.choice([None, *self.agents])
        service = dice.choice(self.services)
        moment = dice.choice(starts())
        booking.book(who, agent, service=service, starts_at=moment, zone=who.zone)

    def _move(self, dice: random.Random) -> None:
        visit = self._some_visit(dice)
        if visit:
            by = dice.choice((visit.patient, visit.agent))
            moment = dice.choice(starts())
            changing.move(visit, None, starts_at=moment, zone=by.zone, by=by)

    def _cancel(self, dice: random.Random) -> None:
        visit = self._some_visit(dice)
        if visit:
            changing.cancel(visit, visit.agent)

    def _away(self, dice: random.Random) -> None:
        agent = dice.choice(self.agents)
        away = TimeOff.objects.filter(agent=agent).first()
        if away and dice.random() < 0.7:
            time_off.give_back(away, by=agent)
        else:
            start = dice.choice(starts())
            end = start + timedelta(minutes=dice.choice((10, 30)))
            time_off.take(agent, starts_at=start, ends_at=end, by=agent)

    def _some_visit(self, dice: random.Random) -> Appointment | None:
        visits = Appointment.objects.filter(state="booked").select_related(
            "service", "patient", "agent", "call"
        )
        return dice.choice(list(visits) or [None])


def overlaps(person: User) -> list[tuple[TakenTime, TakenTime]]:
    rows = TakenTime.objects.filter(person=person).order_by("starts_at")
    return [(one, other) for one, other in pairwise(rows) if one.ends_at > other.starts_at]


def test_it_is_never_double() -> None:
    crowd = Crowd()
    answers = at_once([crowd.run(seed) for seed in range(THREADS)])
    assert answers == {"int": THREADS}
    done = AuditEntry.objects.filter(allowed=True).values_list("action").annotate(n=Count("pk"))
    kinds = {"appointment.book", "appointment.move", "appointment.cancel", "time_off.take"}
    assert kinds <= dict(done).keys()
    assert [pair for one in User.objects.all() for pair in overlaps(one)] == []
    booked = Appointment.objects.filter(state="booked")
    for visit in booked.select_related("call", "service"):
        assert (visit.starts_at, visit.agent_id) == (visit.call.starts_at, visit.call.agent_id)
        own = visit.taken_time
        assert (own.person_id, own.starts_at) == (visit.patient_id, visit.starts_at)
        theirs = visit.call.taken_time
        early = timedelta(minutes=visit.service.buffer_before_minutes)
        assert (theirs.person_id, theirs.starts_at) == (visit.agent_id, visit.starts_at - early)
    for call in CallSession.objects.filter(state="open"):
        assert call.seats_taken == booked.filter(call=call).count() <= call.capacity
    of_visits = TakenTime.objects.filter(appointment__isnull=False)
    assert not of_visits.exclude(appointment__state="booked").exists()
    assert set(Appointment.objects.values_list("state", flat=True)) <= {"booked", "cancelled"}
    assert TakenTime.objects.filter(time_off__isnull=False).count() == TimeOff.objects.count()


def test_time_off_is_refused_while_somebody_is_booked() -> None:
    consultation = house.service()
    ada, mei = house.agent(service=consultation), house.person("mei")
    visit = house.visit(mei, ada, of=consultation, starts_at=house.tomorrow())
    noon = house.tomorrow() + timedelta(hours=2)
    with pytest.raises(InTheWay) as refused:
        time_off.take(ada, starts_at=house.tomorrow() - timedelta(hours=1), ends_at=noon, by=ada)
    assert [taken.call for taken in refused.value.taken] == [visit.call]
    assert not TimeOff.objects.exists()


def test_time_off_takes_the_times_away_and_gives_them_back() -> None:
    consultation: Service = house.service()
    ada, mei = house.agent(service=consultation), house.person("mei")
    start, end = house.tomorrow(), house.tomorrow() + timedelta(hours=2)
    away = time_off.take(ada, starts_at=start, ends_at=end, by=ada, note="Dentist")
    with pytest.raises(BookingError):
        booking.book(mei, ada, service=consultation, starts_at=start, zone=mei.zone)
    time_off.give_back(away, by=ada)
    assert booking.book(mei, ada, service=consultation, starts_at=start, zone=mei.zone)


@pytest.mark.parametrize("hours", [(0, 0), (2, 1), (0, 24 * 400), (-90, -80)])
def test_time_off_has_a_beginning_and_an_end(hours: tuple[int, int]) -> None:
    ada = house.agent()
    start, end = (house.tomorrow() + timedelta(hours=hour) for hour in hours)
    with pytest.raises(NoTimeOff):
        time_off.take(ada, starts_at=start, ends_at=end, by=ada)
