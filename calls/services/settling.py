"""What became of a visit: held, missed or not held, decided from who was there.

1. Whose patient was admitted is completed.
2. Whose patient never entered is missed, once the service's minutes for that have gone by.
3. Everything else did not take place: the patient waited and nobody let them in, or the agent ended
   it before the patient could be late.

It is decided when the call ends; a call that never became live ends by itself when its time and
those minutes are over and nobody is connected.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from audit.log import record
from calls.models import (
    Appointment,
    CallEvent,
    CallSession,
    Participant,
    ParticipantRole,
    TakenTime,
)
from calls.protocol import FactKind
from calls.services.notices import notify
from calls.states import APPOINTMENT, AppointmentState, CallState, sources

MOST_AT_ONCE = 1000


def settle(call: CallSession, *, at: datetime) -> None:
    """Decide about every visit of a call that ends, and give everybody's time back."""
    places = Participant.objects.filter(call=call, role=ParticipantRole.PATIENT)
    admitted = set(places.filter(admitted_at__isnull=False).values_list("user_id", flat=True))
    entries = CallEvent.objects.filter(call=call, kind=FactKind.ENTERED, by=OuterRef("pk"))
    came = set(places.filter(Exists(entries)).values_list("user_id", flat=True))
    # Who was called absent in a group, and came all the same, was there.
    late = Appointment.objects.filter(call=call, state=AppointmentState.NO_SHOW)
    for visit in late.filter(patient__in=admitted):
        _advance(visit, AppointmentState.COMPLETED)
    booked = Appointment.objects.filter(call=call, state=AppointmentState.BOOKED)
    for visit in booked.select_related("service"):
        if visit.patient_id in admitted:
            state = AppointmentState.COMPLETED
        elif visit.patient_id not in came and at >= absent_from(visit):
            state = AppointmentState.NO_SHOW
        else:
            state = AppointmentState.NOT_HELD
        if state == AppointmentState.NO_SHOW:
            miss(visit)
        elif _advance(visit, state) and visit.patient_id in came - admitted:
            notify.not_held(visit)
    TakenTime.objects.filter(Q(call=call) | Q(appointment__call=call)).delete()


def miss(visit: Appointment) -> None:
    """The patient did not come: the visit is missed, and they are told."""
    if _advance(visit, AppointmentState.NO_SHOW):
        notify.missed(visit)


def absent_from(visit: Appointment) -> datetime:
    """From when on a patient who has not come counts as absent."""
    return visit.starts_at + timedelta(minutes=visit.service.no_show_minutes)


def took_place(visit: Appointment, by_id: object) -> bool:
    """Its agent says that it took place all the same; False if it was not missed or not held."""
    gone_by = (AppointmentState.NO_SHOW, AppointmentState.NOT_HELD)
    with transaction.atomic():
        rows = Appointment.objects.filter(pk=visit.pk, state__in=gone_by)
        moved = bool(rows.update(state=AppointmentState.COMPLETED))
        if moved:
            record(
                "appointment.took_place", actor=by_id, target_type="appointment", target=visit.pk
            )
    return moved


def waited_out(now: datetime) -> list[UUID]:
    """The open calls whose time is over, and the minutes after it in which somebody might come."""
    over = CallSession.objects.filter(state=CallState.OPEN, ends_at__lt=now).order_by("ends_at")
    rows = over.values_list("pk", "ends_at", "service__no_show_minutes")[:MOST_AT_ONCE]
    return [
        pk for pk, ends_at, wait in rows if ends_at and ends_at + timedelta(minutes=wait or 0) < now
    ]


def _advance(visit: Appointment, target: AppointmentState) -> bool:
    moved = Appointment.objects.filter(pk=visit.pk, state__in=sources(APPOINTMENT, target)).update(
        state=target
    )
    return bool(moved)
