"""The numbers of the administrator's first page: six queries, whatever the size of the house."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Q
from django.db.models.functions import TruncDate
from django.utils import timezone

from calls.models import Appointment, CallSession, Participant, Recording
from calls.services.reasons import DECIDED
from calls.states import AppointmentState, CallState, ParticipantState, RecordingState

CHART_DAYS = 14
FAILURES_SHOWN_FOR = timedelta(days=7)
_ROWS_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Day:
    """The visits that begin on one day, by what became of them."""

    date: date
    booked: int = 0
    completed: int = 0
    cancelled: int = 0

    @property
    def visits(self) -> int:
        """Without the cancelled ones."""
        return self.booked + self.completed


@dataclass(frozen=True, slots=True)
class Dashboard:
    now: datetime
    days: Sequence[Day]
    """The last fourteen days, oldest first; the last one is today."""
    upcoming: Sequence[Appointment]
    waiting: Sequence[Participant]
    """Longest first."""
    live: Sequence[CallSession]
    recordings: dict[str, int]
    """How many recordings are in each state, in the order of their life, zeros included."""
    failures: Sequence[Recording]

    @property
    def today(self) -> Day:
        return self.days[-1]


def dashboard(zone: ZoneInfo) -> Dashboard:
    """What happens in the house now; days begin at midnight in `zone`."""
    now = timezone.now()
    today = now.astimezone(zone).date()
    return Dashboard(
        now=now,
        days=_days(today, zone),
        upcoming=_upcoming(now, until=_midnight(today + timedelta(days=1), zone)),
        waiting=_waiting(),
        live=_live(),
        recordings=_recordings_by_state(),
        failures=_failures(now - FAILURES_SHOWN_FOR),
    )


def _days(today: date, zone: ZoneInfo) -> list[Day]:
    first = today - timedelta(days=CHART_DAYS - 1)
    counted = (
        Appointment.objects.filter(
            starts_at__gte=_midnight(first, zone),
            starts_at__lt=_midnight(today + timedelta(days=1), zone),
        )
        .annotate(day=TruncDate("starts_at", tzinfo=zone))
        .order_by("day", "state")
        .values_list("day", "state")
        .annotate(visits=Count("pk"))
    )
    found: dict[date, dict[str, int]] = {}
    for day, state, visits in counted:
        found.setdefault(day, {})[state] = visits
    dates = [first + timedelta(days=number) for number in range(CHART_DAYS)]
    return [Day(day, **found.get(day, {})) for day in dates]


def _upcoming(now: datetime, *, until: datetime) -> list[Appointment]:
    visits = Appointment.objects.filter(
        state=AppointmentState.BOOKED, ends_at__gt=now, starts_at__lt=until
    )
    return list(visits.select_related("service", "patient", "agent")[:_ROWS_SHOWN])


def _waiting() -> list[Participant]:
    waiting = Participant.objects.filter(state=ParticipantState.WAITING).exclude(
        call__state=CallState.ENDED
    )
    people = ("user", "call__service", "call__agent")
    return list(waiting.select_related(*people).order_by("waiting_since"))


def _live() -> list[CallSession]:
    live = CallSession.objects.filter(state=CallState.LIVE).order_by("live_at")
    return list(live.with_people())


def _recordings_by_state() -> dict[str, int]:
    counted = Recording.objects.order_by("state").values_list("state").annotate(rows=Count("pk"))
    return {state.value: 0 for state in RecordingState} | dict(counted)


def _failures(since: datetime) -> list[Recording]:
    """Recordings that failed, or that broke off and could be saved up to there (see reason)."""
    failed = Recording.objects.filter(asked_at__gte=since).filter(
        Q(state=RecordingState.FAILED) | ~Q(reason__in=DECIDED)
    )
    people = ("call__service", "call__agent")
    return list(failed.select_related(*people).defer("wrapped_key")[:_ROWS_SHOWN])


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone)
