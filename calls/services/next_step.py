"""The one next step that a patient's own visits and conversations suggest; others' are not read."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import Role, User
from calls.desk.follow_up import Rhythm, is_due, rhythm_of
from calls.desk.states import IN_LINE, AgentState, EntryKind
from calls.models import Appointment, DeskAgent, Handling, NotNow, Queue, Service
from calls.services.desk.fronts import Front
from calls.services.desk.opening import opening
from calls.states import AppointmentState

PUT_ASIDE_FOR = timedelta(days=30)
# So long an agent is said to know somebody.
KNOWN_FOR = timedelta(days=180)
MOST_LOOKED_AT = 50
# Older visits say less of what is usual now.
MOST_OF_A_RHYTHM = 5


@dataclass(frozen=True)
class NextStep:
    """`last`: the visit because of which it is suggested, or the part that an agent had in a
    conversation. With a `rhythm` it is time for the visit's service again; else its agent is known,
    who is at the desk of `queue` now, if given, or can be booked for the service of the visit.
    `agent`: who can be booked for it; None for whoever is free."""

    last: Appointment | Handling
    rhythm: Rhythm | None = None
    queue: Queue | None = None
    agent: User | None = None


def next_step_of(
    person: User, *, fronts: Sequence[Front] | None = None, may_talk: bool = True
) -> NextStep | None:
    """None for guests, staff, who has put it aside, and where the visits say nothing.

    Takes one query, and one where no visit suggests a desk; one more with the `fronts` that the
    caller has read, three without them, where a known agent is at the desk.
    """
    if person.role != Role.PATIENT:
        return None
    now = timezone.now()
    visits = _visits(person, now)
    booked = [visit for visit in visits if visit.state == AppointmentState.BOOKED]
    past = [visit for visit in visits if visit.state == AppointmentState.COMPLETED]
    due = _due(past, now, booked={visit.service_id for visit in booked})
    if due or booked:
        return due
    last = past[0] if past and past[0].starts_at >= now - KNOWN_FOR else None
    if may_talk and (step := _at_the_desk(person, last, now, fronts)):
        return step
    agent = _bookable(last) if last else None
    return NextStep(last, agent=agent) if last and agent and last.service.is_active else None


def _at_the_desk(
    person: User, visit: Appointment | None, now: datetime, fronts: Sequence[Front] | None
) -> NextStep | None:
    """Who can be talked to now: the agent of the last visit, or of the last conversation."""
    if visit and visit.is_there and (queue := _queue_of(visit.agent, now, fronts)):  # type: ignore[attr-defined]
        return NextStep(visit, queue=queue)
    talk = _last_talk(person, now)
    if talk and (queue := _queue_of(talk.agent, now, fronts)):
        return NextStep(talk, queue=queue)
    return None


def _last_talk(person: User, now: datetime) -> Handling | None:
    """The last conversation with an agent who is at the desk now. Letters are none, and who only
    gave advice to a colleague has not spoken with them."""
    aside = NotNow.objects.filter(person=person, at__gt=now - PUT_ASIDE_FOR)
    at_desk = DeskAgent.objects.filter(user=OuterRef("agent"), state=AgentState.AVAILABLE)
    rows = Handling.objects.filter(
        Exists(at_desk),
        ~Exists(aside),
        entry__person=person,
        is_consult=False,
        talked_until__gte=now - KNOWN_FOR,
    ).exclude(entry__kind=EntryKind.MESSAGE)
    return rows.select_related("agent").order_by("-talked_until").first()


def put_aside(person: User) -> None:
    NotNow.objects.update_or_create(person=person, defaults={"at": timezone.now()})


def _visits(person: User, now: datetime) -> list[Appointment]:
    """What took place for the person themselves, and what is booked, the latest first; nothing
    while they have put the step aside."""
    offered = Service.agents.through.objects.filter(
        service=OuterRef("service"), user__in=User.objects.agents()
    )
    at_desk = DeskAgent.objects.filter(user=OuterRef("agent"), state=AgentState.AVAILABLE)
    aside = NotNow.objects.filter(person=person, at__gt=now - PUT_ASIDE_FOR)
    took_place = Q(state=AppointmentState.COMPLETED, dependant__isnull=True)
    rows = Appointment.objects.filter(
        took_place | Q(state=AppointmentState.BOOKED, ends_at__gte=now),
        ~Exists(aside),
        patient=person,
    ).annotate(
        is_offered=Exists(offered),
        is_bookable=Exists(offered.filter(user=OuterRef("agent"))),
        is_there=Exists(at_desk),
    )
    return list(rows.select_related("service", "agent").order_by("-starts_at")[:MOST_LOOKED_AT])


def _due(past: Sequence[Appointment], now: datetime, *, booked: set[UUID]) -> NextStep | None:
    """The service that was used last, of those whose time has come."""
    by_service: dict[UUID, list[Appointment]] = defaultdict(list)
    for visit in past:
        by_service[visit.service_id].append(visit)
    for service, mine in by_service.items():
        rhythm = rhythm_of([visit.starts_at for visit in mine[:MOST_OF_A_RHYTHM]])
        last = mine[0]
        can_be = last.service.is_active and last.is_offered and service not in booked  # type: ignore[attr-defined]
        if can_be and rhythm and is_due(rhythm, now):
            return NextStep(last, rhythm=rhythm, agent=_bookable(last))
    return None


def _bookable(visit: Appointment) -> User | None:
    return visit.agent if visit.is_bookable else None  # type: ignore[attr-defined]


def _queue_of(agent: User, now: datetime, fronts: Sequence[Front] | None) -> Queue | None:
    """A public queue of the agent's that takes people now."""
    if fronts is not None:
        taking = {front.queue.pk: front.queue for front in fronts if front.takes_people}
        members = Queue.agents.through.objects.filter(user=agent, queue__in=taking)
        mine = set(members.values_list("queue_id", flat=True))
        return next((queue for pk, queue in taking.items() if pk in mine), None)
    live = Q(entries__state__in=IN_LINE, entries__kind=EntryKind.LIVE)
    queues = Queue.objects.filter(agents=agent, is_active=True, is_public=True)
    for queue in queues.annotate(live=Count("entries", filter=live)).prefetch_related(
        "hours", "days"
    ):
        is_full = queue.most_waiting is not None and queue.live >= queue.most_waiting
        if not is_full and opening(queue, now).is_open:
            return queue
    return None
