"""Free times: an agent's weekly hours, minus what is booked, as a list of starts."""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from calls.models import Appointment, Availability, Service
from calls.states import AppointmentState

HORIZON = timedelta(days=60)  # how far ahead anybody may book
LONGEST_STEP = timedelta(minutes=30)
# A TimeField cannot say 24:00, so a shift until 23:59 lasts until the day's end.
END_OF_DAY = time(23, 59)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, order=True)
class Slot:
    """A time that can be booked, in UTC, with the one who offers it."""

    starts_at: datetime
    ends_at: datetime
    agent_id: UUID


@dataclass(frozen=True)
class Window:
    """From `start` up to, not including, `end`."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Day:
    """A day of the viewer's calendar with its free times, in the viewer's zone."""

    date: date
    times: tuple[datetime, ...]


def offering(service: Service) -> list[User]:
    """The people who can be booked for `service`, by name."""
    agents = User.objects.agents().filter(services=service)
    return list(agents.order_by("display_name", "email"))


def free_times(
    service: Service,
    agent: User | None,
    window: Window,
    zone: ZoneInfo,
    *,
    patient: User | None = None,
) -> list[Day]:
    """The days of `window` in `zone`, each with its free times; days without one are included.

    Without an agent the times of all who offer the service are joined. Times at which `patient`
    has a visit already are left out. Takes three queries, however much there is.
    """
    agents = offering(service) if agent is None else [agent]
    slots = Diary(agents, window, patient=patient).free(service, window)
    starts = sorted({slot.starts_at for slot in slots})
    local = [moment.astimezone(zone) for moment in starts]
    by_day = {day: tuple(times) for day, times in groupby(local, key=datetime.date)}
    return [Day(day, by_day.get(day, ())) for day in _days(window, zone)]


def next_free(
    service: Service, agent: User | None, *, limit: int = 6, patient: User | None = None
) -> list[datetime]:
    """The first `limit` free starts from now on, in UTC, fewer when there are not as many."""
    now = timezone.now()
    window = Window(now, now + HORIZON)
    agents = offering(service) if agent is None else [agent]
    found: list[datetime] = []
    for slot in Diary(agents, window, patient=patient).free(service, window):
        if not found or found[-1] != slot.starts_at:
            found.append(slot.starts_at)
        if len(found) == limit:
            break
    return found


def first_free_of_each(service: Service, *, patient: User) -> list[tuple[User, datetime | None]]:
    """Everybody who offers `service`, by name, with their first free start in UTC, if any."""
    now = timezone.now()
    window = Window(now, now + HORIZON)
    agents = offering(service)
    diary = Diary(agents, window, patient=patient)
    return [(agent, diary.first(agent, service, window)) for agent in agents]


class Diary:
    """The hours and the visits of some agents over a window, read once (two queries)."""

    def __init__(
        self, agents: Iterable[User], window: Window, *, patient: User | None = None
    ) -> None:
        self.agents = {agent.pk: agent for agent in agents}
        self.window = window
        self._shifts: dict[UUID, list[Availability]] = defaultdict(list)
        for shift in Availability.objects.filter(agent__in=self.agents):
            self._shifts[shift.agent_id].append(shift)
        self._taken: dict[UUID, list[tuple[datetime, datetime]]] = defaultdict(list)
        self._read_visits(patient)

    def _read_visits(self, patient: User | None) -> None:
        visits = Appointment.objects.filter(
            Q(agent__in=self.agents) | Q(patient=patient) if patient else Q(agent__in=self.agents),
            state=AppointmentState.BOOKED,
            starts_at__lt=self.window.end + ONE_DAY,
            ends_at__gt=self.window.start,
        )
        for agent, person, start, end in visits.order_by("starts_at").values_list(
            "agent_id", "patient_id", "starts_at", "ends_at"
        ):
            owners = self.agents if patient and person == patient.pk else (agent,)
            for owner in owners:
                self._taken[owner].append((start, end))

    def visits(self, agent_id: UUID) -> int:
        """How many visits the agent has in the window."""
        return len(self._taken[agent_id])

    def free(self, service: Service, window: Window) -> Iterator[Slot]:
        """Bookable slots in order of time, none in the past; one for each agent who is free."""
        return self._bookable(self.offered(service, window))

    def first(self, agent: User, service: Service, window: Window) -> datetime | None:
        """The agent's first bookable start in `window`, in UTC."""
        slots = self._bookable(self._of_agent(agent, service, window))
        return next((slot.starts_at for slot in slots), None)

    def offered(self, service: Service, window: Window) -> Iterator[Slot]:
        """All slots of the opening hours that start in `window`, booked or past ones included."""
        each = (self._of_agent(agent, service, window) for agent in self.agents.values())
        return heapq.merge(*each)

    def _bookable(self, slots: Iterable[Slot]) -> Iterator[Slot]:
        now = timezone.now()
        for slot in slots:
            if slot.starts_at > now and not _overlaps(slot, self._taken[slot.agent_id]):
                yield slot

    def _of_agent(self, agent: User, service: Service, window: Window) -> Iterator[Slot]:
        """Slots counted from each shift's start by the clock of physics: a day on which the hour
        is set forward has fewer, one on which it is set back has more."""
        length = timedelta(minutes=service.duration_minutes)
        step = min(length, LONGEST_STEP)
        shifts = self._shift_times(agent, window)
        reach = list(_joined(shifts))
        last: datetime | None = None
        for start, end in shifts:
            moment = start
            while moment < end:
                open_till = next(till for since, till in reach if since <= moment < till)
                fits = moment + length <= open_till and (last is None or moment > last)
                if fits and window.start <= moment < window.end:
                    yield Slot(moment, moment + length, agent.pk)
                    last = moment
                moment += step

    def _shift_times(self, agent: User, window: Window) -> list[tuple[datetime, datetime]]:
        """The agent's shifts around the window, in UTC and in order."""
        zone = agent.zone
        first = window.start.astimezone(zone).date() - ONE_DAY
        last = window.end.astimezone(zone).date() + ONE_DAY
        found = []
        for offset in range((last - first).days + 1):
            day = first + timedelta(days=offset)
            for shift in self._shifts[agent.pk]:
                if shift.weekday == day.weekday():
                    start = _instant(day, shift.starts, zone)
                    end = (
                        _instant(day + ONE_DAY, time(0), zone)
                        if shift.ends.replace(second=0, microsecond=0) == END_OF_DAY
                        else _instant(day, shift.ends, zone)
                    )
                    if end > start:
                        found.append((start, end))
        return sorted(found)


def _instant(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The moment at which the clock in `zone` shows `clock` on `day`, in UTC.

    As RFC 5545 section 3.3.5 says: the first of two such moments, and for a time that a change of
    the clocks leaves out, the one counted with the offset before it.
    """
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)


def _joined(
    intervals: Iterable[tuple[datetime, datetime]],
) -> Iterator[tuple[datetime, datetime]]:
    """Sorted intervals with touching and overlapping ones made one."""
    current: tuple[datetime, datetime] | None = None
    for start, end in intervals:
        if current is None:
            current = (start, end)
        elif start <= current[1]:
            current = (current[0], max(current[1], end))
        else:
            yield current
            current = (start, end)
    if current is not None:
        yield current


def _overlaps(slot: Slot, taken: Iterable[tuple[datetime, datetime]]) -> bool:
    return any(start < slot.ends_at and end > slot.starts_at for start, end in taken)


def _days(window: Window, zone: ZoneInfo) -> list[date]:
    first = window.start.astimezone(zone).date()
    last = (window.end - timedelta(microseconds=1)).astimezone(zone).date()
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
