"""Who may do what. Loading an object is authorising it: views and consumers fetch through here."""

from typing import TypeVar
from uuid import UUID

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.http import Http404

from accounts.models import Role, User
from audit.log import record
from calls.models import (
    Alert,
    Appointment,
    Attachment,
    CallSession,
    Handling,
    Invitation,
    Participant,
    ParticipantRole,
    Queue,
    QueueEntry,
    Recording,
    Service,
)
from calls.models.service import RecordingPolicy, RecordingQuality
from calls.states import ParticipantState, RecordingState

M = TypeVar("M", bound=Model)

# What each role of a call may ask for, beside entering, writing and leaving.
COMMANDS = {
    ParticipantRole.AGENT: ("admit", "remove", "hold", "end", "record"),
    ParticipantRole.PATIENT: (),
    ParticipantRole.GUEST: (),
    ParticipantRole.RECORDER: (),
    ParticipantRole.SUPERVISOR: ("supervise",),
}
NOT_YOURS = "Your part in this visit does not allow that."


def appointments_for(user: User) -> QuerySet[Appointment]:
    """Those that `user` takes part in; administrators see all of them in the administration."""
    return Appointment.objects.filter(_part_of(user)).select_related(
        "service", "patient", "dependant", "agent", "call"
    )


def appointments_to_change_for(user: User) -> QuerySet[Appointment]:
    """Those that `user` may move, call off or book a follow-up of: their own, as staff also those
    that they have booked, and all for supervisors and administrators, who answer for the house."""
    rows = Appointment.objects.select_related("service", "patient", "dependant", "agent", "call")
    if user.role in (Role.SUPERVISOR, Role.ADMINISTRATOR):
        return rows
    if user.is_agent:
        return rows.filter(_part_of(user) | Q(booked_by=user))
    return appointments_for(user)


def attachments_for(user: User) -> QuerySet[Attachment]:
    """Files of visits that `user` takes part in."""
    visits = Appointment.objects.filter(_part_of(user))
    return Attachment.objects.filter(appointment__in=visits).select_related("appointment")


def agents_to_plan_for(user: User) -> QuerySet[User]:
    """Whose hours `user` may change: agents their own, administrators everybody's."""
    agents = User.objects.agents()
    return agents if user.role == Role.ADMINISTRATOR else agents.filter(pk=user.pk)


def patients_for(user: User) -> QuerySet[User]:
    """The patients whom `user` may book for: staff, all who have an account."""
    patients = User.objects.filter(role=Role.PATIENT, is_active=True)
    return patients if user.is_agent or user.role == Role.ADMINISTRATOR else patients.none()


def invitations_for(user: User) -> QuerySet[Invitation]:
    """Those to visits of `user` that they may withdraw: their own, and all of them as agent."""
    visits = Appointment.objects.filter(_part_of(user), call=OuterRef("call"))
    rows = Invitation.objects.filter(Exists(visits)).select_related("guest", "call")
    mine = Q(created_by=user)
    return rows.filter(mine | Q(call__agent=user) if user.is_agent else mine)


def entries_for(user: User) -> QuerySet[QueueEntry]:
    """Contacts that `user` may read at the desk: agents those of their queues and those that they
    had themselves, supervisors and administrators all of them."""
    rows = QueueEntry.objects.select_related("queue", "call", "person", "agent")
    if user.role in (Role.SUPERVISOR, Role.ADMINISTRATOR):
        return rows
    if not user.is_agent:
        return rows.none()
    had = Handling.objects.filter(entry=OuterRef("pk"), agent=user)
    mine = Queue.agents.through.objects.filter(queue=OuterRef("queue"), user=user)
    return rows.filter(Exists(had) | Exists(mine))


def handlings_for(user: User) -> QuerySet[Handling]:
    """Parts in contacts that `user` may write about: their own, as an agent."""
    rows = Handling.objects.select_related("entry__queue", "entry__call", "code")
    return rows.filter(agent=user) if user.is_agent else rows.none()


def contacts_for(user: User) -> QuerySet[QueueEntry]:
    """The user's own places in queues, whatever became of them."""
    return QueueEntry.objects.filter(person=user).select_related("queue", "person")


def calls_for(user: User) -> QuerySet[CallSession]:
    """Calls whose page and socket `user` may open."""
    places = _places(user).exclude(state=ParticipantState.REMOVED)
    return CallSession.objects.filter(Exists(places.filter(call=OuterRef("pk")))).with_people()


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
    ).select_related("call__service", "call__agent")
    started = started.prefetch_related(
        "call__appointments__patient", "call__appointments__dependant"
    )
    if user.role in (Role.SUPERVISOR, Role.ADMINISTRATOR):
        return started
    # Who booked a place in a group and never came has no part in what was said there.
    came = Q(admitted_at__isnull=False) | Q(call__capacity=1)
    places = _places(user).exclude(role=ParticipantRole.GUEST).filter(came)
    return started.filter(Exists(places.filter(call=OuterRef("call"))))


