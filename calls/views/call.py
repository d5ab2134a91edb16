"""The page of a visit: device check, waiting room, call and afterwards, without a reload."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.models import User
from calls.desk.states import OPEN_ENTRIES, HandlingState
from calls.models import (
    Appointment,
    CallSession,
    Handling,
    Media,
    Participant,
    ParticipantRole,
    QueueEntry,
)
from calls.models.queue_text import texts_for
from calls.permissions import calls_for, get_or_404, handlings_for, is_planned, may_record
from calls.services.desk import surveys
from calls.services.lifecycle import joins_from
from calls.services.tokens import join_token
from calls.states import AppointmentState, CallState, ParticipantState
from calls.views.access import signed_in_or_404
from calls.views.call_words import words
from calls.views.consent_text import newest_consent_text
from calls.views.meeting_words import CONVERSATION, VISIT
from calls.views.request import SignedInRequest

# Only this page may ask for devices, and only for itself.
PERMISSIONS_POLICY = (
    "camera=(self), microphone=(self), display-capture=(self), speaker-selection=(self)"
)
# A page that is too early looks again when the door opens, and this often before.
LONGEST_WAIT = timedelta(hours=1)


@dataclass(frozen=True)
class Visit:
    """A call as one of its people sees it."""

    call: CallSession
    appointment: Appointment | None
    place: Participant | None
    role: ParticipantRole
    other: str
    stage: str
    opens_at: datetime | None
    entry: QueueEntry | None

    @property
    def duration(self) -> timedelta | None:
        """How long a call that has ended was live."""
        if self.call.live_at is None or self.call.ended_at is None:
            return None
        return self.call.ended_at - self.call.live_at

    @property
    def meeting(self) -> Mapping[str, str | Promise]:
        """What it is called. A visit that fell back to a queue was booked, and stays a visit."""
        is_booked = self.entry is None or self.entry.appointment_id is not None
        return VISIT if is_booked else CONVERSATION

    @property
    def minutes(self) -> int | None:
        return max(1, round(self.duration.total_seconds() / 60)) if self.duration else None


@require_GET
@signed_in_or_404
@never_cache
def call(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = get_or_404(calls_for(request.user), pk, user=request.user, action="call.view")
    visit = seen_by(request.user, found)
    response = render(request, "calls/call.html", context(request, visit))
    response["Permissions-Policy"] = PERMISSIONS_POLICY
    if visit.stage == "early" and visit.opens_at:
        wait = min(visit.opens_at - timezone.now(), LONGEST_WAIT)
        response["Refresh"] = str(int(wait.total_seconds()) + 1)
    return response


def seen_by(user: User, found: CallSession) -> Visit:
    """The call from `user`'s side; `stage` is `open`, `early`, `cancelled` or `ended`."""
    place = found.participants.filter(user=user).first()
    role = ParticipantRole(place.role) if place else ParticipantRole.PATIENT
    works = role in (ParticipantRole.AGENT, ParticipantRole.SUPERVISOR)
    mine = found.appointment if works else _booked_by(user, found)
    entry = QueueEntry.objects.filter(call=found).select_related("queue").first()
    agent_name = found.agent.display_name if found.agent else ""
    patient_names = found.patient_names
    if entry is not None:
        agent_name, patient_names = agent_name or entry.queue.name, entry.name
    other = patient_names if works else agent_name
    opens_at = joins_from(found)
    if found.state == CallState.ENDED:
        stage = "ended"
    elif mine is not None and mine.state == AppointmentState.CANCELLED:
        stage = "cancelled"
    elif opens_at is not None and timezone.now() < opens_at:
        stage = "early"
    else:
        stage = "open"
    return Visit(found, mine, place, role, other, stage, opens_at, entry)


def _booked_by(user: User, found: CallSession) -> Appointment | None:
    return next((visit for visit in found.booked if visit.patient_id == user.pk), None)


def context(request: SignedInRequest, visit: Visit) -> dict[str, object]:
    user = request.user
    consent_text = newest_consent_text()
    contact = contact_of(user, visit)
    recordable = consent_text is not None and may_record(visit.call)
    return {
        "visit": visit,
        "call": visit.call,
        "other": visit.other,
        "is_agent": visit.role == ParticipantRole.AGENT,
        "is_supervisor": visit.role == ParticipantRole.SUPERVISOR,
        "consent_text": consent_text,
        "may_record": recordable,
        "is_planned": recordable and is_planned(visit.call),
        "was_recorded": visit.call.recordings.filter(started_at__isnull=False).exists(),
        "words": words(visit.meeting),
        **contact,
        "setup": {
            "socket": f"/ws/calls/{visit.call.pk}/",
            "token": join_token_for(request, visit) if visit.stage == "open" else "",
            "call": str(visit.call.pk),
            "person": str(user.pk),
            "other": visit.other,
            "textVersion": consent_text.version if consent_text else "",
            "mayRecord": recordable,
            "supervises": visit.role == ParticipantRole.SUPERVISOR,
            "zone": user.time_zone,
            **visit_media(contact, visit.place),
        },
    }


def visit_media(contact: dict[str, object], place: Participant | None) -> dict[str, object]:
    """How the page begins: by what people mean to meet, and whether it asks before it enters."""
    entry, handling = contact["entry"], contact["handling"]
    talks = isinstance(handling, Handling) and handling.state == HandlingState.TALKING
    return {
        "media": entry.media if isinstance(entry, QueueEntry) else Media.VIDEO,
        "entersAtOnce": talks and place is not None and place.state != ParticipantState.LEFT,
        "isInLine": isinstance(entry, QueueEntry) and contact["is_theirs"],
        "hasContact": isinstance(entry, QueueEntry) and bool(contact["works_at_desk"]),
    }


def contact_of(user: User, visit: Visit) -> dict[str, object]:
    """The place in a queue that the call came from, and the viewer's part in answering it."""
    entry = visit.entry
    works = entry is not None and visit.role == ParticipantRole.AGENT
    handling = None
    if entry is not None and works:
        handling = handlings_for(user).filter(entry=entry).order_by("-began_at").first()
    is_theirs = entry is not None and entry.person_id == user.pk
    if entry is not None and entry.appointment_id is not None:
        # A booked visit: its own agent has no part in the contact, and it outlives the place.
        works = handling is not None
        is_theirs = is_theirs and (entry.state in OPEN_ENTRIES or surveys.is_over(entry))
    return {
        "entry": entry,
        "at_hand": at_hand_of(entry) if entry is not None and is_theirs else "",
        "handling": handling,
        "works_at_desk": works,
        "is_theirs": is_theirs,
    }


def at_hand_of(entry: QueueEntry) -> str:
    """In the language in which the person asked to be spoken with, else in that of the page."""
    return texts_for(entry.queue, entry.language, get_language() or "").at_hand


def join_token_for(request: SignedInRequest, visit: Visit) -> str:
    """What lets this page open its first socket; empty for somebody without a place here."""
    user, place = request.user, visit.place
    if place is None or not request.session.session_key:
        return ""
    return join_token(
        user_id=user.pk,
        account_role=user.role,
        session_key=request.session.session_key,
        call_id=visit.call.pk,
        participant_id=place.pk,
        participant_role=place.role,
    )
