"""Free times: people's hours, minus what takes their time, as a list of starts."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from math import ceil
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.models import User
from calls.desk.stretches import merged
from calls.models import Appointment, CallSession, Service, TakenTime
from calls.services.scheduling.hours import Hours, Span, Window, as_moment
from calls.states import CallState

LONGEST_STEP = timedelta(minutes=30)


@dataclass(frozen=True, order=True)
class Slot:
    """A time that can be booked, in UTC, with the one who offers it."""

    starts_at: datetime
    ends_at: datetime
    agent_id: UUID


@dataclass(frozen=True)
class Day:
    """A day of the viewer's calendar with its free times, in the viewer's zone."""

    date: date
    times: tuple[datetime, ...]


def offering(service: Service) -> list[User]:
    """The people who can be booked for `service`, by name."""
    agents = User.objects.agents().filter(services=service)
    return list(agents.order_by("display_name", "email"))


def bookable_window(service: Service) -> Window:
    """From when until when visits of `service` may begin, as of now."""
    now = timezone.now()
    first = now + timedelta(minutes=service.notice_minutes, microseconds=1)
    return Window(first, max(first, now + timedelta(days=service.horizon_days)))


def free_times(
    service: Service,
    agent: User | None,
    window: Window,
    zone: ZoneInfo,
    *,
    patient: User | None = None,
    moving: Appointment | None = None,
) -> list[Day]:
    """The days of `window` in `zone`, each with its free times; days without one are included.

    Without an agent the times of all who offer the service are joined. Times at which `patient`
    has a visit already are left out, unless it is the one that is `moving`. Takes four queries,
    five for a group, however much there is.
    """
    agents = offering(service) if agent is None else [agent]
    within = window.within(bookable_window(service))
    starts = Supply(service, agents, within, patient=patient, moving=moving).free_starts()
    local = [datetime.fromtimestamp(start, zone) for start in starts]
    by_day = {day: tuple(times) for day, times in groupby(local, key=datetime.date)}
    return [Day(day, by_day.get(day, ())) for day in _days(window, zone)]


def next_free(
    service: Service,
    agent: User | None,
    *,
    limit: int = 6,
    patient: User | None = None,
    after: datetime | None = None,
) -> list[datetime]:
    """The first `limit` free starts from now or `after` on, in UTC, or as many as there are.

    Looks at one week, and at all weeks only if that one has too few.
    """
    window = bookable_window(service)
    if after is not None and after > window.start:
        window = Window(min(after, window.end), window.end)
    agents = offering(service) if agent is None else [agent]
    week = Window(window.start, min(window.end, window.start + timedelta(days=7)))
    starts = Supply(service, agents, week, patient=patient).free_starts()
    if len(starts) < limit and week.end < window.end:
        starts = Supply(service, agents, window, patient=patient).free_starts()
    return [as_moment(start) for start in starts[:limit]]


def first_free_of_each(service: Service, *, patient: User) -> list[tuple[User, datetime | None]]:
    """Everybody who offers `service`, by name, with their first free start in UTC, if any."""
    agents = offering(service)
    supply = Supply(service, agents, bookable_window(service), patient=patient)
    return [(agent, supply.first_free(agent)) for agent in agents]


class Supply:
    """What some agents offer of a service over a window, read once (three queries, four for a
    group)."""

    def __init__(
        self,
        service: Service,
        agents: Collection[User],
        window: Window,
        *,
        patient: User | None = None,
        moving: Appointment | None = None,
    ) -> None:
        """Times at which `patient` is busy are not free; those that `moving` gives up are."""
        self.service = service
        self.agents = {agent.pk: agent for agent in agents}
        self._from, self._until = window.secs
        self._length = service.duration_minutes * 60
        self._step = min(self._length, int(LONGEST_STEP.total_seconds()))
        self._before = service.buffer_before_minutes * 60
        self._after = service.buffer_after_minutes * 60
        self._hours = Hours(agents, window)
        self._calls: dict[UUID, int] = defaultdict(int)
        self._blocked: dict[UUID, list[Span]] = {}
        self._read_taken(window, patient, moving)
        self._groups = self._read_groups(window, patient)

    def offered_at(self, moment: datetime) -> list[UUID]:
        """The agents who have `moment` as a start in their hours, taken or not."""
        return [pk for pk, agent in self.agents.items() if self._has(moment, agent, blocked=[])]

    def free_at(self, moment: datetime) -> list[UUID]:
        """The agents who can be booked for a visit that starts at `moment`, the one with the
        fewest visits in the window first."""
        at = int(moment.timestamp())
        free = [
            pk
            for pk, agent in self.agents.items()
            if at in self._groups[pk] or self._has(moment, agent, blocked=self._blocked[pk])
        ]
        # A group that has begun to fill comes before a new one.
        return sorted(free, key=lambda pk: (at not in self._groups[pk], self._calls[pk], pk))

    def free_starts(self, agent_id: UUID | None = None) -> list[int]:
        """Every start at which somebody, or that agent, is free, in seconds since 1970 and in
        order."""
        found: set[int] = set()
        for agent in self.agents.values():
            if agent_id not in (None, agent.pk):
                continue
            found.update(self._groups[agent.pk])
            for starts in self._starts(agent, self._blocked[agent.pk]):
                found.update(starts)
        return sorted(found)

    def first_free(self, agent: User) -> datetime | None:
        """The agent's first free start, in UTC."""
        firsts = [starts[0] for starts in self._starts(agent, self._blocked[agent.pk])][:1]
        firsts += self._groups[agent.pk]
        return as_moment(min(firsts)) if firsts else None

    def _has(self, moment: datetime, agent: User, *, blocked: list[Span]) -> bool:
        at = moment.timestamp()
        return at == int(at) and any(int(at) in span for span in self._starts(agent, blocked))

    def _starts(self, agent: User, blocked: list[Span]) -> Iterator[range]:
        """The agent's starts, as ranges that are not empty and in order.

        Starts are counted from each shift's start by the clock of physics: a day on which the hour
        is set forward has fewer, one on which it is set back has more.
        """
        shifts = self._hours.shifts(agent)
        reach = merged(shifts)
        reach_starts = [start for start, _end in reach]
        blocked_ends = [end for _start, end in blocked]
        floor = self._from
        for start, end in shifts:
            open_till = reach[bisect_right(reach_starts, start) - 1][1]
            last = min(end - 1, open_till - self._length, self._until - 1)
            grid = range(start, last + 1, self._step)
            yield from _unblocked(grid, floor, blocked, blocked_ends)
            if grid:
                floor = max(floor, grid[-1] + 1)

    def _read_taken(self, window: Window, patient: User | None, moving: Appointment | None) -> None:
        """Of each agent, the spans in which no visit may start."""
        margin = timedelta(minutes=self.service.duration_minutes + 240)
        people = {*self.agents, patient.pk} if patient else set(self.agents)
        rows = TakenTime.objects.filter(
            person__in=people,
            ends_at__gt=window.start - margin,
            starts_at__lt=window.end + margin,
        )
        if moving is not None:
            alone = CallSession.objects.filter(pk=moving.call_id, seats_taken=1)
            rows = rows.exclude(appointment=moving).exclude(call__in=alone)
        taken: dict[UUID, list[Span]] = defaultdict(list)
        for person, start, end, call in rows.values_list(
            "person_id", "starts_at", "ends_at", "call_id"
        ):
            taken[person].append((int(start.timestamp()), ceil(end.timestamp())))
            if call is not None:
                self._calls[person] += 1
        mine = taken[patient.pk] if patient else []
        # A visit may not start so that its own time, with buffers for the agent, meets another's.
        own = [(start - self._length, end) for start, end in mine]
        for pk in self.agents:
            theirs = [
                (start - self._length - self._after, end + self._before) for start, end in taken[pk]
            ]
            self._blocked[pk] = list(joined_open(sorted(theirs + own)))

    def _read_groups(self, window: Window, patient: User | None) -> dict[UUID, list[int]]:
        """The starts of groups of this service that are not full, by agent."""
        found: dict[UUID, list[int]] = {pk: [] for pk in self.agents}
        if not self.service.is_group:
            return found
        groups = CallSession.objects.filter(
            service=self.service,
            agent__in=self.agents,
            state=CallState.OPEN,
            starts_at__gte=window.start,
            starts_at__lt=window.end,
            seats_taken__gt=0,
            seats_taken__lt=self.service.capacity,
        )
        if patient is not None:
            groups = groups.exclude(
                pk__in=CallSession.objects.filter(appointments__taken_time__person=patient)
            )
        for agent, starts_at in groups.values_list("agent_id", "starts_at"):
            assert starts_at is not None
            found[agent].append(int(starts_at.timestamp()))
        return found


