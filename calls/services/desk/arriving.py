"""Somebody needs somebody now: from a name and a subject to a place in line."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Role, User
from audit.log import record
from calls.desk.states import IN_LINE, EntryKind
from calls.models import (
    CallSession,
    EntryEventKind,
    Media,
    Participant,
    ParticipantRole,
    Queue,
    QueueEntry,
)
from calls.services.desk import entries, rounds
from calls.services.desk.errors import NotOffered, QueueClosed, QueueFull
from calls.services.desk.opening import opening


@dataclass(frozen=True)
class Arrival:
    """What somebody says when they come; `language`: a code of the queue's, "" for any.

    `kind` is `callback` (with a telephone number or an e-mail address) or `message` (with a text
    and an e-mail address) for who does not want to wait.
    """

    name: str
    subject: str = ""
    language: str = ""
    media: Media = Media.VIDEO
    kind: EntryKind = EntryKind.LIVE
    phone: str = ""
    email: str = ""
    message: str = ""
    origin: str = ""


def arrive(
    queue: Queue, arrival: Arrival, *, person: User | None, time_zone: str, language: str
) -> QueueEntry:
    """The place in line; for a visitor without an account, `person` None, as a new guest, who has
    `time_zone` and reads `language`.

    Who waits in this queue already keeps the place that they have; a letter needs none. Raises
    QueueClosed, QueueFull, NotOffered.
    """
    now = timezone.now()
    _check(queue, arrival, now)
    if person is not None:
        if person.role not in (Role.PATIENT, Role.GUEST):
            raise NotOffered
        if earlier := _same(queue, person, arrival):
            return earlier
    try:
        with transaction.atomic():
            who = person or _guest(arrival.name, time_zone=time_zone, language=language)
            return _enter_line(queue, arrival, who, now)
    except IntegrityError:
        # The same form from two tabs in the same moment.
        if person and (earlier := waits_in(queue, person)):
            return earlier
        raise


def waits_in(queue: Queue, person: User) -> QueueEntry | None:
    """The person's place in this line, or None; a letter holds no place."""
    return _in_line(queue, person).exclude(kind=EntryKind.MESSAGE).first()


def _same(queue: Queue, person: User, arrival: Arrival) -> QueueEntry | None:
    """What the person has here already: their place, or the letter that was sent twice."""
    if arrival.kind != EntryKind.MESSAGE:
        return waits_in(queue, person)
    letters = _in_line(queue, person).filter(kind=EntryKind.MESSAGE)
    return letters.filter(message=arrival.message, email=arrival.email).first()


def _in_line(queue: Queue, person: User) -> QuerySet[QueueEntry]:
    return QueueEntry.objects.filter(queue=queue, person=person, state__in=IN_LINE)


def known_agent_of(person: User) -> UUID | None:
    """Who spoke with the person last, in a conversation or a visit that took place."""
    calls = CallSession.objects.filter(
        participants__user=person, live_at__isnull=False, agent__is_active=True
    )
    return calls.order_by("-live_at").values_list("agent_id", flat=True).first()


def _check(queue: Queue, arrival: Arrival, now: datetime) -> None:
    if arrival.kind == EntryKind.CALLBACK and not queue.takes_callbacks:
        raise NotOffered
    if arrival.kind == EntryKind.MESSAGE and not queue.takes_messages:
        raise NotOffered
    if not queue.is_active or arrival.media not in queue.media_offered:
        raise QueueClosed if not queue.is_active else NotOffered
    if arrival.kind != EntryKind.LIVE:
        return
    if not opening(queue, now).is_open:
        raise QueueClosed
    if queue.most_waiting is not None and _live_in(queue) >= queue.most_waiting:
        raise QueueFull


def _live_in(queue: Queue) -> int:
    return QueueEntry.objects.filter(queue=queue, state__in=IN_LINE, kind=EntryKind.LIVE).count()


def _guest(name: str, *, time_zone: str, language: str) -> User:
    guest = User(
        email=f"guest-{uuid4().hex}@guests.invalid",
        display_name=name,
        role=Role.GUEST,
        language=language,
        time_zone=time_zone,
    )
    guest.set_unusable_password()
    guest.save()
    return guest


def _enter_line(queue: Queue, arrival: Arrival, person: User, now: datetime) -> QueueEntry:
    call = CallSession.objects.create(service_id=queue.service_id)
    is_patient = person.role == Role.PATIENT
    Participant.objects.create(
        call=call,
        user=person,
        role=ParticipantRole.PATIENT if is_patient else ParticipantRole.GUEST,
    )
    entry = QueueEntry.objects.create(
        queue=queue,
        call=call,
        person=person,
        kind=arrival.kind,
        name=arrival.name,
        subject=arrival.subject,
        message=arrival.message,
        phone=arrival.phone,
        email=arrival.email,
        language=arrival.language,
        media=arrival.media,
        origin=arrival.origin,
        arrived_at=now,
        queued_at=now,
        # Their page is still to come: the place is kept for it as for one that went.
        away_since=now if arrival.kind == EntryKind.LIVE else None,
        known_agent_id=known_agent_of(person) if is_patient else None,
    )
    entries.note(entry.pk, EntryEventKind.ARRIVED, at=now, queue=queue.pk, came_for=arrival.kind)
    record("desk.arrive", actor=person.pk, target_type="queueentry", target=entry.pk)
    rounds.request()
    return entry
