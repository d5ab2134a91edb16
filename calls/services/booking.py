"""Booking a visit and calling it off. The database decides who gets a time."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.log import record
from calls.models import Appointment, CallSession, Service
from calls.services import facts, lifecycle
from calls.services.free_times import HORIZON, ONE_DAY, Diary, Slot, Window, next_free, offering
from calls.states import APPOINTMENT, AppointmentState, CallState, sources

# Both databases name it in their refusal (calls/migrations/0002_no_overlap.py).
NO_OVERLAP = "appointment_no_overlap"


class BookingError(Exception):
    """A visit was not booked or not cancelled; nothing changed. `reason` is for the person."""

    reason: str | Promise = ""

    def __init__(self) -> None:
        super().__init__(str(self.reason))


class NotOffered(BookingError):
    reason = _("This visit cannot be booked with this person. Please choose again.")


class InThePast(BookingError):
    reason = _("This time has already passed. Please choose another one.")


class TooFarAhead(BookingError):
    reason = _("This time is too far ahead. Please choose one within the next 60 days.")


class OutsideHours(BookingError):
    reason = _("This time is outside the opening hours. Please choose one that is offered.")


class PatientBusy(BookingError):
    reason = _("You already have a visit at this time. Please choose another time.")


class SlotTaken(BookingError):
    """Somebody else has it. `next_times` are the next free starts, in UTC; there may be none."""

    reason = _("Somebody else has just taken this time. Please choose another one.")

    def __init__(self, next_times: Sequence[datetime]) -> None:
        super().__init__()
        self.next_times = tuple(next_times)


class NotCancellable(BookingError):
    reason = _("This visit is over or was cancelled before.")


class UnderWay(BookingError):
    reason = _("This visit has begun. End it on its own page.")


def book(
    patient: User, agent: User | None, *, service: Service, starts_at: datetime, zone: ZoneInfo
) -> Appointment:
    """The new appointment with its call; without an agent, with whoever is free then.

    1. What was asked for is checked: offered, in the future, a time of the opening hours.
    2. The agents who have it open are tried, the one with the fewest visits that day first.
    3. The database refuses a time that is taken.

    Raises a BookingError that says what is wrong; SlotTaken carries the next free times.
    """
    slots, diary = _open_slots(patient, agent, service=service, starts_at=starts_at)
    for slot in sorted(slots, key=lambda slot: (diary.visits(slot.agent_id), slot.agent_id)):
        chosen = diary.agents[slot.agent_id]
        booked = _take(slot, patient=patient, agent=chosen, service=service, zone=zone)
        if booked is not None:
            return booked
    raise SlotTaken(next_free(service, agent, patient=patient))


def check(patient: User, agent: User | None, *, service: Service, starts_at: datetime) -> None:
    """Raise what `book` would raise now; nothing is promised for a moment later."""
    slots, diary = _open_slots(patient, agent, service=service, starts_at=starts_at)
    if all(_has_visit(patient, slot) for slot in slots):
        raise PatientBusy
    moment = Window(starts_at, starts_at + timedelta(microseconds=1))
    if not any(diary.free(service, moment)):
        raise SlotTaken(next_free(service, agent, patient=patient))


def cancel(appointment: Appointment, by: User) -> None:
    """Call off a visit that has not begun; its calendar entry gets the next revision.

    Raises UnderWay while people are in the visit, NotCancellable when it is over or called off.
    """
    call = CallSession.objects.filter(appointment=appointment).only("pk").first()
    if call is None:
        with transaction.atomic():
            _cancel(appointment, by)
        return
    with facts.locked_call(call.pk, open_only=False) as locked:
        if locked.state == CallState.LIVE:
            raise UnderWay
        _cancel(appointment, by)
        if locked.state == CallState.OPEN:
            lifecycle.call_off(locked)


def _open_slots(
    patient: User, agent: User | None, *, service: Service, starts_at: datetime
) -> tuple[list[Slot], Diary]:
    """The slots that begin at `starts_at`, booked ones included, and the diary of that time."""
    now = timezone.now()
    agents = [
        person
        for person in offering(service)
        if person.pk != patient.pk and (agent is None or person.pk == agent.pk)
    ]
    if not agents or not service.is_active:
        raise NotOffered
    if starts_at <= now:
        raise InThePast
    if starts_at > now + HORIZON:
        raise TooFarAhead
    diary = Diary(agents, Window(starts_at - ONE_DAY, starts_at + ONE_DAY))
    moment = Window(starts_at, starts_at + timedelta(microseconds=1))
    slots = list(diary.offered(service, moment))
    if not slots:
        raise OutsideHours
    return slots, diary


@transaction.atomic
def _take(
    slot: Slot, *, patient: User, agent: User, service: Service, zone: ZoneInfo
) -> Appointment | None:
    """The appointment, or None if the database says that the agent has one at that time.

    Both people are locked: no other booking of the patient's goes on beside this one, and those
    of one agent wait for each other in a line where PostgreSQL would else find a deadlock.
    """
    people = User.objects.select_for_update(no_key=True).order_by("pk")
    list(people.filter(pk__in=(patient.pk, agent.pk)).values_list("pk"))
    if _has_visit(patient, slot):
        raise PatientBusy
    try:
        with transaction.atomic():
            appointment = Appointment.objects.create(
                service=service,
                patient=patient,
                agent=agent,
                starts_at=slot.starts_at,
                ends_at=slot.ends_at,
                booked_zone=zone.key,
            )
    except IntegrityError as error:
        if NO_OVERLAP in str(error):
            return None
        raise
    lifecycle.open_call(appointment)
    record(
        "appointment.book",
        actor=patient.pk,
        target_type="appointment",
        target=appointment.pk,
        agent=str(agent.pk),
        starts_at=slot.starts_at.isoformat(),
    )
    return appointment


def _has_visit(patient: User, slot: Slot) -> bool:
    return Appointment.objects.filter(
        patient=patient,
        state=AppointmentState.BOOKED,
        starts_at__lt=slot.ends_at,
        ends_at__gt=slot.starts_at,
    ).exists()


def _cancel(appointment: Appointment, by: User) -> None:
    now = timezone.now()
    cancelled = Appointment.objects.filter(
        pk=appointment.pk,
        state__in=sources(APPOINTMENT, AppointmentState.CANCELLED),
        ends_at__gt=now,
    ).update(
        state=AppointmentState.CANCELLED,
        cancelled_at=now,
        cancelled_by=by,
        sequence=F("sequence") + 1,
    )
    if not cancelled:
        raise NotCancellable
    record("appointment.cancel", actor=by.pk, target_type="appointment", target=appointment.pk)
    appointment.refresh_from_db()