def joined_open(spans: list[Span]) -> Iterator[Span]:
    """Sorted open spans with overlapping ones made one; those that only touch leave a moment."""
    current: Span | None = None
    for start, end in spans:
        if current is None:
            current = (start, end)
        elif start < current[1]:
            current = (current[0], max(current[1], end))
        else:
            yield current
            current = (start, end)
    if current is not None:
        yield current


def _unblocked(
    grid: range, floor: int, blocked: list[Span], blocked_ends: list[int]
) -> Iterator[range]:
    """The parts of `grid` from `floor` on that lie in none of the sorted open spans `blocked`."""
    start, stop, step = grid.start, grid.stop, grid.step
    at = _on_grid(max(start, floor), start, step)
    for index in range(bisect_right(blocked_ends, at), len(blocked)):
        since, until = blocked[index]
        if since >= stop:
            break
        if since >= at:
            yield range(at, min(since + 1, stop), step)
        at = _on_grid(max(at, until), start, step)
    if at < stop:
        yield range(at, stop, step)


def _on_grid(moment: int, start: int, step: int) -> int:
    """The first moment of the grid from `start` on that is not before `moment`."""
    return moment + (start - moment) % step


def _days(window: Window, zone: ZoneInfo) -> list[date]:
    first = window.start.astimezone(zone).date()
    last = (window.end - timedelta(microseconds=1)).astimezone(zone).date()
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
