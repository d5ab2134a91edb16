"""Recordings that begin by plan: a sweep asks in every live call whose visits are to be recorded.

1. Nobody is recorded before they agreed: who said yes before the visit has agreed, everybody else
   is asked in the call as ever.
2. Whose patient said no before the visit is not asked again: nothing begins.
3. It is done once a call. A scheduler that was down does it when it is back; what a recording was
   stopped for is not overruled.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value

from accounts.models import ConsentText
from audit.log import record
from audit.models import AuditEntry
from calls.models import (
    AdvanceConsent,
    Appointment,
    CallSession,
    Participant,
    Recording,
    RecordingPolicy,
    StandingConsent,
)
from calls.permissions import may_record
from calls.services import capacity, consent, facts
from calls.states import AppointmentState, CallState

MOST_AT_ONCE = 100


@dataclass(frozen=True)
class Word:
    """What somebody said before the visit."""

    granted: bool
    text_version: str
    language: str


def sweep() -> int:
    """Ask in every call where that is due; returns in how many."""
    due = list(_due().values_list("pk", flat=True)[:MOST_AT_ONCE])
    return sum(begin(call_id) for call_id in due)


def begin(call_id: UUID) -> bool:
    """Ask in the call if its plan says so and nobody did before; whether that was done now."""
    with facts.locked_call(call_id, open_only=False) as call:
        if call.state != CallState.LIVE or call.recordings.exists() or not may_record(call):
            return False
        people = list(consent.people_in(call).select_related("user"))
        said = said_ahead(call)
        if len(people) < 2 or any(not word.granted for word in said.values()):
            return False
        if full := capacity.refusal():
            _note_once(call, full)
            return False
        _ask(call, people, said)
    return True


def said_ahead(call: CallSession) -> dict[UUID, Word]:
    """What each of the call's people said before the visit. Takes one query.

    The agent's standing word counts like one, unless they said something about this visit; of what
    they said about several places of a group a no counts.
    """
    booked = Appointment.objects.filter(call=call).exclude(state=AppointmentState.CANCELLED)
    in_it = Q(person=F("appointment__patient")) | Q(person=call.agent_id)
    of_visit = AdvanceConsent.objects.filter(in_it, appointment__in=booked)
    of_visit = of_visit.annotate(order=Value(2))
    always = StandingConsent.objects.filter(person=call.agent_id).annotate(
        granted=Value(True), order=Value(1)
    )
    columns = ("order", "person_id", "granted", "text_version", "language")
    rows = of_visit.values_list(*columns).union(always.values_list(*columns))
    # The standing word first, a yes before a no: the last one is the one that counts.
    in_order = sorted(rows, key=lambda row: (row[0], not row[2]))
    return {
        person: Word(bool(granted), version, language)
        for _order, person, granted, version, language in in_order
    }


def _due() -> QuerySet[CallSession]:
    planned = Appointment.objects.filter(
        Q(recording_policy=RecordingPolicy.BOOKING)
        | Q(recording_policy="", service__recording_policy=RecordingPolicy.BOOKING),
        call=OuterRef("pk"),
        state=AppointmentState.BOOKED,
    )
    recorded = Recording.objects.filter(call=OuterRef("pk"))
    refused = AdvanceConsent.objects.filter(
        appointment__call=OuterRef("pk"), appointment__state=AppointmentState.BOOKED, granted=False
    )
    # What will never begin is left out here: else enough of it would keep others from their turn.
    live = CallSession.objects.filter(state=CallState.LIVE).order_by("live_at")
    return live.filter(Exists(planned), ~Exists(recorded), ~Exists(refused))


def _ask(call: CallSession, people: Iterable[Participant], said: dict[UUID, Word]) -> None:
    text = ConsentText.current("en")
    asked = consent.begin_asking(call, by=None, text_version=text.version)
    for person in people:
        word = said.get(person.user_id) if person.user_id else None
        if word is None:
            consent.await_answer(asked, person)
        else:
            consent.give(call, asked, person, word.text_version, language=word.language)
    consent.queue_if_agreed(call, asked)


def _note_once(call: CallSession, reason: str) -> None:
    """That a planned recording could not begin, and why: for those who ask later."""
    noted = AuditEntry.objects.filter(action="recording.plan", target=str(call.pk))
    if not noted.exists():
        record(
            "recording.plan",
            actor="",
            target_type="callsession",
            target=call.pk,
            allowed=False,
            reason=reason,
        )