def recordings_to_keep_for(user: User) -> QuerySet[Recording]:
    """Recordings that `user` may hold, delete and agree to delete: administrators, all of them.

    Supervisors play recordings; what is kept is decided by those who answer for the house.
    """
    rows = Recording.objects.all()
    return rows if user.role == Role.ADMINISTRATOR else rows.none()


def flights_for(user: User) -> QuerySet[CallSession]:
    """Calls whose flight recorder `user` may read: agents their own, supervisors all of them."""
    calls = CallSession.objects.all().with_people()
    if user.role in (Role.SUPERVISOR, Role.ADMINISTRATOR):
        return calls
    return calls.filter(agent=user) if user.is_agent else calls.none()


def may_read_flight(user: User, call: CallSession) -> bool:
    """Whether `call` is one of flights_for(user)."""
    if user.role in (Role.SUPERVISOR, Role.ADMINISTRATOR):
        return True
    return user.is_agent and call.agent_id == user.pk


def may_supervise(user: User) -> bool:
    """Whether `user` sees the whole desk and steers it: supervisors and administrators."""
    return user.role in (Role.SUPERVISOR, Role.ADMINISTRATOR)


def contacts_of(user: User) -> QuerySet[QueueEntry]:
    """Contacts in which `user` is the person who came."""
    return QueueEntry.objects.filter(person=user).select_related("queue", "agent")


def contacts_to_supervise_for(user: User) -> QuerySet[QueueEntry]:
    """Contacts that `user` may look at and move: all of them for who supervises."""
    rows = QueueEntry.objects.select_related("queue", "agent", "reserved_for")
    return rows if may_supervise(user) else rows.none()


def agents_to_supervise_for(user: User) -> QuerySet[User]:
    """Agents with a place at the desk whose state `user` may force: all for who supervises."""
    rows = User.objects.agents().filter(desk__isnull=False).select_related("desk")
    return rows if may_supervise(user) else rows.none()


def alerts_for(user: User) -> QuerySet[Alert]:
    """Alerts that `user` may look after: all of them for who supervises."""
    rows = Alert.objects.all()
    return rows if may_supervise(user) else rows.none()


def agents_to_report_for(user: User) -> QuerySet[User]:
    """Agents whose figures `user` may read: their own, all of them for who supervises."""
    agents = User.objects.filter(role__in=(Role.AGENT, Role.SUPERVISOR))
    if may_supervise(user):
        return agents
    return agents.filter(pk=user.pk) if user.is_agent else agents.none()


def _part_of(user: User) -> Q:
    """Appointments of `user`; as their agent only while the account still has an agent's role."""
    mine = Q(patient=user)
    return mine | Q(agent=user) if user.is_agent else mine


def _places(user: User) -> QuerySet[Participant]:
    """The user's places in calls; as an agent or a supervisor only while the account still has such
    a role."""
    places = Participant.objects.filter(user=user)
    if user.role not in (Role.SUPERVISOR, Role.ADMINISTRATOR):
        places = places.exclude(role=ParticipantRole.SUPERVISOR)
    return places if user.is_agent else places.exclude(role=ParticipantRole.AGENT)


def get_or_404(rows: QuerySet[M], pk: UUID | int, *, user: User, action: str) -> M:
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
    service: Service | None = call.service
    return RecordingQuality(service.recording_quality) if service else RecordingQuality.SMALL


def deletion_needs_two(call: CallSession) -> bool:
    """Whether the service wants two administrators to agree before a recording is deleted."""
    service: Service | None = call.service
    return service is not None and service.deletion_needs_two


def is_planned(call: CallSession) -> bool:
    """Whether the visit is to be recorded by plan, once everybody agrees."""
    policy = call.service.recording_policy if call.service else RecordingPolicy.ASK
    booked = [visit.recording_policy or policy for visit in call.booked]
    return RecordingPolicy.BOOKING in booked


def may_record(call: CallSession) -> bool:
    """Whether the service's policy allows a recording of this call."""
    service: Service | None = call.service
    if service is None:
        return False
    # The strictest word of those who booked it counts.
    return RecordingPolicy.NEVER not in {
        service.recording_policy,
        *(visit.recording_policy for visit in call.booked if visit.recording_policy),
    }
