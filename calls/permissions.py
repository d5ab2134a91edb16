"""Who may do what. Loading an object is authorising it: views and consumers fetch through here."""

from typing import TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.http import Http404

from accounts.models import Role, User
from audit.log import record
from calls.models import Appointment, CallSession, Participant, ParticipantRole, Recording, Service
from calls.models.service import RecordingPolicy, RecordingQuality
from calls.states import ParticipantState, RecordingState

M = TypeVar("M", bound=Model)

# What each role of a call may ask for, beside entering, writing and leaving.
COMMANDS = {
    ParticipantRole.AGENT: ("admit", "remove", "end", "record"),
    ParticipantRole.PATIENT: (),
    ParticipantRole.RECORDER: (),
}
NOT_YOURS = "Your part in this visit does not allow that."


def appointments_for(user: User) -> QuerySet[Appointment]:
    """Those that `user` takes part in; administrators see all of them in the administration."""
    return Appointment.objects.filter(_part_of(user)).select_related(
        "service", "patient", "agent", "call"
    )


def calls_for(user: User) -> QuerySet[CallSession]:
    """Calls whose page and socket `user` may open."""
    # In one `exclude` over both fields, anybody's removal would shut the call for everybody.
    removed_from = Participant.objects.filter(user=user, state=ParticipantState.REMOVED)
    return (
        CallSession.objects.filter(_part_of(user, "appointment__"))
        .exclude(pk__in=removed_from.values("call"))
        .select_related("appointment__service", "appointment__patient", "appointment__agent")
    )


def recordings_for(user: User) -> QuerySet[Recording]:
    """Recordings that `user` may find and play: of their own calls, and all for supervisors."""
    started = Recording.objects.filter(
        state__in=(
            RecordingState.STOPPING,
            RecordingState.FINALISING,
            RecordingState.READY,
            RecordingState.FAILED,
            RecordingState.ERASED,
        ),
        started_at__isnull=False,
    ).select_related(
        "call__appointment__service", "call__appointment__patient", "call__appointment__agent"
    )
    if user.role in (Role.SUPERVISOR, Role.ADMINISTRATOR):
        return started
    return started.filter(_part_of(user, "call__appointment__"))


def recordings_to_keep_for(user: User) -> QuerySet[Recording]:
    """Recordings that `user` may hold, delete and agree to delete: administrators, all of them.

    Supervisors play recordings; what is kept is decided by those who answer for the house.
    """
    rows = Recording.objects.all()
    return rows if user.role == Role.ADMINISTRATOR else rows.none()


def flights_for(user: User) -> QuerySet[CallSession]:
    """Calls whose flight recorder `user` may read: agents their own, supervisors all of them."""
    calls = CallSession.objects.select_related(
        "appointment__service", "appointment__patient", "appointment__agent"
    )
    if user.role in (Role.SUPERVISOR, Role.ADMINISTRATOR):
        return calls
    return calls.filter(appointment__agent=user) if user.is_agent else calls.none()


def _part_of(user: User, path: str = "") -> Q:
    """Appointments of `user`; as their agent only while the account still has an agent's role."""
    mine = Q(**{f"{path}patient": user})
    return mine | Q(**{f"{path}agent": user}) if user.is_agent else mine


def get_or_404(rows: QuerySet[M], pk: UUID, *, user: User, action: str) -> M:
    """The row `pk` of `rows`, which hold only what `user` may see.

    Raises Http404 otherwise, the same for one that does not exist; the attempt is audited.
    """
    found = rows.filter(pk=pk).first()
    if found is None:
        record(
            action,
            actor=user.pk,
            target_type=rows.model._meta.model_name or "",
            target=pk,
            allowed=False,
        )
        raise Http404
    return found


def may(participant: Participant, command: str) -> bool:
    """Whether the participant's role in the call covers `command` (see COMMANDS)."""
    return command in COMMANDS[ParticipantRole(participant.role)]


def recording_quality(call: CallSession) -> RecordingQuality:
    """What each browser is to send to the recorder, by the service's policy."""
    service: Service | None = call.appointment.service if call.appointment else None
    return RecordingQuality(service.recording_quality) if service else RecordingQuality.SMALL


def deletion_needs_two(call: CallSession) -> bool:
    """Whether the service wants two administrators to agree before a recording is deleted."""
    service: Service | None = call.appointment.service if call.appointment else None
    return service is not None and service.deletion_needs_two


def may_record(call: CallSession) -> bool:
    """Whether the service's policy allows a recording of this call."""
    service: Service | None = call.appointment.service if call.appointment else None
    return service is not None and service.recording_policy != RecordingPolicy.NEVER
