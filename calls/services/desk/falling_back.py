"""A visit that was booked falls back to a queue while its agent is missing.

It does so again if the agent has come and was lost before admitting the patient.

It stays the same call, and the same appointment with the same agent: whoever of the queue accepts
leads the call. Comes the agent after all while nobody has, the place in line is taken back.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from audit.log import record
from calls.desk.states import IN_LINE, EntryKind, EntryState
from calls.models import (
    Appointment,
    CallSession,
    EntryEventKind,
    Leg,
    Media,
    Participant,
    Queue,
    QueueEntry,
)
from calls.services import facts
from calls.services.desk import entries, ringing, rounds
from calls.services.desk.locking import lock_entries
from calls.services.desk.opening import opening
from calls.services.errors import WrongState
from calls.services.holding import take_off_hold
from calls.services.rooms import locked_rooms
from calls.states import AppointmentState, CallState, LegState, ParticipantState

# Whoever comes late themselves gives the agent this long to notice, and the agent as long to come
# back to a page that was reloaded.
WAITS_AT_LEAST = timedelta(minutes=1)
# They had a time: they stand before those who just came.
PRIORITY = 1


def sweep() -> None:
    """Take back the places of those whose agent has come, and line up those whose agent is missing.

    Two queries if there are none.
    """
    for call_id in list(_not_missing().values_list("call_id", flat=True)):
        try:
            with facts.locked_call(call_id):
                take_back([call_id])
        except WrongState:
            continue
    for visit in _missing(timezone.now()):
        try:
            _fall_back(visit)
        except (WrongState, IntegrityError):
            # Over by now, or the patient has come to this very queue in the same moment.
            continue


def take_back(call_ids: Collection[UUID]) -> None:
    """The places in line of those of the calls, which the caller holds locked, whose own agent is
    there: they are done, and what rings stops."""
    found = list(_not_missing().filter(call__in=call_ids).select_related("appointment"))
    lock_entries([entry.pk for entry in found])
    for entry in found:
        visit = entry.appointment
        assert visit
        ringing.stop_for(entry.pk)
        if entries.advance(entry.pk, EntryState.DONE):
            entries.note(entry.pk, EntryEventKind.DONE, agent=visit.agent_id, reason="taken_back")
            record("desk.take_back", actor="", target_type="queueentry", target=entry.pk)
            if entry.answered_at is not None:
                _lead_again(visit)
    if found:
        rounds.request()


def _not_missing() -> QuerySet[QueueEntry]:
    """Visits in line whose agent is there, past the device check; or that were moved to later."""
    there = _legs().filter(participant__user=OuterRef("appointment__agent"))
    entered = there.filter(state=LegState.CONNECTED, entered_at__isnull=False)
    return QueueEntry.objects.filter(
        Exists(entered) | Q(appointment__starts_at__gt=timezone.now()),
        appointment__isnull=False,
        state__in=IN_LINE,
    ).order_by("pk")


def _lead_again(visit: Appointment) -> None:
    """Another agent had the visit, and handed it on or was lost."""
    CallSession.objects.filter(pk=visit.call_id).update(agent=visit.agent_id)
    with locked_rooms([visit.call_id]) as rooms:
        room = rooms[visit.call_id]
        for seat in room.seats.values():
            if seat.held_at:
                take_off_hold(room, seat, by=None)


def _missing(now: datetime) -> list[Appointment]:
    """The visits that fall back now; those of a queue that is closed do not."""
    rows = _left_alone(now).select_related("service__fallback_queue", "patient", "dependant")
    return [
        visit
        for visit in rows.order_by("starts_at")
        if visit.starts_at + timedelta(minutes=visit.service.fallback_minutes) <= now
        and opening(_queue_of(visit), now).is_open
    ]


def _left_alone(now: datetime) -> QuerySet[Appointment]:
    """Visits of one patient that have begun, where the patient waits and the agent has no page."""
    waits = _legs().filter(
        participant__user=OuterRef("patient"),
        participant__state=ParticipantState.WAITING,
        participant__waiting_since__lte=now - WAITS_AT_LEAST,
        state=LegState.CONNECTED,
        entered_at__isnull=False,
    )
    agent_there = _legs().filter(
        ~Q(state=LegState.CLOSED) | Q(closed_at__gt=now - WAITS_AT_LEAST),
        participant__user=OuterRef("agent"),
    )
    in_line = QueueEntry.objects.filter(
        queue=OuterRef("service__fallback_queue"), person=OuterRef("patient"), state__in=IN_LINE
    ).exclude(kind=EntryKind.MESSAGE)
    return Appointment.objects.filter(
        Q(call__entry__isnull=True)
        | Q(call__entry__state=EntryState.DONE, call__entry__answered_at__isnull=True),
        Exists(waits),
        ~Exists(agent_there),
        ~Exists(in_line),
        state=AppointmentState.BOOKED,
        starts_at__lte=now,
        service__fallback_queue__isnull=False,
        call__capacity=1,
        call__state__in=(CallState.OPEN, CallState.LIVE),
    )


def _legs() -> QuerySet[Leg]:
    return Leg.objects.filter(participant__call=OuterRef("call"))


def _fall_back(visit: Appointment) -> None:
    """Line the visit up, if it still is as it was. Raises WrongState, IntegrityError."""
    with facts.locked_call(visit.call_id):
        now = timezone.now()
        if not _left_alone(now).filter(pk=visit.pk).exists():
            return
        entry = QueueEntry.objects.filter(call=visit.call_id).first() or _lined_up(visit, now)
        if entry.ended_at is not None:
            # With the time waited so far, in the queue that it is now.
            queue = _queue_of(visit)
            entries.stand_again(entry.pk, queue=queue, queued_at=now, away_since=None)
        entries.note(
            entry.pk,
            EntryEventKind.ARRIVED,
            at=now,
            queue=visit.service.fallback_queue_id,
            came_for=EntryKind.LIVE,
            reason="agent_missing",
        )
        record("desk.fall_back", actor="", target_type="queueentry", target=entry.pk)
        rounds.request()


def _lined_up(visit: Appointment, now: datetime) -> QueueEntry:
    place = Participant.objects.get(call=visit.call_id, user=visit.patient_id)
    queue = _queue_of(visit)
    return QueueEntry.objects.create(
        queue=queue,
        call_id=visit.call_id,
        appointment=visit,
        person_id=visit.patient_id,
        name=visit.visitor_name,
        # What the patient has said about the reason was said to their own agent.
        subject=visit.service.name,
        language=_language(visit, queue),
        media=_media(visit, queue),
        priority=PRIORITY,
        arrived_at=max(visit.starts_at, place.waiting_since or now),
        queued_at=now,
        known_agent_id=visit.agent_id,
    )


def _queue_of(visit: Appointment) -> Queue:
    queue = visit.service.fallback_queue
    assert queue
    return queue


def _language(visit: Appointment, queue: Queue) -> str:
    """The language of the visit or of the patient, where the queue has it."""
    spoken = (visit.service.language, visit.patient.language)
    return next((code for code in spoken if code and code in queue.languages), "")


def _media(visit: Appointment, queue: Queue) -> Media:
    media = Media(visit.service.media)
    return media if media in queue.media_offered else Media(queue.media)
