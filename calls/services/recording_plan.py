"""What is planned about the recording of a visit, what came of it, and why not."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from calls.models import Appointment, Recording, RecordingPolicy
from calls.permissions import recordings_for
from calls.services.reasons import in_words
from calls.services.scheduled_recording import Word, said_ahead
from calls.states import AppointmentState, RecordingState

_HAPPENED: dict[str, str | Promise] = {
    RecordingState.ASKING: _("Somebody still has to agree."),
    RecordingState.QUEUED: _("Everybody agreed; the recorder is on its way."),
    RecordingState.RECORDING: _("It is being recorded now."),
    RecordingState.STOPPING: _("It was recorded."),
    RecordingState.FINALISING: _("It was recorded and is being prepared."),
    RecordingState.READY: _("It was recorded."),
    RecordingState.REFUSED: _("It was not recorded."),
    RecordingState.FAILED: _("It could not be recorded."),
    RecordingState.ERASED: _("It was recorded and has been erased."),
}


@dataclass(frozen=True)
class Plan:
    """`sentences` tell plan and outcome in order; `mine` is what the viewer said before the visit,
    None if nothing; `may_answer` whether that may still be said or changed; `recording` is the
    newest one that the viewer may open."""

    sentences: list[str | Promise]
    recording: Recording | None
    mine: bool | None = None
    may_answer: bool = False


def plan_of(appointment: Appointment, viewer: User) -> Plan:
    """The plan as `viewer`, one of its two people, sees it. Takes two queries at most."""
    policy = appointment.effective_policy
    recordings, newest = _recordings(appointment, viewer)
    if policy == RecordingPolicy.NEVER:
        return Plan([_("These visits are never recorded.")], newest)
    booked = appointment.state == AppointmentState.BOOKED
    if policy == RecordingPolicy.ASK:
        return Plan(_outcome(recordings, booked, _only_if_all()), newest)
    said = said_ahead(appointment.call)
    mine = said.get(viewer.pk)
    before = _planned(appointment, viewer, said)
    return Plan(
        _outcome(recordings, booked, before),
        newest,
        mine=mine.granted if mine else None,
        may_answer=booked and not recordings,
    )


def _recordings(appointment: Appointment, viewer: User) -> tuple[list[Recording], Recording | None]:
    """All of the visit in their order, and the newest of those that `viewer` may open."""
    openable = recordings_for(viewer).filter(pk=OuterRef("pk"))
    rows = appointment.call.recordings.annotate(is_openable=Exists(openable))
    found: list[Recording] = []
    newest: Recording | None = None
    for recording in rows.order_by("started_at", "asked_at").defer("wrapped_key"):
        found.append(recording)
        if recording.is_openable:
            newest = recording
    found.sort(key=lambda one: one.asked_at)
    return found, newest


def _only_if_all() -> list[str | Promise]:
    return [_("Only if everybody agrees in the visit.")]


def _planned(appointment: Appointment, viewer: User, said: dict[UUID, Word]) -> list[str | Promise]:
    """Who agreed before the visit, and what follows from it; who of a group said what stays
    between them and the house."""
    is_agent = viewer.pk == appointment.agent_id
    other = appointment.patient if is_agent else appointment.agent
    is_group = appointment.call.capacity > 1
    missing = 1 + appointment.call.seats_taken - len(said)
    if any(not word.granted for word in said.values()):
        if viewer.pk in said and not said[viewer.pk].granted:
            return [_("It is not recorded, because you said no.")]
        if is_group:
            return [_("It is not recorded, because somebody said no.")]
        return [_("It is not recorded, because %(name)s said no.") % {"name": other.display_name}]
    if viewer.pk not in said:
        return [
            _("It is planned to be recorded, if you agree. You can say so now or in the visit.")
        ]
    if missing <= 0:
        return [_("Everybody agreed. The recording starts by itself when the visit begins.")]
    if is_group:
        return [_("It is planned to be recorded. Others are still asked in the visit.")]
    return [
        _("It is planned to be recorded. %(name)s is still asked in the visit.")
        % {"name": other.display_name}
    ]


def _outcome(
    recordings: list[Recording], booked: bool, before: list[str | Promise]
) -> list[str | Promise]:
    """What came of it in place of what was planned, once there is anything."""
    if not recordings:
        return before if booked else [*before, _("Not recorded.")]
    sentences: list[str | Promise] = []
    for recording in recordings:
        sentences.append(_HAPPENED[recording.state])
        if recording.reason not in ("", "ended"):
            sentences.append(in_words(recording.reason))
    return sentences
