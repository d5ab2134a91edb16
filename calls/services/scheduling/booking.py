"""Booking a visit. The database decides who gets a time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from accounts.models import Dependant, User
from audit.log import record
from calls.models import Appointment, Service, SlotOffer
from calls.services.notices import notify
from calls.services.scheduling import places
from calls.services.scheduling.errors import (
    InThePast,
    NotOffered,
    OutsideHours,
    PatientBusy,
    SlotTaken,
    TooFarAhead,
    TooSoon,
)
from calls.services.scheduling.free_times import Supply, bookable_window, next_free, offering
from calls.services.scheduling.hours import ONE_DAY, Window


@dataclass(frozen=True)
class Details:
    """What is booked beside service, person and time.

    `by` is who books, where that is not the patient: staff, who need not keep the notice of the
    service. `quiet` leaves the confirmation to the caller, who confirms several at once.
    """

    dependant: Dependant | None = None
    reason: str = ""
    by: User | None = None
    series: UUID | None = None
    follow_up_of: Appointment | None = None
    offer: SlotOffer | None = None
    quiet: bool = False

    def at_short_notice(self, patient: User) -> bool:
        """Whether the notice of the service need not be kept: by staff, or for a kept time."""
        by_staff = self.by is not None and self.by.pk != patient.pk
        return by_staff or self.offer is not None

    @property
    def fields(self) -> dict[str, object]:
        """Of the appointment."""
        return {
            "dependant": self.dependant,
            "reason": self.reason,
            "series": self.series,
            "follow_up_of": self.follow_up_of,
        }


NOTHING_MORE = Details()


def book(
    patient: User,
    agent: User | None,
    *,
    service: Service,
    starts_at: datetime,
    zone: ZoneInfo,
    details: Details = NOTHING_MORE,
) -> Appointment:
    """The new appointment in its call; without an agent, with whoever is free then.

    1. What was asked for is checked: offered, in time, a time of the opening hours.
    2. The agents who have it open are tried, the one with the fewest visits that day first.
    3. The database refuses a time that is taken.

    Raises a BookingError that says what is wrong; SlotTaken carries the next free times.
    """
    supply = offered_at(
        patient, agent, service=service, starts_at=starts_at, soon=details.at_short_notice(patient)
    )
    if details.offer is not None:
        candidates = [details.offer.agent_id]
    else:
        free = supply.free_at(starts_at)
        # What somebody may have taken meanwhile is tried too: the database has the last word.
        candidates = free or supply.offered_at(starts_at)
    for agent_id in candidates:
        try:
            return _take(
                supply.agents[agent_id], patient, service, starts_at, zone=zone, details=details
            )
        except SlotTaken:
            continue
    raise SlotTaken(next_free(service, agent, patient=patient, after=starts_at))


def check(
    patient: User,
    agent: User | None,
    *,
    service: Service,
    starts_at: datetime,
    details: Details = NOTHING_MORE,
) -> None:
    """Raise what `book` would raise now; nothing is promised for a moment later."""
    supply = offered_at(
        patient, agent, service=service, starts_at=starts_at, soon=details.at_short_notice(patient)
    )
    if patient_is_busy(patient, starts_at, starts_at + service.length):
        raise PatientBusy
    if details.offer is None and not supply.free_at(starts_at):
        raise SlotTaken(next_free(service, agent, patient=patient, after=starts_at))


def patient_is_busy(
    patient: User, starts_at: datetime, ends_at: datetime, *, moving: Appointment | None = None
) -> bool:
    """Whether something else than the visit that is `moving` takes the patient's time then."""
    taken = patient.taken_times.filter(starts_at__lt=ends_at, ends_at__gt=starts_at)
    if moving is not None:
        taken = taken.exclude(appointment=moving)
    return bool(taken.exists())


def offered_at(
    patient: User,
    agent: User | None,
    *,
    service: Service,
    starts_at: datetime,
    soon: bool,
    moving: Appointment | None = None,
) -> Supply:
    """What is offered around `starts_at`; `soon` waives the notice of the service.

    Raises NotOffered, InThePast, TooSoon, TooFarAhead or OutsideHours if nobody offers that time.
    """
    agents = [
        person
        for person in offering(service)
        if person.pk != patient.pk and (agent is None or person.pk == agent.pk)
    ]
    if not agents or not (service.is_active or moving):
        raise NotOffered
    _check_time(service, starts_at, soon=soon)
    around = Window(starts_at - ONE_DAY, starts_at + ONE_DAY)
    supply = Supply(service, agents, around, moving=moving)
    if not supply.offered_at(starts_at):
        raise OutsideHours
    return supply


def _check_time(service: Service, starts_at: datetime, *, soon: bool) -> None:
    """Raise InThePast, TooSoon or TooFarAhead."""
    now = timezone.now()
    window = bookable_window(service)
    if starts_at <= now:
        raise InThePast
    if starts_at < window.start and not soon:
        raise TooSoon
    if starts_at > now + timedelta(days=service.horizon_days):
        raise TooFarAhead


@transaction.atomic
def _take(
    agent: User,
    patient: User,
    service: Service,
    starts_at: datetime,
    *,
    zone: ZoneInfo,
    details: Details,
) -> Appointment:
    """The appointment. Raises SlotTaken or PatientBusy if the database says that time is taken.

    Both people are locked: those who book one agent wait for each other in a line, where
    PostgreSQL would else find a deadlock.
    """
    places.lock_people(patient.pk, agent.pk)
    if patient_is_busy(patient, starts_at, starts_at + service.length):
        raise PatientBusy
    call = places.open_group(service, agent.pk, starts_at)
    if call is None:
        call = places.open_call(service, agent, starts_at, offer=details.offer)
    by = details.by or patient
    appointment = places.give_place(call, patient, zone=zone, booked_by=by, **details.fields)
    record(
        "appointment.book",
        actor=by.pk,
        target_type="appointment",
        target=appointment.pk,
        patient=str(patient.pk),
        agent=str(agent.pk),
        starts_at=starts_at.isoformat(),
    )
    if not details.quiet:
        notify.booked(appointment)
    return appointment
