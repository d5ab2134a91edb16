"""Time zones whose rules change after a visit was booked: its wall-clock time stays.

A visit is stored in UTC, with the zone it was booked in and that zone's offset at the time. When a
newer time zone database says otherwise about that moment, the visit moves to the moment at which
the clocks of its zone will show what was agreed.
"""

import logging
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from audit.log import record
from audit.models import AuditEntry
from calls.models import Appointment, CallSession
from calls.services import facts, invitations
from calls.services.notices import notify
from calls.services.scheduling import places
from calls.services.scheduling.errors import BookingError
from calls.states import AppointmentState, CallState

logger = logging.getLogger(__name__)

ACTION = "appointment.zone_rules"


class SharedWithOthers(BookingError):
    reason = "others share the visit"


def meant(appointment: Appointment) -> datetime:
    """The start that was meant, in UTC, by today's rules of the zone that it was booked in.

    Of an hour that the clocks show twice it is the one with the offset it was booked with; a time
    that they leave out is counted with the offset before (RFC 5545 section 3.3.5).
    """
    try:
        zone = ZoneInfo(appointment.booked_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return appointment.starts_at
    offset = timedelta(minutes=appointment.booked_offset_minutes)
    wall = (appointment.starts_at + offset).replace(tzinfo=None)
    readings = [wall.replace(tzinfo=zone, fold=fold) for fold in (0, 1)]
    same = [reading for reading in readings if reading.utcoffset() == offset]
    return (same or readings)[0].astimezone(UTC)


def keep_wall_clocks() -> list[Appointment]:
    """Move every coming visit whose zone's rules have changed; returns those that were moved.

    One that cannot be moved, because that time is taken, stays, is logged and audited: people
    have to decide.
    """
    moved = []
    coming = Appointment.objects.filter(
        state=AppointmentState.BOOKED, starts_at__gt=timezone.now()
    ).exclude(booked_zone="UTC")
    for appointment in coming.select_related("service", "patient", "agent", "call").iterator():
        starts_at = meant(appointment)
        if starts_at != appointment.starts_at and _keep(appointment, starts_at):
            moved.append(appointment)
    return moved


def _keep(appointment: Appointment, starts_at: datetime) -> bool:
    before = appointment.starts_at
    try:
        with transaction.atomic():
            places.lock_people(appointment.patient_id, appointment.agent_id)
            appointment.refresh_from_db(fields=("call", "agent", "starts_at", "ends_at", "state"))
            with facts.locked_call(appointment.call_id, open_only=False) as call:
                booked = appointment.state == AppointmentState.BOOKED
                if not booked or call.state != CallState.OPEN or appointment.starts_at != before:
                    return False
                if call.seats_taken > 1:
                    # The others of a group did not agree on that clock.
                    raise SharedWithOthers
                _shift(appointment, call, starts_at)
                notify.moved(appointment, before=before, guests=invitations.standing(call))
                _audit(appointment, before, starts_at, allowed=True)
    except BookingError as refused:
        _say_once(appointment, before, starts_at, str(refused))
        return False
    return True


def _shift(appointment: Appointment, call: CallSession, starts_at: datetime) -> None:
    zone = ZoneInfo(appointment.booked_zone)
    Appointment.objects.filter(pk=appointment.pk).update(
        starts_at=starts_at,
        ends_at=starts_at + (appointment.ends_at - appointment.starts_at),
        booked_offset_minutes=places.offset_minutes(starts_at, zone),
        planned_at=timezone.now(),
        sequence=F("sequence") + 1,
    )
    appointment.refresh_from_db(
        fields=("starts_at", "ends_at", "sequence", "booked_offset_minutes")
    )
    places.replan(call, appointment.agent, starts_at)
    places.take_for_patient(appointment)


def _say_once(appointment: Appointment, before: datetime, after: datetime, why: str) -> None:
    """That it could not be moved: by the first of the sweeps that find it so."""
    said = AuditEntry.objects.filter(action=ACTION, target=str(appointment.pk), allowed=False)
    if said.filter(data__starts_at=after.isoformat()).exists():
        return
    logger.warning("visit %s keeps its moment, not its clock: %s", appointment.pk, why)
    _audit(appointment, before, after, allowed=False)


def _audit(appointment: Appointment, before: datetime, after: datetime, *, allowed: bool) -> None:
    record(
        ACTION,
        actor="",
        target_type="appointment",
        target=appointment.pk,
        allowed=allowed,
        before=before.isoformat(),
        starts_at=after.isoformat(),
    )
