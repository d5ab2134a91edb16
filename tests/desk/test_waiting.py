"""In line: going and coming back, giving up, a call back, too long a wait, a queue that closes."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.utils import timezone

from accounts.models import Role
from calls.desk.states import EntryKind, EntryState
from calls.models import CallSession, EntryEvent, Queue, QueueDay, QueueEntry, QueueHours
from calls.services.desk import arriving, line, routing, waiting
from calls.services.desk.arriving import Arrival
from calls.services.desk.errors import NotInLine, NotOffered, QueueClosed, QueueFull
from calls.services.desk.opening import opening
from calls.states import CallState
from tests.desk import house

pytestmark = pytest.mark.django_db


def state_of(entry: QueueEntry) -> str:
    return QueueEntry.objects.get(pk=entry.pk).state


def test_going_and_coming_back_within_two_minutes_keeps_the_place() -> None:
    ada = house.person("Ada Brandt")
    billing = house.queue(ada)
    mei = house.come(billing, waited_secs=100)
    house.go(mei)
    waiting.sweep()
    assert QueueEntry.objects.get(pk=mei.pk).away_since is not None
    house.sit_down(ada)
    assert routing.run() == 0  # nobody is asked for a person who is not there
    house.be_there(mei)
    waiting.sweep()
    assert QueueEntry.objects.get(pk=mei.pk).away_since is None
    assert routing.run() == 1
    kinds = list(EntryEvent.objects.filter(entry=mei).values_list("kind", flat=True))
    assert kinds == ["arrived", "away", "offered"]


def test_who_is_gone_too_long_has_given_up() -> None:
    mei = house.come(house.queue())
    house.go(mei)
    waiting.sweep()
    QueueEntry.objects.update(away_since=timezone.now() - waiting.PLACE_KEPT)
    waiting.sweep()
    assert state_of(mei) == EntryState.LEFT
    assert CallSession.objects.get(pk=mei.call_id).state == CallState.ENDED


def test_giving_up_takes_back_what_rings() -> None:
    ada = house.person("Ada Brandt")
    billing = house.queue(ada)
    house.sit_down(ada)
    mei = house.come(billing)
    offer = house.offered(mei)
    waiting.leave(mei)
    offer.refresh_from_db()
    assert (state_of(mei), offer.state) == (EntryState.LEFT, "withdrawn")
    with pytest.raises(NotInLine):
        waiting.leave(mei)


def test_a_call_back_keeps_the_place_without_a_page() -> None:
    ada = house.person("Ada Brandt")
    billing = house.queue(ada)
    mei = house.come(billing, waited_secs=60)
    house.come(billing, "Sam Okafor", waited_secs=30)
    waiting.call_me_back(mei, phone="+49 30 1234", email="")
    house.go(mei)
    waiting.sweep()
    house.sit_down(ada)
    offer = house.offered(QueueEntry.objects.get(pk=mei.pk))
    assert offer.entry.kind == EntryKind.CALLBACK
    with pytest.raises(NotInLine):
        waiting.call_me_back(mei, phone="+49 30 1234", email="")


def test_a_letter_is_read_when_nobody_waits() -> None:
    ada = house.person("Ada Brandt")
    billing = house.queue(ada)
    mei = house.come(billing, waited_secs=600)
    waiting.write_instead(mei, message="Please send the bill again.", email="mei@example.com")
    sam = house.come(billing, "Sam Okafor")
    house.sit_down(ada)
    assert house.offered(sam).agent == ada
    assert state_of(mei) == EntryState.WAITING


def test_a_queue_takes_only_what_it_offers() -> None:
    billing = house.queue(takes_callbacks=False, takes_messages=False, media="text")
    mei = house.come(billing, media="text")
    with pytest.raises(NotOffered):
        waiting.call_me_back(mei, phone="1", email="")
    with pytest.raises(NotOffered):
        waiting.write_instead(mei, message="x", email="")
    with pytest.raises(NotOffered):
        house.come(billing, media="video")


def test_staff_do_not_queue_up() -> None:
    with pytest.raises(NotOffered):
        house.come(house.queue(), person=house.person("Ada Brandt"))


def test_who_comes_twice_keeps_the_place() -> None:
    billing = house.queue()
    mei = house.person("Mei Lin", Role.PATIENT)
    first = house.come(billing, person=mei, waited_secs=60)
    again = arriving.arrive(
        billing, Arrival(name="Mei"), person=mei, time_zone="UTC", language="en"
    )
    assert again.pk == first.pk


def test_a_full_queue_says_so_and_takes_letters() -> None:
    billing = house.queue(most_waiting=1)
    house.come(billing)
    with pytest.raises(QueueFull):
        house.come(billing, "Sam Okafor")
    house.come(billing, "Sam Okafor", kind=EntryKind.MESSAGE, message="Hello", is_there=False)


def test_too_long_a_wait_goes_on_to_the_next_queue_with_its_time() -> None:
    second = house.queue(name="Second line")
    billing = house.queue(most_wait_secs=60, overflow=second)
    mei = house.come(billing, waited_secs=61)
    sam = house.come(billing, "Sam Okafor", waited_secs=59)
    waiting.sweep()
    mei.refresh_from_db()
    sam.refresh_from_db()
    assert (mei.queue, sam.queue) == (second, billing)
    assert timezone.now() - mei.arrived_at >= timedelta(seconds=61)


def test_a_closed_queue_is_no_way_out() -> None:
    second = house.queue(name="Second line", is_active=False)
    billing = house.queue(most_wait_secs=60, overflow=second)
    mei = house.come(billing, waited_secs=61)
    waiting.sweep()
    mei.refresh_from_db()
    assert (mei.queue, mei.state) == (billing, EntryState.WAITING)


def test_a_queue_that_closes_tells_those_who_wait_and_keeps_call_backs() -> None:
    billing = house.queue()
    mei = house.come(billing)
    sam = house.come(billing, "Sam Okafor")
    waiting.call_me_back(sam, phone="1", email="")
    Queue.objects.filter(pk=billing.pk).update(is_active=False)
    waiting.sweep()
    assert (state_of(mei), state_of(sam)) == (EntryState.CLOSED, EntryState.WAITING)
    assert CallSession.objects.get(pk=mei.call_id).events.last().data == {"reason": "closed"}  # type: ignore[union-attr]


BERLIN = {"time_zone": "Europe/Berlin", "holiday_place": "DE-BE"}


def weekdays(queue: Queue, starts: time, ends: time) -> None:
    QueueHours.objects.bulk_create(
        QueueHours(queue=queue, weekday=day, starts=starts, ends=ends) for day in range(5)
    )


@pytest.mark.parametrize(
    ("now", "is_open", "until", "opens"),
    [
        # Winter: 08:00 in Berlin is 07:00 UTC.
        ("2026-11-30T07:00", True, "2026-11-30T16:00", None),
        ("2026-11-30T06:59", False, None, "2026-11-30T07:00"),
        # Friday evening: Monday, and by summer time again after the change of the clocks.
        ("2026-03-27T16:30", False, None, "2026-03-30T06:00"),
        # The Day of German Unity of 2025 was a Friday.
        ("2025-10-03T09:00", False, None, "2025-10-06T06:00"),
    ],
)
def test_it_is_open_by_its_own_clock(
    now: str, is_open: bool, until: str | None, opens: str | None
) -> None:
    billing = house.queue(**BERLIN)
    weekdays(billing, time(8), time(17))
    found = opening(billing, datetime.fromisoformat(now).replace(tzinfo=UTC))

    def moment(text: str | None) -> datetime | None:
        return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None

    assert (found.is_open, found.until, found.opens_at) == (is_open, moment(until), moment(opens))


def test_a_single_day_comes_before_the_week_and_before_holidays() -> None:
    billing = house.queue(**BERLIN)
    weekdays(billing, time(8), time(17))
    QueueDay.objects.create(
        queue=billing, date=datetime(2025, 10, 3).date(), starts=time(10), ends=time(12)
    )
    QueueDay.objects.create(queue=billing, date=datetime(2025, 10, 6).date())
    on_holiday = opening(billing, datetime(2025, 10, 3, 9, tzinfo=UTC))
    assert on_holiday.until == datetime(2025, 10, 3, 10, tzinfo=UTC)
    monday = opening(billing, datetime(2025, 10, 6, 9, tzinfo=UTC))
    assert monday.opens_at == datetime(2025, 10, 7, 6, tzinfo=UTC)


def test_it_is_open_across_midnight() -> None:
    billing = house.queue(time_zone="Europe/Berlin")
    QueueHours.objects.create(queue=billing, weekday=0, starts=time(20), ends=time(23, 59))
    QueueHours.objects.create(queue=billing, weekday=1, starts=time(0), ends=time(4))
    found = opening(billing, datetime(2026, 11, 30, 22, tzinfo=UTC))
    assert found.until == datetime(2026, 12, 1, 3, tzinfo=UTC)


def test_a_closed_queue_takes_nobody_now_but_letters() -> None:
    billing = house.queue()
    QueueDay.objects.create(queue=billing, date=timezone.now().date())
    with pytest.raises(QueueClosed):
        house.come(billing)
    assert house.come(billing, kind=EntryKind.MESSAGE, message="Hello", is_there=False)


def test_places_follow_priority_and_time() -> None:
    ada = house.person("Ada Brandt")
    billing = house.queue(ada)
    house.sit_down(ada)
    first = house.come(billing, "A", waited_secs=60)
    second = house.come(billing, "B", waited_secs=30)
    handed_on = house.come(billing, "C", waited_secs=5)
    QueueEntry.objects.filter(pk=handed_on.pk).update(priority=1)
    found = line.places()
    assert [found[one.pk].number for one in (handed_on, first, second)] == [1, 2, 3]
    spread = found[second.pk].estimate
    assert spread
    assert 0 < spread.least_secs < spread.middle_secs < spread.most_secs


def test_it_promises_nothing_where_nobody_works() -> None:
    mei = house.come(house.queue(house.person("Ada Brandt")))
    place = line.places()[mei.pk]
    assert (place.agents, place.estimate) == (0, None)


def test_it_reads_places_in_a_constant_number_of_queries(
    django_assert_max_num_queries: object,
) -> None:
    ada = house.person("Ada Brandt")
    queues = [house.queue(ada, name=f"Queue {number}") for number in range(5)]
    house.sit_down(ada)
    for number in range(30):
        house.come(queues[number % 5], f"Person {number}")
    with django_assert_max_num_queries(5):  # type: ignore[operator]
        assert len(line.places()) == 30
